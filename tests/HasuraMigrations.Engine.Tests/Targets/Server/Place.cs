using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>A database, a server over it, and a target that speaks to the server.</summary>
internal sealed class Place : IAsyncDisposable
{
    private Place(TestDatabase database, TestServerHost host)
    {
        (Database, Host) = (database, host);
        Client = new HasuraClient(new HasuraServerConnection(host.Endpoint.AbsoluteUri));
        Target = new ServerMetadataTarget(Client);
    }

    public TestDatabase Database { get; }

    public TestServerHost Host { get; }

    public HasuraClient Client { get; }

    public ServerMetadataTarget Target { get; }

    public static async Task<Place> OpenAsync(PostgresServer server, HasuraApi api, bool withTable = true)
    {
        var database = await server.CreateDatabaseAsync();
        if (withTable)
        {
            await database.ExecuteAsync("CREATE TABLE t (id int)");
        }

        return new Place(database, await database.ServeAsync(api));
    }

    public async ValueTask DisposeAsync()
    {
        await Target.DisposeAsync();
        Client.Dispose();
        await Host.DisposeAsync();
        await Database.DisposeAsync();
    }
}
