using HasuraMigrations.Engine.Sandbox;
using Npgsql;
using Testcontainers.PostgreSql;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>A server for tests and how to be rid of it.</summary>
/// <param name="ConnectionString">Keyword connection string of a superuser.</param>
/// <param name="Owner">What runs the server; null where it is not ours.</param>
/// <param name="Binaries">The programs it was made of, where it is a sandbox on this machine.</param>
internal sealed record PostgresSource(string ConnectionString, IAsyncDisposable? Owner, PostgresBinaries? Binaries)
{
    private const string DefaultImageVersion = "18";

    /// <summary>Makes or finds the server that the environment asks for.</summary>
    /// <exception cref="PostgresUnavailableException">There is none.</exception>
    public static async Task<PostgresSource> OpenAsync()
    {
        if (Variable("HASURA_TEST_POSTGRES") is { } given)
        {
            return new PostgresSource(Keywords(given), null, null);
        }

        var version = Variable("HASURA_TEST_POSTGRES_VERSION");
        switch (Variable("HASURA_TEST_POSTGRES_KIND"))
        {
            case "sandbox":
                return await SandboxAsync(version is null ? null : int.Parse(version));
            case "container":
                return await ContainerAsync(version);
            case { } other:
                throw new PostgresUnavailableException($"HASURA_TEST_POSTGRES_KIND is '{other}'; it may be sandbox or container.");
        }

        try
        {
            return await SandboxAsync(version is null ? null : int.Parse(version));
        }
        catch (PostgresUnavailableException sandbox)
        {
            try
            {
                return await ContainerAsync(version);
            }
            catch (PostgresUnavailableException container)
            {
                throw new PostgresUnavailableException($"{sandbox.Message} {container.Message}");
            }
        }
    }

    // Databases of tests do not live long enough to be vacuumed.
    private static readonly Dictionary<string, string> Quiet = new() { ["autovacuum"] = "off", ["shared_buffers"] = "16MB" };

    /// <summary>A sandbox of a major version, downloaded where a version is wanted that the machine lacks.</summary>
    /// <exception cref="PostgresUnavailableException">It cannot be had.</exception>
    public static async Task<PostgresSource> SandboxAsync(int? version, IReadOnlyDictionary<string, string>? settings = null)
    {
        try
        {
            var sandbox = await PostgresSandbox.StartAsync(new SandboxOptions { Version = version, AllowDownload = true, Settings = settings ?? Quiet });
            await QuickPassword.SetAsync(sandbox.ConnectionString);
            return new PostgresSource(sandbox.ConnectionString, sandbox, sandbox.Binaries);
        }
        catch (HasuraMigrationException exception) when (exception.ErrorId is "PostgresNotFound" or "SandboxDownloadFailed" or "SandboxUserMissing")
        {
            throw new PostgresUnavailableException($"{exception.ErrorId}: {exception.Message}");
        }
    }

    /// <summary>A container of a major version.</summary>
    /// <exception cref="PostgresUnavailableException">No Docker engine answers, or it has no such image.</exception>
    public static async Task<PostgresSource> ContainerAsync(string? version)
    {
        try
        {
            var container = new PostgreSqlBuilder($"postgres:{version ?? DefaultImageVersion}").WithCommand("-c", "fsync=off", "-c", "max_connections=200").Build();
            await container.StartAsync();
            return new PostgresSource(container.GetConnectionString(), container, null);
        }
        catch (Exception exception)
        {
            throw new PostgresUnavailableException($"No container either: {exception.Message}");
        }
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string Keywords(string text)
    {
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            return text;
        }

        var url = new Uri(text);
        var user = url.UserInfo.Split(':', 2);
        return new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port > 0 ? url.Port : NpgsqlConnection.DefaultPort,
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Database = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/')),
        }.ConnectionString;
    }
}

/// <summary>No server can be had, and why.</summary>
internal sealed class PostgresUnavailableException(string message) : Exception(message);
