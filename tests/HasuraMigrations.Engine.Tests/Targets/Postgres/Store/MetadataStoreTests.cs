using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Store;

/// <summary>The document of a version 2 catalog.</summary>
public sealed class MetadataStoreTests(PostgresServer server)
{
    private const string Stored = "SELECT metadata::text FROM hdb_catalog.hdb_metadata";
    private const string Empty = """{"version":3,"sources":[]}""";
    private const string Simple = """{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{"table":{"name":"t","schema":"public"}}],"configuration":{"connection_info":{"database_url":"postgres://h/d"}}},{"name":"b","kind":"postgres","tables":[],"configuration":{"connection_info":{"database_url":"postgres://h/d"}}}],"remote_schemas":[{"name":"r","definition":{"url":"http://x"}}],"later":{"z":1.10,"a":1e3,"é":"\u0000\u2028<>"}}""";
    private const string WithTrigger = """{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{"table":{"name":"t","schema":"public"},"event_triggers":[{"name":"e","definition":{"enable_manual":false,"insert":{"columns":"*"}},"webhook":"http://x"}]}],"configuration":{"connection_info":{"database_url":"postgres://h/d"}}}]}""";

    [Theory]
    [InlineData(13)]
    [InlineData(18)]
    [InlineData(null)]
    public async Task A_document_comes_back_as_it_was_written(int? version)
    {
        await using var database = await (version is { } number ? server.OfVersion(number) : server).CreateDatabaseAsync();
        await using var target = database.Target();

        var before = await target.ExportAsync();
        Assert.Equal((false, null, Empty), (before.Exists, before.ResourceVersion, before.Document.Root.ToJsonString()));

        var replaced = await target.ReplaceAsync(Simple, TestStores.Create with { ExpectedToken = before.Token });
        var after = await target.ExportAsync();

        Assert.Equal((2L, 2L, replaced.Token), (replaced.ResourceVersion!.Value, after.ResourceVersion!.Value, after.Token));
        Assert.False(replaced.IsConsistent);
        Assert.True(after.Exists);
        Assert.Equal(MetadataRewriter.ToServerForm(TestStores.Document(Simple)).Root.ToJsonString(), after.Document.Root.ToJsonString());
        Assert.Contains("\"a\":1e3,\"z\":1.10,\"é\":", await database.ScalarAsync<string>(Stored));
    }

    [Fact]
    public async Task Servers_are_told_what_to_read_again()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        await target.ReplaceAsync(Simple, TestStores.Create);
        const string notice = "SELECT resource_version || ' ' || notification::text FROM hdb_catalog.hdb_schema_notifications WHERE instance_id IS NOT NULL";
        const string expected = """{"metadata" : true, "remote_schemas" : ["r"], "sources" : ["b","default"], "data_connectors" : []}""";

        Assert.Equal($"2 {expected}", await database.ScalarAsync<string>(notice));

        await target.ReplaceAsync(Simple, new MetadataReplaceOptions { NoReload = true });
        Assert.Equal(3L, (await target.ExportAsync()).ResourceVersion);
        Assert.Equal($"2 {expected}", await database.ScalarAsync<string>(notice));

