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
    public async Task Reading_in_a_bulk_does_not_keep_the_rest_from_writing()
    {
        await using var database = await PrepareAsync(HasuraApi.V2);
        await using var target = database.Target();

        var answer = await RunAsync(target, """{"type":"bulk","args":[{"type":"run_sql","args":{"sql":"SELECT count(*) AS n FROM a","read_only":true}},{"type":"run_sql","args":{"sql":"INSERT INTO a VALUES (9)"}}]}""");

        Assert.Equal("""[["n"],["0"]]""", answer![0]!["result"].ToText());
        Assert.Equal(9, await database.ScalarAsync<int>("SELECT id FROM a"));
    }

    [Fact]
    public async Task In_a_bulk_of_version_1_reading_and_writing_do_not_go_together()
    {
        await using var database = await PrepareAsync(HasuraApi.V1);
        await using var target = database.Target();

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => RunAsync(target, """{"type":"bulk","args":[{"type":"run_sql","args":{"sql":"SELECT 1","read_only":true}},{"type":"track_table","args":"a"}]}"""));

        Assert.Equal(("bad-request", "$"), (error.Code, error.Path));
        Assert.Contains("READ ONLY but $.args[1] forces READ WRITE", error.Message);
    }

    [Theory]
    [InlineData("set_table_customization", "2.0")]
    [InlineData("pg_track_tables", "2.26")]
    [InlineData("add_host_to_tls_allowlist", "2.0.8")]
    [InlineData("bulk_keep_going", "2.24")]
    public async Task A_catalogue_of_version_1_takes_no_command_of_later_servers(string command, string since)
    {
        await using var database = await PrepareAsync(HasuraApi.V1);
        await using var target = database.Target();
        await using var host = await database.ServeAsync(HasuraApi.V1);
        var body = $$$"""{"type":"{{{command}}}","args":{}}""";

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => RunAsync(target, body));
        var answer = await host.PostAsync("/v1/query", body);

        Assert.Equal("parse-failed", error.Code);
        Assert.Contains($"servers have it since {since}", error.Message);
        Assert.Equal(400, answer.Status);
        Assert.Contains("parse-failed", answer.Body);
    }

    [Fact]
    public async Task Cleaners_of_event_logs_rest_and_go_on()
    {
        await using var database = await PrepareAsync(HasuraApi.V2);
        await using var target = database.Target();
        await RunAsync(target, Track);
        foreach (var name in new[] { "e", "f" })
        {
            await RunAsync(target, $$$$"""{"type":"pg_create_event_trigger","args":{"name":"{{{{name}}}}","table":"a","webhook":"http://x","insert":{"columns":"*"},"cleanup_config":{"schedule":"0 0 * * *","clear_older_than":24}}}""");
        }

        await RunAsync(target, """{"type":"pg_create_event_trigger","args":{"name":"plain","table":"a","webhook":"http://x","insert":{"columns":"*"}}}""");

        await RunAsync(target, """{"type":"pause_event_trigger_cleanups","args":{"event_triggers":{"sources":"*"}}}""");
        await RunAsync(target, """{"type":"resume_event_trigger_cleanups","args":{"event_triggers":[{"source_name":"default","event_triggers":["f"]}]}}""");

        var triggers = (await target.ExportAsync()).Document.Root["sources"]![0]!["tables"]![0]!["event_triggers"].AsObjects();
        Assert.Equal("e: true, f: false, plain: ", string.Join(", ", triggers.Select(t => $"{t["name"]}: {t["cleanup_config"]?["paused"]?.ToText()}")));
    }

    [Fact]
    public async Task A_bulk_that_keeps_going_undoes_what_fails_and_nothing_else()
    {
        await using var database = await PrepareAsync(HasuraApi.V2);
        await using var target = database.Target();

        var answer = await RunAsync(target, """
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
        await using var database = await PrepareAsync(HasuraApi.V2);
        await using var host = await database.ServeAsync(HasuraApi.V2);
        await using var target = database.Target();

        var answer = await host.PostAsync("/v1/metadata", """{"type":"bulk_keep_going","args":[{"type":"bulk","args":[{"type":"pg_track_table","args":{"table":"a"}},{"type":"pg_track_table","args":{"table":"nowhere"}}]},{"type":"pg_track_table","args":{"table":"b"}}]}""");

        Assert.Equal(200, answer.Status);
        Assert.Equal(["b"], (await target.ExportAsync()).Document.Root["sources"]![0]!["tables"].AsObjects().Select(t => t["table"]!["name"]!.ToString()));
    }

    [Theory]
    [MemberData(nameof(Catalogues))]
    public async Task A_transform_is_kept_as_it_is_given(HasuraApi api)
    {
        await using var database = await PrepareAsync(api);
        await using var target = database.Target();
        await RunAsync(target, Track);

        await RunAsync(target, """{"type":"create_event_trigger","args":{"name":"e","table":"a","webhook":"http://x","insert":{"columns":"*"},"request_transform":{"version":2,"template_engine":"Kriti","content_type":"application/json","body":{"action":"transform","template":"{{$body}}"}}}}""");

        Assert.Contains("application/json", (await target.ExportAsync()).Document.Root.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Catalogues))]
    public async Task Events_can_be_made_seen_and_sent_again(HasuraApi api)
    {
        await using var database = await PrepareAsync(api);
        await using var target = database.Target();
        await RunAsync(target, Track);
        await RunAsync(target, """{"type":"create_event_trigger","args":{"name":"e","table":"a","webhook":"http://x","enable_manual":true}}""");

        var id = (await RunAsync(target, """{"type":"invoke_event_trigger","args":{"name":"e","payload":{"k":"v"}}}"""))!["event_id"]!.ToString();
        await database.ExecuteAsync("UPDATE hdb_catalog.event_log SET delivered = true, tries = 3");
        await RunAsync(target, $$$"""{"type":"redeliver_event","args":{"event_id":"{{{id}}}"}}""");

        if (api == HasuraApi.V1)
        {
            Assert.Equal("0", await database.ScalarAsync<string>("SELECT tries::text FROM hdb_catalog.event_log WHERE NOT delivered AND id = '" + id + "'"));
            return;
        }

        Assert.Empty((await RunAsync(target, """{"type":"get_event_logs","args":{"name":"e","status":"processed"}}"""))!.AsArray());
        var log = Assert.Single((await RunAsync(target, """{"type":"get_event_logs","args":{"name":"e","status":"pending"}}"""))!.AsArray());
        Assert.Equal((id, "MANUAL", "v", false, 0), (log!["id"]!.ToString(), log["payload"]!["op"]!.ToString(), log["payload"]!["data"]!["new"]!["k"]!.ToString(), log["delivered"]!.GetValue<bool>(), log["tries"]!.GetValue<int>()));
        Assert.Equal(id, (await RunAsync(target, $$$"""{"type":"get_event_by_id","args":{"event_id":"{{{id}}}"}}"""))!["event"]!["id"]!.ToString());
        Assert.Empty((await RunAsync(target, """{"type":"get_event_invocation_logs","args":{"name":"e"}}"""))!.AsArray());
    }

    [Theory]
    [InlineData("""{"type":"redeliver_event","args":{"event_id":"none"}}""", "not-exists", "event not found")]
    [InlineData("""{"type":"redeliver_event","args":{}}""", "parse-failed", "event_id")]
    [InlineData("""{"type":"invoke_event_trigger","args":{"name":"auto","payload":1}}""", "not-supported", "manual mode is not enabled")]
    [InlineData("""{"type":"invoke_event_trigger","args":{"name":"none","payload":1}}""", "not-exists", "event trigger \"none\" does not exist")]
    [InlineData("""{"type":"invoke_event_trigger","args":{"name":"auto"}}""", "parse-failed", "payload")]
    [InlineData("""{"type":"invoke_event_trigger","args":{"name":"auto","payload":1,"source":"other"}}""", "not-exists", "source with name \"other\" does not exist")]
    [InlineData("""{"type":"track_tabel","args":"a"}""", "parse-failed", "did you mean \"track_table\"?")]
    [InlineData("""{"type":"pg_get_table_info","args":{}}""", "not-supported", "needs a running server")]
    [InlineData("""{"type":"get_event_logs","args":{"name":"none"}}""", "not-exists", "none")]
    [InlineData("""{"type":"get_event_logs","args":{"name":"auto","limit":-1}}""", "parse-failed", "zero or more")]
    [InlineData("""{"type":"get_event_logs","args":{"name":"auto","status":"new"}}""", "parse-failed", "pending or processed")]
    [InlineData("""{"type":"pause_event_trigger_cleanups","args":{"event_triggers":[{"source_name":"default","event_triggers":["auto"]}]}}""", "not-exists", "cleanup config does not exist for auto")]
    [InlineData("""{"type":"pause_event_trigger_cleanups","args":{"event_triggers":[{"source_name":"default","event_triggers":["none"]}]}}""", "not-exists", "event trigger \"none\" does not exist")]
    [InlineData("""{"type":"resume_event_trigger_cleanups","args":{"event_triggers":{"sources":["other"]}}}""", "not-exists", "source with name other does not exists")]
    [InlineData("""{"type":"untrack_table","version":2,"args":{"table":"a"}}""", "parse-failed", "has no version 2")]
    [InlineData("""{"type":"run_sql","args":{"sql":"-- nothing"}}""", "postgres-error", "no statement")]
    [InlineData("""{"type":"run_sql","args":{"sql":"SELECT 1","no_transaction":true}}""", "not-supported", "no_transaction")]
    [InlineData("""{"type":"run_sql","args":{"sql":5}}""", "parse-failed", "expected String, but encountered Number")]
    [InlineData("""{"type":"run_sql","args":{"sql":"INSERT INTO a VALUES (9)","read_only":true}}""", "postgres-error", "read-only transaction")]
    [InlineData("""{"type":"create_scheduled_event","args":{"webhook":"http://x","schedule_at":"soon"}}""", "parse-failed", "ISO 8601")]
    [InlineData("""{"type":"create_scheduled_event","args":{"webhook":"http://x"}}""", "parse-failed", "schedule_at")]
    [InlineData("""{"type":"create_scheduled_event","args":{"webhook":"http://x","schedule_at":"2030-01-01T00:00:00Z","retry_conf":5}}""", "parse-failed", "Object")]
    [InlineData("""{"type":"delete_scheduled_event","args":{"type":"one_off","event_id":"none"}}""", "not-found", "none")]
    [InlineData("""{"type":"delete_scheduled_event","args":{"type":"sometimes","event_id":"none"}}""", "parse-failed", "one_off")]
    [InlineData("""{"type":"get_scheduled_events","args":{"type":"cron","trigger_name":"none"}}""", "not-exists", "none")]
    [InlineData("""{"type":"set_catalog_state","args":{"type":"mine","state":{}}}""", "parse-failed", "cli or console")]
    [InlineData("""{"type":"set_catalog_state","args":{"type":"cli"}}""", "parse-failed", "state")]
    [InlineData("""{"type":"get_event_logs","args":[]}""", "parse-failed", "Object")]
    public async Task Commands_on_rows_say_what_is_wrong(string body, string code, string words)
    {
        await using var database = await PrepareAsync(HasuraApi.V2);
        await using var target = database.Target();
        await RunAsync(target, Track);
        await RunAsync(target, """{"type":"pg_create_event_trigger","args":{"name":"auto","table":"a","webhook":"http://x","insert":{"columns":"*"}}}""");
        var before = await target.ExportAsync();

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => RunAsync(target, body));

        Assert.Equal(("MetadataCommandRefused", code), (error.ErrorId, error.Code));
        Assert.Contains(words, error.Message);
        Assert.Equal(before.Token, (await target.ExportAsync()).Token);
    }

    [Fact]
    public async Task An_event_that_is_being_delivered_is_not_sent_again()
    {
        await using var database = await PrepareAsync(HasuraApi.V2);
        await using var target = database.Target();
        await RunAsync(target, Track);
        await RunAsync(target, """{"type":"pg_create_event_trigger","args":{"name":"e","table":"a","webhook":"http://x","insert":{"columns":"*"}}}""");
        await database.ExecuteAsync("INSERT INTO a VALUES (1); UPDATE hdb_catalog.event_log SET locked = now()");
        var id = await database.ScalarAsync<string>("SELECT id FROM hdb_catalog.event_log");

        Assert.Equal("busy", (await Assert.ThrowsAsync<HasuraServerException>(() => RunAsync(target, $$$"""{"type":"pg_redeliver_event","args":{"event_id":"{{{id}}}"}}"""))).Code);
    }

    [Fact]
    public async Task Where_no_event_trigger_ever_was_there_is_no_event()
    {
        await using var database = await PrepareAsync(HasuraApi.V2);
        await using var target = database.Target();

        Assert.Equal("not-exists", (await Assert.ThrowsAsync<HasuraServerException>(() => RunAsync(target, """{"type":"pg_redeliver_event","args":{"event_id":"x"}}"""))).Code);
        Assert.Equal("not-exists", (await Assert.ThrowsAsync<HasuraServerException>(() => RunAsync(target, """{"type":"pg_get_event_by_id","args":{"event_id":"x"}}"""))).Code);
    }

    [Fact]
    public async Task Events_at_a_time_are_made_seen_and_deleted()
    {
        await using var database = await PrepareAsync(HasuraApi.V2);
        await using var target = database.Target();

        var id = (await RunAsync(target, """{"type":"create_scheduled_event","args":{"webhook":"http://x","schedule_at":"2030-01-02T03:04:05Z","payload":{"k":1},"headers":[{"name":"a","value":"b"}],"comment":"c"}}"""))!["event_id"]!.ToString();

        var one = Assert.Single((await RunAsync(target, """{"type":"get_scheduled_events","args":{"type":"one_off"}}"""))!["events"]!.AsArray());
        Assert.Equal((id, "http://x", 1, "b", "c", 21600, "scheduled"), (one!["id"]!.ToString(), one["webhook_conf"]!.ToString(), one["payload"]!["k"]!.GetValue<int>(), one["header_conf"]![0]!["value"]!.ToString(), one["comment"]!.ToString(), one["retry_conf"]!["tolerance_seconds"]!.GetValue<int>(), one["status"]!.ToString()));
        Assert.True(await database.ScalarAsync<bool>("SELECT scheduled_time = '2030-01-02 03:04:05+00' FROM hdb_catalog.hdb_scheduled_events"));
        Assert.Empty((await RunAsync(target, """{"type":"get_scheduled_event_invocations","args":{"type":"one_off"}}"""))!["invocations"]!.AsArray());

        await RunAsync(target, $$$"""{"type":"delete_scheduled_event","args":{"type":"one_off","event_id":"{{{id}}}"}}""");
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM hdb_catalog.hdb_scheduled_events"));
    }

    [Fact]
    public async Task Events_of_a_cron_trigger_are_seen_and_go_with_it()
    {
        await using var database = await PrepareAsync(HasuraApi.V2);
        await using var target = database.Target();
        await RunAsync(target, """{"type":"create_cron_trigger","args":{"name":"n","webhook":"http://x","schedule":"0 0 * * *","include_in_metadata":true}}""");
        await database.ExecuteAsync("INSERT INTO hdb_catalog.hdb_cron_events (trigger_name, scheduled_time) VALUES ('n', now() + interval '1 day')");

        Assert.Single((await RunAsync(target, """{"type":"get_scheduled_events","args":{"type":"cron","trigger_name":"n","limit":5}}"""))!["events"]!.AsArray());
        Assert.Empty((await RunAsync(target, """{"type":"get_scheduled_event_invocations","args":{"type":"cron","trigger_name":"n"}}"""))!["invocations"]!.AsArray());
        await RunAsync(target, """{"type":"delete_cron_trigger","args":{"name":"n"}}""");
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM hdb_catalog.hdb_cron_events"));
    }

    [Fact]
    public async Task What_clients_keep_is_read_and_written()
    {
        await using var database = await PrepareAsync(HasuraApi.V2);
        await using var target = database.Target();
        var before = await target.ExportAsync();

        await RunAsync(target, """{"type":"set_catalog_state","args":{"type":"cli","state":{"k":"v"}}}""");

        Assert.Equal("v", (await RunAsync(target, """{"type":"get_catalog_state","args":{}}"""))!["cli_state"]!["k"]!.ToString());
        Assert.Equal(before.ResourceVersion, (await target.ExportAsync()).ResourceVersion);
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
