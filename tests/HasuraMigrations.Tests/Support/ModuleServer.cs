using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Tests.Support;
using Npgsql;

[assembly: AssemblyFixture(typeof(ModuleServer))]

namespace HasuraMigrations.Tests.Support;

/// <summary>
/// The PostgreSQL server of these tests: <c>HASURA_TEST_POSTGRES</c>, else a sandbox that the module itself starts. Without
/// one a test is skipped, or fails where <c>HASURA_TEST_REQUIRE_POSTGRES</c> is 1.
/// </summary>
public sealed class ModuleServer : IAsyncLifetime
{
    private readonly Lazy<string> _connectionString;
    private readonly Lazy<ModuleDatabase> _empty;
    private HostedShell? _shell;

    public ModuleServer()
    {
        _connectionString = new Lazy<string>(Open, LazyThreadSafetyMode.ExecutionAndPublication);
        // As in PostgresServer of the engine's tests: a copy has what the first session writes.
        _empty = new Lazy<ModuleDatabase>(
            () =>
            {
                var database = Copy("template0");
                // Without a pool, which would keep a session that keeps the database from being copied.
                ModuleDatabase.Open(database.ConnectionString).Dispose();
                return database;
            },
            LazyThreadSafetyMode.ExecutionAndPublication);
    }

    /// <summary>Keyword connection string of the superuser.</summary>
    public string ConnectionString
    {
        get
        {
            try
            {
                return _connectionString.Value;
            }
            catch (ServerMissingException e)
            {
                Assert.SkipWhen(Environment.GetEnvironmentVariable("HASURA_TEST_REQUIRE_POSTGRES") != "1", e.Message);
                throw;
            }
        }
    }

    /// <summary>Skips a test that starts a PostgreSQL server of its own where there is none.</summary>
    public void Require() => _ = ConnectionString;

    /// <summary>Major version of the server.</summary>
    public int MajorVersion
    {
        get
        {
            using var connection = ModuleDatabase.Open(ConnectionString, pooled: true);
            return connection.PostgreSqlVersion.Major;
        }
    }

    /// <summary>Creates a database for one test.</summary>
    /// <param name="template">The database to copy, which nobody may be connected to; null for an empty one.</param>
    public ModuleDatabase CreateDatabase(string? template = null) => Copy(template ?? _empty.Value.Name);

    private ModuleDatabase Copy(string template)
    {
        var name = $"module_{Guid.NewGuid():N}";
        using var connection = ModuleDatabase.Open(ConnectionString, pooled: true);
        // Without fsync, copying files takes a quarter of the time that the log of every page does.
        using var command = new NpgsqlCommand($"CREATE DATABASE {name} TEMPLATE {template} {(connection.PostgreSqlVersion.Major >= 15 ? "STRATEGY file_copy" : "")}", connection);
        command.ExecuteNonQuery();
        return new ModuleDatabase(ConnectionString, name);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        if (_empty.IsValueCreated)
        {
            _empty.Value.Dispose();
        }

        if (_shell is not null)
        {
            _shell.Run("Stop-HasuraSandbox");
            _shell.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private string Open()
    {
        if (Environment.GetEnvironmentVariable("HASURA_TEST_POSTGRES") is { Length: > 0 } given)
        {
            return given.Contains("://", StringComparison.Ordinal) ? FromUrl(given) : given;
        }

        _shell = new HostedShell();
        var run = _shell.Run("(Start-HasuraSandbox -AllowDownload).RevealConnectionString()");
        if (run.ErrorId is "PostgresNotFound" or "SandboxDownloadFailed")
        {
            throw new ServerMissingException(run.Errors[0].ToString());
        }

        var connectionString = (string)run.Well().Output[0].BaseObject;
        QuickPassword.SetAsync(connectionString).GetAwaiter().GetResult();
        return connectionString;
    }

    private static string FromUrl(string text)
    {
        var url = new Uri(text);
        var user = url.UserInfo.Split(':', 2);
        return new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port > 0 ? url.Port : 5432,
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Database = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/')),
        }.ConnectionString;
    }

    private sealed class ServerMissingException(string message) : Exception(message);
}

/// <summary>A database of one test; dropped at its end.</summary>
public sealed class ModuleDatabase(string server, string name) : IDisposable
{
    public string Name { get; } = name;

    /// <summary>Keyword connection string of the superuser.</summary>
    public string ConnectionString { get; } = Change(server, b => b.Database = name);

    public static string Change(string connectionString, Action<NpgsqlConnectionStringBuilder> change)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        change(builder);
        return builder.ConnectionString;
    }

    /// <summary>This database's connection string with something changed.</summary>
    public string With(Action<NpgsqlConnectionStringBuilder> change) => Change(ConnectionString, change);

    /// <summary>Runs statements in a session that is kept for the next ones.</summary>
    public void Execute(string sql) => Execute(ConnectionString, sql, pooled: true);

    /// <summary>First column of the first row, as text.</summary>
    public string? Scalar(string sql)
    {
        using var connection = Open(ConnectionString, pooled: true);
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar()?.ToString();
    }

    /// <summary>Names of the tables in schema public, in order.</summary>
    public string Tables() => Scalar("SELECT coalesce(string_agg(tablename, ',' ORDER BY tablename), '') FROM pg_tables WHERE schemaname = 'public'")!;

    /// <summary>Everything there is outside of the system schemas, so that "nothing was written" can be proved.</summary>
    public string Objects() => Scalar("""
        SELECT coalesce(string_agg(n.nspname || '.' || coalesce(c.relname, ''), ',' ORDER BY 1), '')
        FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid
        WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
        """)!;

    public void Dispose()
    {
        using (var kept = new NpgsqlConnection(Address(ConnectionString, pooled: true)))
        {
            NpgsqlConnection.ClearPool(kept);
        }

        using var connection = Open(server, pooled: true);
        using var command = new NpgsqlCommand($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)", connection);
        command.ExecuteNonQuery();
    }

    public static void Execute(string connectionString, string sql) => Execute(connectionString, sql, pooled: false);

    private static void Execute(string connectionString, string sql, bool pooled)
    {
        using var connection = Open(connectionString, pooled);
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    // A session costs as much as a dozen queries.
    internal static NpgsqlConnection Open(string connectionString, bool pooled = false)
    {
        var connection = new NpgsqlConnection(Address(connectionString, pooled));
        connection.Open();
        return connection;
    }

    // What the driver would ask of the types of each new database takes as long as the session itself.
    private static string Address(string connectionString, bool pooled) =>
        Change(connectionString, b => (b.Pooling, b["Server Compatibility Mode"]) = (pooled, "NoTypeLoading"));
}
