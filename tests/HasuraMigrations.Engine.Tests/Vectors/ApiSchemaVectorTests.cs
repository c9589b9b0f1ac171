using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Yaml;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Vectors;

/// <summary>The cases of GraphQL schemas: what a server answers to a request for its introspection, and which requests for data it takes.</summary>
public sealed class ApiSchemaVectorTests(PostgresServer postgres)
{
    private static readonly string? Root = SharedData.Find("vectors/graphql-schema");

    /// <summary>All cases, by id.</summary>
    internal static readonly Dictionary<string, JsonObject> All = Root is null ? [] : JsonNode.Parse(File.ReadAllText(Path.Combine(Root, "index.json")))!.AsArray().OfType<JsonObject>().Where(e => e["kind"]!.ToString() != "setup").ToDictionary(e => e["id"]!.ToString());

    private static readonly (string End, string Reason)[] Out =
    [
        ("disable_introspection/disable_introspection.yaml", "Only the commercial server refuses introspection; the schema is the same."),
    ];

    public static TheoryData<string> Cases => Root is null ? [""] : [.. LongForm.Of(All.Keys, 4)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_schema_answers_as_the_server_does(string id)
    {
        SharedData.Needs(id.Length > 0, "vectors/graphql-schema");
        var reason = Array.Find(Out, o => id.EndsWith(o.End, StringComparison.Ordinal)).Reason;
        Assert.SkipWhen(reason is not null, reason ?? "");
        var entry = All[id];
        var api = entry["era"]!.ToString().StartsWith("v1.3", StringComparison.Ordinal) ? HasuraApi.V1 : HasuraApi.V2;
        await using var database = await postgres.EmptyCatalogAsync(api);
        await using var other = (entry["flags"].AsTexts().Contains("needs-second-postgres") || entry["sources"] is JsonArray) ? await postgres.CreateDatabaseAsync() : null;
        await using var server = await database.ServeAsync(api, o => o with
        {
            KeepsPlans = true,
            Variables = other is null ? [] : new Dictionary<string, string> { ["HASURA_GRAPHQL_PG_SOURCE_URL_1"] = other.ConnectionString },
        });
        await database.ExecuteAsync("CREATE SCHEMA hge_tests");
        if (other is not null)
        {
            await other.ExecuteAsync("CREATE SCHEMA hge_tests");
        }

        await new ApiSchemaVectorRun(entry, Read, database, other, server).RunAsync();
    }

    private static JsonNode? Read(string file)
    {
        var path = Path.Combine(Root!, file);
        return YamlReader.Read(File.ReadAllText(path), path, new MetadataPositions());
    }
}
