using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>A database, a server over it, and a target that speaks to the server.</summary>
internal sealed class Place : IAsyncDisposable
{
    private readonly TestDatabase? _metadata;

    private Place(TestDatabase database, TestDatabase? metadata, TestServerHost host)
    {
        (Database, _metadata, Host) = (database, metadata, host);
        Client = new HasuraClient(new HasuraServerConnection(host.Endpoint.AbsoluteUri));
        Target = new ServerMetadataTarget(Client);
    }

    public TestDatabase Database { get; }

    public TestServerHost Host { get; }

    public HasuraClient Client { get; }

    public ServerMetadataTarget Target { get; }

    public static async Task<Place> OpenAsync(PostgresServer server, HasuraApi api, bool withTable = true, bool hasMetadata = false)
    {
        var database = await server.CreateDatabaseAsync();
        if (withTable)
        {
            await database.ExecuteAsync("CREATE TABLE t (id int)");
        }

        if (!hasMetadata)
        {
            return new Place(database, null, await database.ServeAsync(api));
        }

        var metadata = await server.CreateDatabaseAsync();
        return new Place(database, metadata, await metadata.ServeAsync(api, o => o with { Sources = new Dictionary<string, string> { ["default"] = database.ConnectionString } }));
    }

    /// <summary>Versions in Hasura's record, ascending.</summary>
    public async Task<string> StateAsync(int configVersion) => await (_metadata ?? Database).ScalarAsync<string>(configVersion == 3
        ? "SELECT string_agg(k, ',' ORDER BY k::bigint) FROM hdb_catalog.hdb_version, jsonb_object_keys(cli_state -> 'migrations' -> 'default') k"
        : "SELECT string_agg(version::text, ',' ORDER BY version) FROM hdb_catalog.schema_migrations") ?? "";

    /// <summary>What the log tells, in its order.</summary>
    public async Task<string> LogAsync() =>
        await Database.ScalarAsync<string>("SELECT string_agg(version || ':' || outcome, ',' ORDER BY id) FROM hasura_migrations.log") ?? "";

    /// <summary>Tables of the schema public.</summary>
    public async Task<string> TablesAsync() =>
        await Database.ScalarAsync<string>("SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'") ?? "";

    public async ValueTask DisposeAsync()
    {
        await Target.DisposeAsync();
        Client.Dispose();
        await Host.DisposeAsync();
        await Database.DisposeAsync();
        if (_metadata is not null)
        {
            await _metadata.DisposeAsync();
        }
    }
}
