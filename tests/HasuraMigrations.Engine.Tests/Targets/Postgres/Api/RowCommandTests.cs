using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Api;

/// <summary>Commands on events and on what clients keep, straight on a database.</summary>
public sealed class RowCommandTests(PostgresServer server)
{
    private const string Track = """{"type":"track_table","args":{"schema":"public","name":"a"}}""";

    public static TheoryData<HasuraApi> Catalogs => [HasuraApi.V1, HasuraApi.V2];

    [Fact]
    public async Task Cleaners_of_event_logs_rest_and_go_on()
    {
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var target = database.Target();
        await target.RunAsync(Track);
        foreach (var name in new[] { "e", "f" })
        {
            await target.RunAsync($$$$"""{"type":"pg_create_event_trigger","args":{"name":"{{{{name}}}}","table":"a","webhook":"http://x","insert":{"columns":"*"},"cleanup_config":{"schedule":"0 0 * * *","clear_older_than":24}}}""");
        }

        await target.RunAsync("""{"type":"pg_create_event_trigger","args":{"name":"plain","table":"a","webhook":"http://x","insert":{"columns":"*"}}}""");

        await target.RunAsync("""{"type":"pause_event_trigger_cleanups","args":{"event_triggers":{"sources":"*"}}}""");
        await target.RunAsync("""{"type":"resume_event_trigger_cleanups","args":{"event_triggers":[{"source_name":"default","event_triggers":["f"]}]}}""");

        var triggers = (await target.ExportAsync()).Document.Root["sources"]![0]!["tables"]![0]!["event_triggers"].AsObjects();
        Assert.Equal("e: true, f: false, plain: ", string.Join(", ", triggers.Select(t => $"{t["name"]}: {t["cleanup_config"]?["paused"]?.ToText()}")));
    }

    [Theory]
    [MemberData(nameof(Catalogs))]
    public async Task Events_can_be_made_seen_and_sent_again(HasuraApi api)
    {
        await using var database = await server.CatalogAsync(api);
        await using var target = database.Target();
        await target.RunAsync(Track);
        await target.RunAsync("""{"type":"create_event_trigger","args":{"name":"e","table":"a","webhook":"http://x","enable_manual":true}}""");

        var id = (await target.RunAsync("""{"type":"invoke_event_trigger","args":{"name":"e","payload":{"k":"v"}}}"""))!["event_id"]!.ToString();
        await database.ExecuteAsync("UPDATE hdb_catalog.event_log SET delivered = true, tries = 3");
        await target.RunAsync($$$"""{"type":"redeliver_event","args":{"event_id":"{{{id}}}"}}""");

        if (api == HasuraApi.V1)
        {
            Assert.Equal("0", await database.ScalarAsync<string>("SELECT tries::text FROM hdb_catalog.event_log WHERE NOT delivered AND id = '" + id + "'"));
            return;
        }

        Assert.Empty((await target.RunAsync("""{"type":"get_event_logs","args":{"name":"e","status":"processed"}}"""))!.AsArray());
        var log = Assert.Single((await target.RunAsync("""{"type":"get_event_logs","args":{"name":"e","status":"pending"}}"""))!.AsArray());
        Assert.Equal((id, "MANUAL", "v", false, 0), (log!["id"]!.ToString(), log["payload"]!["op"]!.ToString(), log["payload"]!["data"]!["new"]!["k"]!.ToString(), log["delivered"]!.GetValue<bool>(), log["tries"]!.GetValue<int>()));
        Assert.Equal(id, (await target.RunAsync($$$"""{"type":"get_event_by_id","args":{"event_id":"{{{id}}}"}}"""))!["event"]!["id"]!.ToString());
        Assert.Empty((await target.RunAsync("""{"type":"get_event_invocation_logs","args":{"name":"e"}}"""))!.AsArray());
    }

    [Theory]
    [InlineData("""{"type":"redeliver_event","args":{"event_id":"none"}}""", "not-exists", "event not found")]
    [InlineData("""{"type":"redeliver_event","args":{}}""", "parse-failed", "event_id")]
    [InlineData("""{"type":"invoke_event_trigger","args":{"name":"auto","payload":1}}""", "not-supported", "manual mode is not enabled")]
    [InlineData("""{"type":"invoke_event_trigger","args":{"name":"none","payload":1}}""", "not-exists", "event trigger \"none\" does not exist")]
    [InlineData("""{"type":"invoke_event_trigger","args":{"name":"auto"}}""", "parse-failed", "payload")]
    [InlineData("""{"type":"invoke_event_trigger","args":{"name":"auto","payload":1,"source":"other"}}""", "not-exists", "source with name \"other\" does not exist")]
    [InlineData("""{"type":"get_event_logs","args":{"name":"none"}}""", "not-exists", "none")]
    [InlineData("""{"type":"get_event_logs","args":{"name":"auto","limit":-1}}""", "parse-failed", "zero or more")]
    [InlineData("""{"type":"get_event_logs","args":{"name":"auto","status":"new"}}""", "parse-failed", "pending or processed")]
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

