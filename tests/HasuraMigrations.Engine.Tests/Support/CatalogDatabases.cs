using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Databases on which a server was, and commands straight on them.</summary>
internal static class CatalogDatabases
{
    /// <summary>A database with two tables and the catalog of a server, which is gone.</summary>
    public static async Task<TestDatabase> CatalogAsync(this PostgresServer server, HasuraApi api)
    {
        var database = await server.EmptyCatalogAsync(api);
        await database.ExecuteAsync("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a)");
        return database;
    }

    /// <summary>A database with nothing but the catalog of a server, which is gone.</summary>
    public static async Task<TestDatabase> EmptyCatalogAsync(this PostgresServer server, HasuraApi api) =>
        await server.CreateDatabaseAsync(await server.TemplateAsync($"catalog {api}", async c => await (await TestServerHost.StartAsync(new TestServerOptions { Postgres = c, Api = api })).DisposeAsync()));

    /// <summary>Carries out a command.</summary>
    public static Task<JsonNode?> RunAsync(this IMetadataTarget target, string body) => target.ExecuteAsync(JsonNode.Parse(body)!.AsObject(), CancellationToken.None);
}
