using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>Where migrations with actions can be run.</summary>
public enum YamlPlaceKind
{
    /// <summary>Straight on a database that a server of version 1 had prepared.</summary>
    Version1,

    /// <summary>Straight on a database that a server of version 2 had prepared.</summary>
    Version2,

    /// <summary>Straight on a database that no server has seen.</summary>
    Bare,

    /// <summary>Through a server of version 1.</summary>
    Server,
}

/// <summary>A place for migrations with actions, with a database of its own.</summary>
internal sealed class YamlPlace : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly TestServerHost? _host;

    private YamlPlace(TestDatabase database, TestServerHost? host, bool isBare)
    {
        _database = database;
        _host = host;
        Metadata = host is null ? database.Target(configVersion: 1) : new ServerMetadataTarget(new HasuraServerConnection(host.Endpoint.AbsoluteUri));
        Options = new RunOptions { NoReload = true, CreateStateStore = isBare };
    }

    /// <summary>The metadata of the place.</summary>
    public IMetadataTarget Metadata { get; }

    /// <summary>How runs go there.</summary>
    public RunOptions Options { get; }

    public static async Task<YamlPlace> OpenAsync(PostgresServer server, YamlPlaceKind kind)
    {
        var database = await server.CreateDatabaseAsync();
        if (kind == YamlPlaceKind.Bare)
        {
            await database.ExecuteAsync("CREATE EXTENSION pgcrypto");
            return new YamlPlace(database, null, isBare: true);
        }

        var host = await database.ServeAsync(kind == YamlPlaceKind.Version2 ? HasuraApi.V2 : HasuraApi.V1);
        if (kind == YamlPlaceKind.Version2)
        {
            await database.ExecuteAsync("CREATE EXTENSION IF NOT EXISTS pgcrypto");
        }

        if (kind == YamlPlaceKind.Server)
        {
            return new YamlPlace(database, host, isBare: false);
        }

        await host.DisposeAsync();
        await database.ExecuteAsync("CREATE TABLE hdb_catalog.schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)");
        return new YamlPlace(database, null, isBare: false);
    }

    /// <summary>A target for migrations.</summary>
    public IMigrationTarget Open() => _host is null
        ? new PostgresMigrationTarget(PostgresConnectionString.Read(_database.ConnectionString), null, "default", 1)
        : new ServerMigrationTarget(new HasuraServerConnection(_host.Endpoint.AbsoluteUri), "default", 1);

    public async ValueTask DisposeAsync()
    {
        await Metadata.DisposeAsync();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await _database.DisposeAsync();
    }
}
