using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.Api;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.TestServer.Sql;
using Npgsql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>Sessions of the sources that a server of version 2 was started with, and of those whose configuration names a database.</summary>
internal sealed class PooledSessions(TestServerOptions options, SqlRunner main) : ISourceSessions, IAsyncDisposable
{
    private readonly Dictionary<string, SqlRunner> _byUrl = [];

    /// <inheritdoc/>
    public async Task<T> UseAsync<T>(string source, JsonNode? configuration, Func<NpgsqlConnection, Task<T>> work)
    {
        try
        {
            await using var session = await RunnerOf(source, configuration).OpenAsync(CancellationToken.None);
            return await work(session);
        }
        catch (Exception e) when (e is NpgsqlException and not PostgresException || e is HasuraMigrationException || e is PostgresException { SqlState: "3D000" or "28P01" or "28000" })
        {
            throw new SourceUnavailableException(e.Message);
        }
    }

    /// <summary>What runs SQL in the database of a source.</summary>
    /// <exception cref="SourceUnavailableException">Nobody knows its database.</exception>
    internal SqlRunner RunnerOf(string source, JsonNode? configuration)
    {
        var url = configuration.Get("connection_info").Get("database_url");
        var text = url.AsText() ?? (url.Get("from_env").AsText() is { } variable ? OfVariable(source, variable) : url.Get("connection_parameters") is JsonObject parts ? Url(parts) : Given(source));
        if (text is null)
        {
            throw new SourceUnavailableException("environment variable not set");
        }

        lock (_byUrl)
        {
            return text == options.Postgres ? main
                : _byUrl.TryGetValue(text, out var runner) ? runner
                : _byUrl[text] = new SqlRunner(PostgresConnectionString.Read(text).RevealConnectionString(), options);
        }
    }

    private string? OfVariable(string source, string variable) =>
        options.Sources.GetValueOrDefault(source) ?? (variable == "HASURA_GRAPHQL_DATABASE_URL" ? options.Postgres : Given(source) ?? options.Variables.GetValueOrDefault(variable) ?? Environment.GetEnvironmentVariable(variable));

    private string? Given(string source) => options.Sources.GetValueOrDefault(source) ?? (source == MetadataDocument.DefaultSource ? options.Postgres : null);

    private static string Url(JsonObject parts)
    {
        string Part(string key) => Uri.EscapeDataString(parts[key]?.ToString() ?? "");
        return $"postgresql://{Part("username")}:{Part("password")}@{Part("host")}:{Part("port")}/{Part("database")}";
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var runner in _byUrl.Values)
        {
            await runner.DisposeAsync();
        }
    }
}
