using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Vectors;

/// <summary>The cases of the metadata API, over HTTP.</summary>
public sealed class MetadataApiVectorTests(PostgresServer postgres)
{
    public static TheoryData<string> Cases => VectorCase.All.Count == 0 ? [""] : [.. LongForm.Of(VectorCase.All.Keys, 6)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Requests_get_the_answers_of_the_server(string id)
    {
        SharedData.Needs(id.Length > 0, "vectors/metadata-api");
        var vector = VectorCase.All[id];
        var reason = VectorsOut.Reason(vector);
        Assert.SkipWhen(reason is not null and not VectorsOut.NoPostGis, reason ?? "");
        await using var database = await postgres.EmptyCatalogAsync(vector.IsVersion1 ? HasuraApi.V1 : HasuraApi.V2);
        if (reason == VectorsOut.NoPostGis)
        {
            Assert.SkipWhen(await database.ScalarAsync<long>("SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'") == 0, VectorsOut.NoPostGis);
            // The databases the cases were made for had it from the start.
            await database.ExecuteAsync("CREATE EXTENSION postgis");
        }

        await using var first = VectorsOut.NeedsOtherDatabases(vector) ? await postgres.CreateDatabaseAsync() : null;
        await using var second = VectorsOut.NeedsOtherDatabases(vector) ? await postgres.CreateDatabaseAsync() : null;
        await using var server = await database.ServeAsync(vector.IsVersion1 ? HasuraApi.V1 : HasuraApi.V2, o => o with { Version = vector.Era == "v2.0" ? "v2.0.0" : null, Variables = Variables(VectorsOut.Settings(vector), first, second), KeepsPlans = true });
        if (VectorsOut.SourceBefore(vector) is { } source)
        {
            await first!.ExecuteAsync("CREATE SCHEMA hge_tests");
            var configuration = new JsonObject { ["connection_info"] = new JsonObject { ["database_url"] = new JsonObject { ["from_env"] = "HASURA_GRAPHQL_PG_SOURCE_URL_1" } } };
            var added = await server.PostAsync("/v1/metadata", new JsonObject { ["type"] = "pg_add_source", ["args"] = new JsonObject { ["name"] = source, ["configuration"] = configuration, ["customization"] = VectorsOut.CustomizationBefore(vector)?.DeepClone() } }.ToJsonString());
            Assert.Equal(200, added.Status);
        }

        await new VectorRun(vector, database, server).RunAsync();
    }

    private static Dictionary<string, string> Variables(Dictionary<string, string> settings, params TestDatabase?[] others) =>
        settings.Concat(others.OfType<TestDatabase>().Select((d, i) => KeyValuePair.Create($"HASURA_GRAPHQL_PG_SOURCE_URL_{i + 1}", d.ConnectionString))).ToDictionary();
}