        await target.ReloadAsync(CancellationToken.None);
        Assert.Equal(4L, (await target.ExportAsync()).ResourceVersion);
        Assert.Equal($"4 {expected}", await database.ScalarAsync<string>(notice));
    }

    [Theory]
    [InlineData("""{"version":3,"sources":[],"comment":"\ud800"}""")]
    [InlineData("""{"version":3,"sources":[],"\ud800":1}""")]
    [InlineData("""{"version":3,"sources":[{"name":"default","tables":[{"table":"\udc00"}]}]}""")]
    public async Task Stored_text_that_is_not_Unicode_is_an_error_with_an_id(string stored)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        await target.ReplaceAsync(Empty, TestStores.Create);
        await database.ExecuteAsync($"UPDATE hdb_catalog.hdb_metadata SET metadata = '{stored}'");

        var reading = await Assert.ThrowsAsync<HasuraMigrationException>(() => target.ExportAsync());
        var writing = await target.FailsAsync(Simple);

        Assert.Equal(("MetadataStoreUnsupported", "MetadataStoreUnsupported"), (reading.ErrorId, writing.ErrorId));
    }

    [Fact]
    public async Task Of_two_writers_of_one_version_one_wins()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        await target.ReplaceAsync(Empty, TestStores.Create);
        var token = (await target.ExportAsync()).Token;

        var attempts = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Record.ExceptionAsync(() => target.ReplaceAsync(Simple, new MetadataReplaceOptions { ExpectedToken = token })).AsTask()));

        var conflict = Assert.IsType<HasuraMigrationException>(Assert.Single(attempts, a => a is not null));
        Assert.Equal("MetadataConflict", conflict.ErrorId);
        Assert.Contains($"expected {token}, found {(await target.ExportAsync()).Token}", conflict.Message);
    }

    [Fact]
    public async Task Writers_at_once_lose_nothing()
    {
        var writers = LongForm.Count(20, 6);
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        await target.ReplaceAsync(Empty, TestStores.Create);

        await Task.WhenAll(Enumerable.Range(0, writers).Select(i => target.ChangeAsync(root =>
            root["sources"]!.AsArray().Add((JsonNode)new JsonObject { ["name"] = $"s{i}", ["kind"] = "postgres", ["tables"] = new JsonArray(), ["configuration"] = new JsonObject { ["connection_info"] = new JsonObject { ["database_url"] = "postgres://h/d" } } }))));

        Assert.Equal(writers, (await target.ExportAsync()).Document.Sources.Select(s => s["name"]!.ToString()).Distinct().Count());
    }

    [Fact]
    public async Task What_is_refused_leaves_the_row_as_it_was()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        await target.ReplaceAsync(Empty, TestStores.Create);
        await database.ExecuteAsync("""UPDATE hdb_catalog.hdb_metadata SET metadata = '{ "version" : 3,  "sources" : [ ] }'""");
        var before = await database.ScalarAsync<string>(Stored);

        Assert.Equal("MetadataConflict", (await target.FailsAsync(Simple, new MetadataReplaceOptions { ExpectedToken = "77" })).ErrorId);
        Assert.Equal("MetadataVersionMismatch", (await target.FailsAsync("""{"version":2,"tables":[]}""")).ErrorId);
        Assert.Equal("MetadataVersionMismatch", (await target.FailsAsync("""{"tables":[]}""")).ErrorId);
        Assert.Equal("MetadataNotStorable", (await target.FailsAsync("""{"version":3}""")).ErrorId);
        await database.ExecuteAsync("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'; CREATE TRIGGER no BEFORE INSERT ON hdb_catalog.hdb_schema_notifications FOR EACH ROW EXECUTE FUNCTION no();");
        Assert.Equal("QueryFailed", (await target.FailsAsync(Simple, new MetadataReplaceOptions { AllowInconsistent = true })).ErrorId);

        Assert.Equal(before, await database.ScalarAsync<string>(Stored));
        Assert.Equal(2, await database.ScalarAsync<int>("SELECT resource_version FROM hdb_catalog.hdb_metadata"));
    }

    [Fact]
    [Trait("Case", "5")]
    public async Task Work_of_a_server_in_a_database_that_is_not_known_is_refused_or_listed()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        await target.ReplaceAsync(Empty, TestStores.Create);
        var skip = new MetadataReplaceOptions { SkipSideEffects = true };
        var elsewhere = WithTrigger.Replace("\"name\":\"default\"", "\"name\":\"far\"").Replace("\"sources\":[", "\"sources\":[{\"name\":\"default\",\"kind\":\"postgres\",\"tables\":[],\"configuration\":{\"connection_info\":{\"database_url\":\"postgres://h/d\"}}},");

        var refused = await target.FailsAsync(elsewhere);
        Assert.Equal("MetadataSideEffects", refused.ErrorId);
        Assert.Contains("event trigger e on public.t of the source far are not created.", refused.Message);
        var added = await target.ReplaceAsync(elsewhere, skip);
        Assert.Equal(["The SQL triggers of the event trigger e on public.t of the source far are not created.", "The event log that the first event trigger of the source far needs is not created."], added.EffectsNotDone);
        Assert.Null(added.IsConsistent);

        Assert.Empty((await target.ReplaceAsync(elsewhere.Replace("http://x", "http://y"))).EffectsNotDone);
        var changed = await target.ReplaceAsync(elsewhere.Replace("\"insert\"", "\"delete\""), skip);
        Assert.Contains("not recreated", Assert.Single(changed.EffectsNotDone));
        var removed = await target.ReplaceAsync(Empty, skip);
        Assert.Equal(2, removed.EffectsNotDone.Count);
        Assert.Contains("not dropped", removed.EffectsNotDone[0]);
        Assert.Contains("The source far is removed, but the tables of its event log are not dropped.", removed.EffectsNotDone);
    }

    [Fact]
    public async Task Cron_triggers_outside_the_metadata_stay_and_events_of_changed_ones_go()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        static string Cron(string triggers) => $$"""{"version":3,"sources":[],"cron_triggers":[{{triggers}}]}""";
        const string hidden = """{"name":"hidden","webhook":"w","schedule":"* * * * *","include_in_metadata":false}""";
        static string Trigger(string name, string schedule) => $$"""{"name":"{{name}}","webhook":"w","schedule":"{{schedule}}","include_in_metadata":true}""";
        await target.ReplaceAsync(Cron($"{hidden},{Trigger("same", "1 * * * *")},{Trigger("changed", "1 * * * *")},{Trigger("dropped", "1 * * * *")}"), TestStores.Create);
        await database.ExecuteAsync("INSERT INTO hdb_catalog.hdb_cron_events (trigger_name, scheduled_time, tries) SELECT n, now() + d * interval '1 hour', t FROM unnest(ARRAY['hidden', 'same', 'changed', 'dropped']) n, unnest(ARRAY[-1, 1]) d, unnest(ARRAY[0]) t UNION ALL SELECT 'changed', now() + interval '2 hours', 1");

        var exported = await target.ExportAsync();
        Assert.Equal(["changed", "dropped", "same"], exported.Document.Root["cron_triggers"]!.AsArray().Select(t => t!["name"]!.ToString()));
        await target.ReplaceAsync(Cron($"{Trigger("same", "1 * * * *")},{Trigger("changed", "2 * * * *")}"), new MetadataReplaceOptions { ExpectedToken = exported.Token });

        Assert.Contains("\"hidden\"", await database.ScalarAsync<string>(Stored));
        Assert.Equal("changed-,changed+,dropped-,hidden-,hidden+,same-,same+", await database.ScalarAsync<string>("SELECT string_agg(trigger_name || CASE WHEN scheduled_time > now() THEN '+' ELSE '-' END, ',' ORDER BY trigger_name, scheduled_time) FROM hdb_catalog.hdb_cron_events"));
        Assert.Equal("MetadataNotStorable", (await target.FailsAsync(Cron(Trigger("hidden", "1 * * * *")))).ErrorId);
        await target.ReplaceAsync(Empty);
        Assert.Equal(Empty, (await target.ExportAsync()).Document.Root.ToJsonString());
        Assert.Contains("\"hidden\"", await database.ScalarAsync<string>(Stored));
    }

    [Fact]
    public async Task A_key_given_twice_counts_by_its_last_value()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        await target.ReplaceAsync(Empty, TestStores.Create);
        await database.ExecuteAsync("""UPDATE hdb_catalog.hdb_metadata SET metadata = '{"version":3,"sources":[{"name":"a","name":"b"}],"network":{"x":1}}'""");

        Assert.Equal("""{"version":3,"sources":[{"name":"b"}],"network":{"x":1}}""", (await target.ExportAsync()).Document.Root.ToJsonString());
    }

    [Theory]
    [InlineData("43", "MetadataStoreUnsupported", "43")]
    [InlineData("49", "MetadataStoreUnsupported", "newest")]
    [InlineData("0.8", "MetadataStoreUnsupported", "no version")]
    public async Task An_unknown_version_is_refused(string version, string id, string text)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        await target.ReplaceAsync(Empty, TestStores.Create);
        await database.ExecuteAsync($"UPDATE hdb_catalog.hdb_version SET version = '{version}'");

        var reading = await Assert.ThrowsAsync<HasuraMigrationException>(() => target.ExportAsync());
        Assert.Equal(id, reading.ErrorId);
        Assert.Contains(text, reading.Message);
        Assert.Equal(id, (await target.FailsAsync(Simple)).ErrorId);
    }
}