    [Fact]
    public async Task An_event_that_is_being_delivered_is_not_sent_again()
    {
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var target = database.Target();
        await target.RunAsync(Track);
        await target.RunAsync("""{"type":"pg_create_event_trigger","args":{"name":"e","table":"a","webhook":"http://x","insert":{"columns":"*"}}}""");
        await database.ExecuteAsync("INSERT INTO a VALUES (1); UPDATE hdb_catalog.event_log SET locked = now()");
        var id = await database.ScalarAsync<string>("SELECT id FROM hdb_catalog.event_log");

        Assert.Equal("busy", (await Assert.ThrowsAsync<HasuraServerException>(() => target.RunAsync($$$"""{"type":"pg_redeliver_event","args":{"event_id":"{{{id}}}"}}"""))).Code);
    }

    [Fact]
    public async Task Where_no_event_trigger_ever_was_there_is_no_event()
    {
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var target = database.Target();

        Assert.Equal("not-exists", (await Assert.ThrowsAsync<HasuraServerException>(() => target.RunAsync("""{"type":"pg_redeliver_event","args":{"event_id":"x"}}"""))).Code);
        Assert.Equal("not-exists", (await Assert.ThrowsAsync<HasuraServerException>(() => target.RunAsync("""{"type":"pg_get_event_by_id","args":{"event_id":"x"}}"""))).Code);
    }

    [Fact]
    public async Task Events_at_a_time_are_made_seen_and_deleted()
    {
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var target = database.Target();

        var id = (await target.RunAsync("""{"type":"create_scheduled_event","args":{"webhook":"http://x","schedule_at":"2030-01-02T03:04:05Z","payload":{"k":1},"headers":[{"name":"a","value":"b"}],"comment":"c"}}"""))!["event_id"]!.ToString();

        var one = Assert.Single((await target.RunAsync("""{"type":"get_scheduled_events","args":{"type":"one_off"}}"""))!["events"]!.AsArray());
        Assert.Equal((id, "http://x", 1, "b", "c", 21600, "scheduled"), (one!["id"]!.ToString(), one["webhook_conf"]!.ToString(), one["payload"]!["k"]!.GetValue<int>(), one["header_conf"]![0]!["value"]!.ToString(), one["comment"]!.ToString(), one["retry_conf"]!["tolerance_seconds"]!.GetValue<int>(), one["status"]!.ToString()));
        Assert.True(await database.ScalarAsync<bool>("SELECT scheduled_time = '2030-01-02 03:04:05+00' FROM hdb_catalog.hdb_scheduled_events"));
        Assert.Empty((await target.RunAsync("""{"type":"get_scheduled_event_invocations","args":{"type":"one_off"}}"""))!["invocations"]!.AsArray());

        await target.RunAsync($$$"""{"type":"delete_scheduled_event","args":{"type":"one_off","event_id":"{{{id}}}"}}""");
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM hdb_catalog.hdb_scheduled_events"));
    }

    [Fact]
    public async Task Events_of_a_cron_trigger_are_seen_and_go_with_it()
    {
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var target = database.Target();
        await target.RunAsync("""{"type":"create_cron_trigger","args":{"name":"n","webhook":"http://x","schedule":"0 0 * * *","include_in_metadata":true}}""");
        await database.ExecuteAsync("INSERT INTO hdb_catalog.hdb_cron_events (trigger_name, scheduled_time) VALUES ('n', now() + interval '1 day')");

        Assert.Single((await target.RunAsync("""{"type":"get_scheduled_events","args":{"type":"cron","trigger_name":"n","limit":5}}"""))!["events"]!.AsArray());
        Assert.Empty((await target.RunAsync("""{"type":"get_scheduled_event_invocations","args":{"type":"cron","trigger_name":"n"}}"""))!["invocations"]!.AsArray());
        await target.RunAsync("""{"type":"delete_cron_trigger","args":{"name":"n"}}""");
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM hdb_catalog.hdb_cron_events"));
    }

    [Fact]
    public async Task What_clients_keep_is_read_and_written()
    {
        await using var database = await server.CatalogAsync(HasuraApi.V2);
        await using var target = database.Target();
        var before = await target.ExportAsync();

        await target.RunAsync("""{"type":"set_catalog_state","args":{"type":"cli","state":{"k":"v"}}}""");

        Assert.Equal("v", (await target.RunAsync("""{"type":"get_catalog_state","args":{}}"""))!["cli_state"]!["k"]!.ToString());
        Assert.Equal(before.ResourceVersion, (await target.ExportAsync()).ResourceVersion);
    }
}
