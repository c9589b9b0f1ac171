using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.ApiCases;

/// <summary>The servers of all cases: one for each version, over one database for each line of servers.</summary>
public sealed class ApiCaseServers(PostgresServer postgres) : IAsyncDisposable
{
    private readonly Dictionary<HasuraApi, TestDatabase> _databases = [];

    // The file whose tables are in a database, with nothing added.
    private readonly Dictionary<HasuraApi, string> _clean = [];
    private readonly Dictionary<(string Version, string? Secret), ApiCaseServer> _servers = [];

    /// <summary>The server of a case, with what the case finds; no other case uses it at the same time.</summary>
    internal async Task<ApiCaseServer> PrepareAsync(ApiCase one)
    {
        var file = one.File;
        var server = await OfAsync(file);
        await server.ResetAsync(file, isClean: _clean.Remove(file.Api, out var name) && name == file.Name);
        if (!one.ChangesDatabase)
        {
            _clean[file.Api] = file.Name;
        }

        return server;
    }

    private async Task<ApiCaseServer> OfAsync(ApiCaseFile file)
    {
        if (!_databases.TryGetValue(file.Api, out var database))
        {
            _databases[file.Api] = database = await postgres.EmptyCatalogAsync(file.Api);
        }

        if (!_servers.TryGetValue((file.Server, file.AdminSecret), out var server))
        {
            _servers[(file.Server, file.AdminSecret)] = server = await ApiCaseServer.StartAsync(database, file);
        }

        return server;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync();
        }

        foreach (var database in _databases.Values)
        {
            await database.DisposeAsync();
        }
    }
}

/// <summary>A server, and a session on its database.</summary>
internal sealed class ApiCaseServer(TestServerHost host, NpgsqlConnection session) : IAsyncDisposable
{
    // What the files leave in the database after their own commands, by file.
    private readonly Dictionary<string, string> _documents = [];

    public TestServerHost Host => host;

    internal static async Task<ApiCaseServer> StartAsync(TestDatabase database, ApiCaseFile file)
    {
        // Cases that need a second source have it in the same database.
        var variables = new Dictionary<string, string> { ["SECOND_DATABASE_URL"] = database.ConnectionString };
        var host = await database.ServeAsync(file.Api, o => o with { Version = file.Server, AdminSecret = file.AdminSecret, Variables = variables, KeepsPlans = true });
        return new ApiCaseServer(host, await database.OpenAsync());
    }

    /// <summary>Makes what the cases of a file find, whatever the last case left.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isClean">The database holds what the file makes, and nothing else; only the metadata may be changed.</param>
    internal async Task ResetAsync(ApiCaseFile file, bool isClean)
    {
        if (file.Api == HasuraApi.V1)
        {
            await ExecuteAsync((isClean ? "" : ApiCaseSql.Clean) + ApiCaseSql.CleanRows + (isClean ? "" : file.Database));
            await PrepareAsync(file, file.Metadata);
            return;
        }

        await ExecuteAsync((isClean ? "" : $"{ApiCaseSql.Clean}{ApiCaseSql.CleanDocument}{file.Database};") + $"{ApiCaseSql.Store(_documents.GetValueOrDefault(file.Name, ApiCaseSql.FirstDocument))}");
        if (!_documents.ContainsKey(file.Name))
        {
            await PrepareAsync(file, file.Metadata);
            _documents[file.Name] = (await TextsAsync(ApiCaseSql.Document))[0];
            await ExecuteAsync(ApiCaseSql.Store(_documents[file.Name]));
        }
    }

    /// <summary>Sends commands and runs SQL, all of which has to succeed; commands that follow one another are one bulk.</summary>
    public async Task PrepareAsync(ApiCaseFile file, IEnumerable<JsonNode?> items)
    {
        var bulk = new JsonArray();
        var path = "";
        foreach (var item in items)
        {
            var to = item is JsonObject ? ApiStep.PathOf(file.Api, item) : "";
            if (to != path)
            {
                await SendAsync(path, bulk, file);
                (bulk, path) = ([], to);
            }

            if (item is JsonObject)
            {
                bulk.Add(item.DeepClone());
            }
            else
            {
                await ExecuteAsync(item.AsText()!);
            }
        }

        await SendAsync(path, bulk, file);
    }

    /// <summary>The number of the metadata; null on servers of version 1, which have none.</summary>
    public async Task<string?> ResourceVersionAsync(ApiCaseFile file) =>
        file.Api == HasuraApi.V1 ? null : (await TextsAsync("SELECT resource_version::text FROM hdb_catalog.hdb_metadata"))[0];

    /// <summary>Runs SQL.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of all rows as text.</summary>
    public async Task<List<string>> TextsAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, session) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        var texts = new List<string>();
        while (await reader.ReadAsync())
        {
            texts.Add(reader.IsDBNull(0) ? "NULL" : reader.GetString(0));
        }

        return texts;
    }

    private async Task SendAsync(string path, JsonArray commands, ApiCaseFile file)
    {
        if (commands.Count > 0)
        {
            string[] headers = file.AdminSecret is { } secret ? [$"X-Hasura-Admin-Secret: {secret}"] : [];
            var (status, text) = await host.PostAsync(path, new JsonObject { ["type"] = "bulk", ["args"] = commands }.ToText(), headers);
            Assert.True(status == 200, $"What has to be there before a case of {file.Name} was refused: {text}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await session.DisposeAsync();
        await host.DisposeAsync();
    }
}
