using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Api;

/// <summary>Commands of Hasura's API straight on a database do what a server does with them.</summary>
public sealed class MetadataCommandTests(PostgresServer server)
{
    private const string Track = """{"type":"bulk","args":[{"type":"track_table","args":{"schema":"public","name":"a"}},{"type":"track_table","args":{"schema":"public","name":"b"}},{"type":"create_object_relationship","args":{"table":"b","name":"a","using":{"foreign_key_constraint_on":"a_id"}}},{"type":"create_select_permission","args":{"table":"b","role":"user","permission":{"columns":["id"],"filter":{"a":{"id":{"_eq":1}}}}}}]}""";

    public static TheoryData<HasuraApi> Catalogs => [HasuraApi.V1, HasuraApi.V2];

    [Theory]
    [MemberData(nameof(Catalogs))]
    public async Task What_a_database_answers_and_keeps_is_what_its_server_would(HasuraApi api)
    {
        await using var direct = await server.CatalogAsync(api);
        await using var through = await server.CatalogAsync(api);
        await using var host = await through.ServeAsync(api);
        await using var target = direct.Target();

        foreach (var body in new[] { Track, """{"type":"run_sql","args":{"sql":"ALTER TABLE a RENAME TO a2; SELECT 1 AS one, NULL AS nothing"}}""", """{"type":"drop_select_permission","args":{"table":"b","role":"user"}}""" })
        {
            var theirs = await host.PostAsync("/v1/query", body);
            Assert.Equal((200, theirs.Body), (theirs.Status, (await target.RunAsync(body)).ToText()));
        }

        await using var other = through.Target();
        Assert.Empty(MetadataComparer.Compare((await other.ExportAsync()).Document, (await target.ExportAsync()).Document));
        Assert.Contains("a2", (await target.ExportAsync()).Document.Root.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Catalogs))]
    public async Task A_bulk_that_fails_leaves_database_and_metadata_as_they_were(HasuraApi api)
    {
        await using var database = await server.CatalogAsync(api);
        await using var target = database.Target();
        await target.RunAsync(Track);
        var before = await target.ExportAsync();

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => target.RunAsync("""{"type":"bulk","args":[{"type":"run_sql","args":{"sql":"CREATE TABLE c (id int)"}},{"type":"track_table","args":"c"},{"type":"track_table","args":"nowhere"}]}"""));

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
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var target = database.Target();
        await target.RunAsync(Track);

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => target.RunAsync(body));

        Assert.Equal(("MetadataCommandRefused", code), (error.ErrorId, error.Code));
    }

    [Fact]
    public async Task A_command_can_name_the_metadata_that_it_is_about()
    {
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var target = database.Target();
        await target.RunAsync(Track);
        var exported = (await target.RunAsync("""{"type":"export_metadata","version":2,"args":{}}"""))!;
        var number = exported["resource_version"]!.GetValue<long>();
        Assert.Equal((await target.ExportAsync()).ResourceVersion, number);
        Assert.Equal((await target.RunAsync("""{"type":"export_metadata","args":{}}""")).ToText(), exported["metadata"].ToText());

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => target.RunAsync($$$"""{"type":"pg_drop_select_permission","resource_version":{{{number - 1}}},"args":{"table":"b","role":"user"}}"""));

        Assert.Equal(("MetadataCommandRefused", "conflict", "$", 409), (error.ErrorId, error.Code, error.Path, error.Status));
        Assert.Equal(number, (await target.ExportAsync()).ResourceVersion);
        // What changes nothing is not compared.
        await target.RunAsync("""{"type":"get_inconsistent_metadata","resource_version":1,"args":{}}""");
        await target.RunAsync($$$"""{"type":"pg_drop_select_permission","resource_version":{{{number}}},"args":{"table":"b","role":"user"}}""");
        Assert.Equal(number + 1, (await target.ExportAsync()).ResourceVersion);
    }

    [Fact]
    public async Task Commands_that_only_read_can_be_sent_to_run_at_once()
    {
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var target = database.Target();

        var answer = await target.RunAsync("""{"type":"concurrent_bulk","args":[{"type":"run_sql","args":{"sql":"SELECT 1 AS one","read_only":true}},{"type":"run_sql","args":{"sql":"SELECT 2 AS two","read_only":true}}]}""");

        Assert.Equal("""[{"result_type":"TuplesOk","result":[["one"],["1"]]},{"result_type":"TuplesOk","result":[["two"],["2"]]}]""", answer.ToText());
        var error = await Assert.ThrowsAsync<HasuraServerException>(() => target.RunAsync("""{"type":"concurrent_bulk","args":[{"type":"run_sql","args":{"sql":"SELECT 1"}}]}"""));
        Assert.Equal(("unexpected", "$", 500), (error.Code, error.Path, error.Status));
    }

    [Fact]
    public async Task The_triggers_of_an_event_trigger_are_made_and_dropped()
    {
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var target = database.Target();
        await target.RunAsync(Track);
        const string triggers = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'notify_hasura%'";

        await target.RunAsync("""{"type":"pg_create_event_trigger","args":{"name":"e","table":"a","webhook":"http://x","insert":{"columns":"*"}}}""");
        Assert.Equal(1L, await database.ScalarAsync<long>(triggers));
        await database.ExecuteAsync("INSERT INTO a VALUES (7)");
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM hdb_catalog.event_log"));

        await target.RunAsync("""{"type":"pg_delete_event_trigger","args":{"name":"e"}}""");
        Assert.Equal(0L, await database.ScalarAsync<long>(triggers));
    }

    [Fact]
    public async Task Reading_in_a_bulk_does_not_keep_the_rest_from_writing()
    {
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var target = database.Target();

        var answer = await target.RunAsync("""{"type":"bulk","args":[{"type":"run_sql","args":{"sql":"SELECT count(*) AS n FROM a","read_only":true}},{"type":"run_sql","args":{"sql":"INSERT INTO a VALUES (9)"}}]}""");

        Assert.Equal("""[["n"],["0"]]""", answer![0]!["result"].ToText());
        Assert.Equal(9, await database.ScalarAsync<int>("SELECT id FROM a"));
    }

    [Fact]
    public async Task In_a_bulk_of_version_1_reading_and_writing_do_not_go_together()
    {
        await using var database = await server.CatalogAsync(HasuraApi.V1);
        await using var target = database.Target();

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => target.RunAsync("""{"type":"bulk","args":[{"type":"run_sql","args":{"sql":"SELECT 1","read_only":true}},{"type":"track_table","args":"a"}]}"""));

        Assert.Equal(("bad-request", "$"), (error.Code, error.Path));
        Assert.Contains("READ ONLY but $.args[1] forces READ WRITE", error.Message);
    }

    [Theory]
    [InlineData("set_table_customization", "2.0")]
    [InlineData("pg_track_tables", "2.26")]
    [InlineData("add_host_to_tls_allowlist", "2.0.8")]
    [InlineData("bulk_keep_going", "2.24")]
    public async Task A_catalog_of_version_1_takes_no_command_of_later_servers(string command, string since)
    {
        await using var database = await server.CatalogAsync(HasuraApi.V1);
        await using var target = database.Target();
        await using var host = await database.ServeAsync(HasuraApi.V1);
        var body = $$$"""{"type":"{{{command}}}","args":{}}""";

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => target.RunAsync(body));
        var answer = await host.PostAsync("/v1/query", body);

        Assert.Equal("parse-failed", error.Code);
        Assert.Contains($"servers have it since {since}", error.Message);
        Assert.Equal(400, answer.Status);
        Assert.Contains("parse-failed", answer.Body);
    }

    [Fact]
    public async Task A_bulk_that_keeps_going_undoes_what_fails_and_nothing_else()
    {
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var target = database.Target();

        var answer = await target.RunAsync("""
            {"type":"bulk_keep_going","args":[
                {"type":"pg_track_table","args":{"table":"a"}},
                {"type":"pg_track_table","args":{"table":"nowhere"}},
                {"type":"bulk","args":[{"type":"run_sql","args":{"sql":"CREATE TABLE c (id int)"}},{"type":"run_sql","args":{"sql":"SELECT 1/0"}}]},
                {"type":"pg_track_table","args":{"table":"b"}}]}
            """);

        Assert.Equal("success", answer![0]!["message"]!.ToString());
        Assert.Equal(("invalid-configuration", "$.args[1].args"), (answer[1]!["code"]!.ToString(), answer[1]!["path"]!.ToString()));
        Assert.Equal("postgres-error", answer[2]!["code"]!.ToString());
        Assert.Equal("success", answer[3]!["message"]!.ToString());
        Assert.Equal(["a", "b"], (await target.ExportAsync()).Document.Root["sources"]![0]!["tables"].AsObjects().Select(t => t["table"]!["name"]!.ToString()));
        Assert.False(await database.ScalarAsync<bool>("SELECT to_regclass('c') IS NOT NULL"));
    }

    [Fact]
    public async Task A_server_undoes_in_the_metadata_what_fails_in_such_a_bulk()
    {
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var host = await database.ServeAsync(HasuraApi.V2);
        await using var target = database.Target();

        var answer = await host.PostAsync("/v1/metadata", """{"type":"bulk_keep_going","args":[{"type":"bulk","args":[{"type":"pg_track_table","args":{"table":"a"}},{"type":"pg_track_table","args":{"table":"nowhere"}}]},{"type":"pg_track_table","args":{"table":"b"}}]}""");

        Assert.Equal(200, answer.Status);
        Assert.Equal(["b"], (await target.ExportAsync()).Document.Root["sources"]![0]!["tables"].AsObjects().Select(t => t["table"]!["name"]!.ToString()));
    }

    [Theory]
    [MemberData(nameof(Catalogs))]
    public async Task A_transform_is_kept_as_it_is_given(HasuraApi api)
    {
        await using var database = await server.CatalogAsync(api);
        await using var target = database.Target();
        await target.RunAsync(Track);

        await target.RunAsync("""{"type":"create_event_trigger","args":{"name":"e","table":"a","webhook":"http://x","insert":{"columns":"*"},"request_transform":{"version":2,"template_engine":"Kriti","content_type":"application/json","body":{"action":"transform","template":"{{$body}}"}}}}""");

        Assert.Contains("application/json", (await target.ExportAsync()).Document.Root.ToJsonString());
    }

    [Fact]
    public async Task Where_Hasura_never_was_there_is_nothing_to_command()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();

        Assert.Equal("MetadataStoreMissing", (await Assert.ThrowsAsync<HasuraMigrationException>(() => target.RunAsync(Track))).ErrorId);
    }

    [Theory]
    [InlineData("""{"type":"track_tabel","args":"a"}""", "parse-failed", "did you mean \"track_table\"?")]
    [InlineData("""{"type":"pg_track_tabel","args":{"table":"a"}}""", "parse-failed", "did you mean \"pg_track_table\"?")]
    [InlineData("""{"type":"pg_get_table_info","args":{}}""", "not-supported", "needs a running server")]
    [InlineData("""{"type":"pause_event_trigger_cleanups","args":{"event_triggers":[{"source_name":"default","event_triggers":["auto"]}]}}""", "not-exists", "cleanup config does not exist for auto")]
    [InlineData("""{"type":"pause_event_trigger_cleanups","args":{"event_triggers":[{"source_name":"default","event_triggers":["none"]}]}}""", "not-exists", "event trigger \"none\" does not exist")]
    [InlineData("""{"type":"resume_event_trigger_cleanups","args":{"event_triggers":{"sources":["other"]}}}""", "not-exists", "source with name other does not exists")]
    [InlineData("""{"type":"untrack_table","version":2,"args":{"table":"a"}}""", "parse-failed", "has no version 2")]
    [InlineData("""{"type":"run_sql","args":{"sql":"-- nothing"}}""", "postgres-error", "no statement")]
    [InlineData("""{"type":"run_sql","args":{"sql":"SELECT 1","no_transaction":true}}""", "not-supported", "no_transaction")]
    [InlineData("""{"type":"run_sql","args":{"sql":5}}""", "parse-failed", "expected String, but encountered Number")]
    [InlineData("""{"type":"run_sql","args":{"sql":"INSERT INTO a VALUES (9)","read_only":true}}""", "postgres-error", "read-only transaction")]
    public async Task What_is_refused_says_what_is_wrong(string body, string code, string words)
    {
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var target = database.Target();
        await target.RunAsync(Track);
        await target.RunAsync("""{"type":"pg_create_event_trigger","args":{"name":"auto","table":"a","webhook":"http://x","insert":{"columns":"*"}}}""");
        var before = await target.ExportAsync();

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => target.RunAsync(body));

        Assert.Equal(("MetadataCommandRefused", code), (error.ErrorId, error.Code));
        Assert.Contains(words, error.Message);
        Assert.Equal(before.Token, (await target.ExportAsync()).Token);
    }

    [Theory]
    [InlineData("""{"type":"bulk","args":[{"type":"track_table","args":"a"},5]}""", "$.args[1]")]
    [InlineData("""{"type":"bulk","args":[{"type":"track_table","args":"a"},{"type":"run_sql","args":{"sql":5}}]}""", "$.args[1].args.sql")]
    [InlineData("""{"type":"bulk","args":[{"type":"bulk","args":[{"type":"run_sql","args":{}}]}]}""", "$.args[0].args[0].args")]
    public async Task What_is_wrong_in_a_bulk_is_told_with_its_place(string body, string path)
    {
        foreach (var api in new[] { HasuraApi.V1, HasuraApi.V2 })
        {
            await using var database = await server.CatalogAsync(api);
            await using var target = database.Target();

            var error = await Assert.ThrowsAsync<HasuraServerException>(() => target.RunAsync(body));

            Assert.Equal(("parse-failed", path), (error.Code, error.Path));
        }
    }

    [Fact]
    public async Task A_newer_server_tells_where_in_the_request_the_arguments_of_run_sql_are_wrong()
    {
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var host = await database.ServeAsync(HasuraApi.V2);

        Assert.Equal("$.args.sql", JsonNode.Parse((await host.PostAsync("/v2/query", """{"type":"run_sql","args":{"sql":5}}""")).Body)!["path"]!.ToString());
    }
}
