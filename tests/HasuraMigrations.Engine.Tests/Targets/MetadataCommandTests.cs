using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Targets;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>Commands of Hasura's API straight on a database do what a server does with them.</summary>
public sealed class MetadataCommandTests(PostgresServer server)
{
    private const string Track = """{"type":"bulk","args":[{"type":"track_table","args":{"schema":"public","name":"a"}},{"type":"track_table","args":{"schema":"public","name":"b"}},{"type":"create_object_relationship","args":{"table":"b","name":"a","using":{"foreign_key_constraint_on":"a_id"}}},{"type":"create_select_permission","args":{"table":"b","role":"user","permission":{"columns":["id"],"filter":{"a":{"id":{"_eq":1}}}}}}]}""";

    public static TheoryData<HasuraApi> Catalogues => [HasuraApi.V1, HasuraApi.V2];

    [Theory]
    [MemberData(nameof(Catalogues))]
    public async Task What_a_database_answers_and_keeps_is_what_its_server_would(HasuraApi api)
    {
        await using var direct = await PrepareAsync(api);
        await using var through = await PrepareAsync(api);
        await using var host = await through.ServeAsync(api);
        await using var target = direct.Target();

        foreach (var body in new[] { Track, """{"type":"run_sql","args":{"sql":"ALTER TABLE a RENAME TO a2; SELECT 1 AS one, NULL AS nothing"}}""", """{"type":"drop_select_permission","args":{"table":"b","role":"user"}}""" })
        {
            var theirs = await host.PostAsync("/v1/query", body);
            Assert.Equal((200, theirs.Body), (theirs.Status, (await RunAsync(target, body)).ToText()));
        }

        await using var other = through.Target();
        Assert.Empty(MetadataComparer.Compare((await other.ExportAsync()).Document, (await target.ExportAsync()).Document));
        Assert.Contains("a2", (await target.ExportAsync()).Document.Root.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Catalogues))]
    public async Task A_bulk_that_fails_leaves_database_and_metadata_as_they_were(HasuraApi api)
    {
        await using var database = await PrepareAsync(api);
        await using var target = database.Target();
        await RunAsync(target, Track);
        var before = await target.ExportAsync();

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => RunAsync(target, """{"type":"bulk","args":[{"type":"run_sql","args":{"sql":"CREATE TABLE c (id int)"}},{"type":"track_table","args":"c"},{"type":"track_table","args":"nowhere"}]}"""));

        Assert.Equal(("MetadataCommandRefused", api == HasuraApi.V1 ? "constraint-violation" : "invalid-configuration", "$.args[2].args"), (error.ErrorId, error.Code, error.Path));
        Assert.Contains("nowhere", error.Message);
        Assert.Equal((before.Token, before.ResourceVersion), ((await target.ExportAsync()).Token, (await target.ExportAsync()).ResourceVersion));
        Assert.Equal("a,b", await database.ScalarAsync<string>("SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Theory]
    [InlineData("""{"type":"track_table","args":"a"}""", "already-tracked")]
    [InlineData("""{"type":"no_such_thing","args":{}}""", "parse-failed")]
    [InlineData("""{"type":"run_sql","args":{"sql":"DROP TABLE a CASCADE"}}""", "dependency-error")]
    [InlineData("""{"type":"run_sql","args":{"sql":"SELECT 1/0"}}""", "postgres-error")]
    [InlineData("""{"type":"run_sql","args":{"sql":"COMMIT"}}""", "not-supported")]
    [InlineData("""{"args":{}}""", "parse-failed")]
    public async Task What_is_refused_says_why_in_the_words_of_Hasura(string body, string code)
    {
        await using var database = await PrepareAsync(HasuraApi.V2);
        await using var target = database.Target();
        await RunAsync(target, Track);

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => RunAsync(target, body));

        Assert.Equal(("MetadataCommandRefused", code), (error.ErrorId, error.Code));
    }

    [Fact]
    public async Task The_triggers_of_an_event_trigger_are_made_and_dropped()
    {
        await using var database = await PrepareAsync(HasuraApi.V2);
        await using var target = database.Target();
        await RunAsync(target, Track);
        const string triggers = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'notify_hasura%'";

        await RunAsync(target, """{"type":"pg_create_event_trigger","args":{"name":"e","table":"a","webhook":"http://x","insert":{"columns":"*"}}}""");
        Assert.Equal(1L, await database.ScalarAsync<long>(triggers));
        await database.ExecuteAsync("INSERT INTO a VALUES (7)");
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM hdb_catalog.event_log"));

        await RunAsync(target, """{"type":"pg_delete_event_trigger","args":{"name":"e"}}""");
        Assert.Equal(0L, await database.ScalarAsync<long>(triggers));
    }

    [Fact]
    public async Task Where_Hasura_never_was_there_is_nothing_to_command()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();

        Assert.Equal("MetadataStoreMissing", (await Assert.ThrowsAsync<HasuraMigrationException>(() => RunAsync(target, Track))).ErrorId);
    }

    private static Task<JsonNode?> RunAsync(IMetadataTarget target, string body) => target.ExecuteAsync(JsonNode.Parse(body)!.AsObject(), CancellationToken.None);

    private async Task<TestDatabase> PrepareAsync(HasuraApi api)
    {
        var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a)");
        // The catalogue is the server's own; then the server goes.
        await (await database.ServeAsync(api)).DisposeAsync();
        return database;
    }
}
