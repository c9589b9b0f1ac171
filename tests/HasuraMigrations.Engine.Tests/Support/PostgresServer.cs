using System.Collections.Concurrent;
using HasuraMigrations.Engine.Sandbox;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>
/// The PostgreSQL server of a test run, started when the first test asks for it. A test class takes it as a constructor
/// parameter. Where there is no server the test is skipped, or fails if <c>HASURA_TEST_REQUIRE_POSTGRES</c> is 1.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly Lazy<Task<PostgresSource>> _source;
    private readonly ConcurrentDictionary<int, PostgresServer> _others = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _templates = new(StringComparer.Ordinal);
    private readonly bool _optional;

    /// <summary>The server that the environment asks for.</summary>
    public PostgresServer()
        : this(PostgresSource.OpenAsync, optional: Environment.GetEnvironmentVariable("HASURA_TEST_REQUIRE_POSTGRES") != "1")
    {
    }

    private PostgresServer(Func<Task<PostgresSource>> open, bool optional)
    {
        _source = new Lazy<Task<PostgresSource>>(() => Task.Run(open));
        _optional = optional;
    }

    /// <summary>Keyword connection string of the superuser in the server's own database.</summary>
    public async Task<string> ConnectionStringAsync() => (await SourceAsync()).ConnectionString;

    /// <summary>The server's programs, with psql and pg_dump where there are any; null where it is not a sandbox.</summary>
    public async Task<PostgresBinaries?> BinariesAsync() => (await SourceAsync()).Binaries;

    /// <summary>Skips a test where this machine has no pg_dump, as servers from npm have none; never where a server is required.</summary>
    public static async Task NeedsDumpAsync() => Assert.SkipWhen(
        Environment.GetEnvironmentVariable("HASURA_TEST_REQUIRE_POSTGRES") != "1" && await PostgresBinaries.FindClientAsync("pg_dump", 0, TestContext.Current.CancellationToken) is null,
        "There is no pg_dump on this machine.");

    /// <summary>Another server of a major version; a test that asks for one that cannot be had is skipped.</summary>
    public PostgresServer OfVersion(int version) =>
        _others.GetOrAdd(version, v => new PostgresServer(() => PostgresSource.SandboxAsync(v), optional: true));

    /// <summary>A sandbox of its own with other settings, for the caller to dispose.</summary>
    public static PostgresServer WithSettings(IReadOnlyDictionary<string, string> settings) =>
        new(() => PostgresSource.SandboxAsync(null, settings), optional: true);

    /// <summary>A container for the caller to dispose; a test that asks for it is skipped where no Docker engine answers.</summary>
    public static PostgresServer InContainer() =>
        new(() => PostgresSource.ContainerAsync(Environment.GetEnvironmentVariable("HASURA_TEST_POSTGRES_VERSION")), optional: true);

    /// <summary>Creates a database for one test.</summary>
    /// <param name="template">Name of the database to copy; null for an empty one.</param>
    /// <param name="name">Name of the database; null for one of its own.</param>
    public async Task<TestDatabase> CreateDatabaseAsync(string? template = null, string? name = null) =>
        await CopyAsync(template ?? await TemplateAsync("empty", OpenOnceAsync), name);

    private async Task<TestDatabase> CopyAsync(string template, string? name = null)
    {
        name ??= $"test_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(await ConnectionStringAsync());
        await connection.OpenAsync();
        // Without fsync, copying files takes a quarter of the time that the log of every page does, and leaves little to write for the drop.
        var strategy = connection.PostgreSqlVersion.Major >= 15 ? "STRATEGY file_copy" : "";
        await ExecuteAsync(connection, $"CREATE DATABASE {name} TEMPLATE {template} {strategy}");
        return new TestDatabase(this, name, Address(await ConnectionStringAsync(), name));
    }

    /// <summary>Fills a database once for the run, to be copied by <see cref="CreateDatabaseAsync"/>.</summary>
    /// <param name="key">What tells templates apart.</param>
    /// <param name="fill">Fills the database; gets its connection string, and leaves no session open.</param>
    /// <returns>Name of the database.</returns>
    public Task<string> TemplateAsync(string key, Func<string, Task> fill) =>
        _templates.GetOrAdd(key, _ => new Lazy<Task<string>>(() => MakeTemplateAsync(fill))).Value;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var other in _others.Values)
        {
            await other.DisposeAsync();
        }

        if (!_source.IsValueCreated || !_source.Value.IsCompletedSuccessfully)
        {
            return;
        }

        foreach (var template in _templates.Values.Where(t => t.Value.IsCompletedSuccessfully))
        {
            await DropDatabaseAsync(await template.Value);
        }

        if ((await _source.Value).Owner is { } owner)
        {
            await owner.DisposeAsync();
        }
    }

    internal async Task DropDatabaseAsync(string name)
    {
        await using var connection = new NpgsqlConnection(await ConnectionStringAsync());
        await connection.OpenAsync();
        // Servers before 13 have no way to end the sessions of a database along with it.
        string[] statements = connection.PostgreSqlVersion.Major >= 13
            ? [$"DROP DATABASE IF EXISTS {name} WITH (FORCE)"]
            : [$"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'", $"DROP DATABASE IF EXISTS {name}"];
        foreach (var statement in statements)
        {
            await ExecuteAsync(connection, statement);
        }
    }

    private async Task<string> MakeTemplateAsync(Func<string, Task> fill)
    {
        var database = await CopyAsync("template0");
        await fill(database.ConnectionString);
        // A pooled session would keep the database from being copied.
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        NpgsqlConnection.ClearPool(connection);
        await using var own = new NpgsqlConnection(await ConnectionStringAsync());
        await own.OpenAsync();
        await ExecuteAsync(own, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database.Name}'");
        return database.Name;
    }

    // The first session in a database writes what the server remembers of the system catalogs (pg_internal.init), for a third of the time that a session
    // takes to begin. A copy has the file; those of template0 have none, since nobody can connect to it.
    private static async Task OpenOnceAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
    }

    private async Task<PostgresSource> SourceAsync()
    {
        try
        {
            return await _source.Value;
        }
        catch (PostgresUnavailableException exception)
        {
            Assert.SkipWhen(_optional, exception.Message);
            throw;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync();
    }

    // What the driver would ask of the types of each new database takes as long as the session itself.
    private static string Address(string connectionString, string database) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Database = database, ["Server Compatibility Mode"] = "NoTypeLoading" }.ConnectionString;
}
