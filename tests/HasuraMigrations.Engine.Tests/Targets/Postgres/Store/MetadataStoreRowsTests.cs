using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer.Sql;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Store;

/// <summary>The rows of version 1 catalogs.</summary>
public sealed class MetadataStoreRowsTests(PostgresServer server)
{
    private const string Everything = """
        {"version":2,
         "tables":[
          {"table":{"schema":"public","name":"author"},"is_enum":true,"configuration":{"custom_root_fields":{"select":"authors"},"custom_column_names":{"id":"key"}},
           "object_relationships":[{"name":"address","using":{"foreign_key_constraint_on":"address_id"},"comment":"where"}],
           "array_relationships":[{"name":"books","using":{"manual_configuration":{"remote_table":{"schema":"public","name":"book"},"column_mapping":{"id":"author_id"}}}}],
           "computed_fields":[{"name":"full","definition":{"function":{"schema":"public","name":"full_name"}},"comment":"c"}],
           "remote_relationships":[{"name":"r","definition":{"hasura_fields":["id"],"remote_schema":"rs","remote_field":{"x":{"arguments":{}}}}}],
           "insert_permissions":[{"role":"user","permission":{"check":{"id":{"_eq":"X-Hasura-User-Id"}},"set":{"a":1},"columns":["id"],"backend_only":true,"later":[1]}}],
           "select_permissions":[{"role":"admin2","permission":{"columns":"*","filter":{}}},{"role":"user","permission":{"columns":["id","name"],"computed_fields":["full"],"filter":{"_and":[]},"limit":5,"allow_aggregations":true},"comment":"see"}],
           "update_permissions":[{"role":"user","permission":{"columns":["name"],"filter":{},"check":null}}],
           "delete_permissions":[{"role":"user","permission":{"filter":{}}}],
           "event_triggers":[{"name":"e","definition":{"enable_manual":false,"insert":{"columns":"*"}},"retry_conf":{"num_retries":0,"interval_sec":10,"timeout_sec":60},"webhook":"http://x","headers":[{"value":"v","name":"n"}]}]},
          {"table":{"schema":"public","name":"book"}}],
         "functions":[{"function":{"schema":"public","name":"search"},"configuration":{"session_argument":"s"}},{"function":{"schema":"x","name":"plain"}}],
         "remote_schemas":[{"name":"rs","definition":{"url":"http://r","timeout_seconds":60,"forward_client_headers":true},"comment":"remote"}],
         "query_collections":[{"name":"allowed","definition":{"queries":[{"name":"q","query":"query { a }"}]}}],
         "allowlist":[{"collection":"allowed"}],
         "actions":[{"name":"act","definition":{"handler":"http://h","output_type":"Out","arguments":[{"name":"x","type":"Int"}],"type":"mutation","kind":"synchronous"},"comment":"does","permissions":[{"role":"user"},{"role":"zed","comment":"too"}]}],
         "custom_types":{"objects":[{"name":"Out","fields":[{"name":"f","type":"Int"}]}]},
         "cron_triggers":[{"name":"c","webhook":"http://c","schedule":"* * * * *","include_in_metadata":true,"payload":{"a":[1]},"retry_conf":{"num_retries":3,"timeout_seconds":60,"tolerance_seconds":21600,"retry_interval_seconds":10},"headers":[{"name":"h","value":"v"}],"comment":"tick"},{"name":"d","webhook":"http://d","schedule":"* * * * *","include_in_metadata":true}]}
        """;

    private const string Tables = """{"version":2,"tables":[{"table":"a","select_permissions":[{"role":"r","permission":{"columns":"*","filter":{}}}]},{"table":{"schema":"s","name":"b"}}],"functions":[{"function":"f"},{"function":{"schema":"s","name":"g"}}]}""";

    private static readonly MetadataReplaceOptions Skip = new() { SkipSideEffects = true };

    [Fact]
    public async Task Rows_that_were_only_moved_are_no_change()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);
        await using var target = database.Target(2);
        await target.ReplaceAsync(Everything, Skip);
        var before = await target.ExportAsync();

        await database.ExecuteAsync("UPDATE hdb_catalog.hdb_cron_triggers SET comment = comment WHERE name = 'c'; UPDATE hdb_catalog.hdb_action_permission SET comment = comment WHERE role_name = 'user'");
        var moved = await target.ExportAsync();

        Assert.NotEqual(before.Document.Root.ToJsonString(), moved.Document.Root.ToJsonString());
        Assert.Equal(before.Token, moved.Token);
        await database.ExecuteAsync("UPDATE hdb_catalog.hdb_cron_triggers SET comment = 'other' WHERE name = 'c'");
        Assert.NotEqual(before.Token, (await target.ExportAsync()).Token);
    }

    [Theory]
    [InlineData(13)]
    [InlineData(18)]
    [InlineData(null)]
    public async Task Everything_comes_back_in_the_order_of_a_server(int? version)
    {
        await using var database = await (version is { } number ? server.OfVersion(number) : server).CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);
        await using var target = database.Target(2);

        Assert.Equal("""{"version":2,"tables":[]}""", (await target.ExportAsync()).Document.Root.ToJsonString());
        var replaced = await target.ReplaceAsync(Everything, Skip);
        var exported = await target.ExportAsync();

        Assert.Equal((null, exported.Token), (replaced.ResourceVersion, replaced.Token));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Everything), exported.Document.Root), exported.Document.Root.ToJsonString());
        Assert.Equal(Keys(JsonNode.Parse(Everything)!, 4), Keys(exported.Document.Root, 4));

        var again = await target.ReplaceAsync(exported.Document, new MetadataReplaceOptions { ExpectedToken = exported.Token, AllowInconsistent = true }, CancellationToken.None);
        Assert.Equal((await target.ExportAsync()).Token, again.Token);
        Assert.Equal(exported.Document.Root.ToJsonString(), (await target.ExportAsync()).Document.Root.ToJsonString());
        Assert.Empty(again.EffectsNotDone);
    }

    [Fact]
    public async Task Rows_of_the_system_stay()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);
        await using var target = database.Target(2);

        await target.ReplaceAsync(Everything, Skip);
        await target.ReplaceAsync("""{"version":2,"tables":[]}""", Skip);

        Assert.Equal("""{"version":2,"tables":[]}""", (await target.ExportAsync()).Document.Root.ToJsonString());
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM hdb_catalog.hdb_table) + (SELECT count(*) FROM hdb_catalog.hdb_permission)"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM hdb_catalog.event_triggers) + (SELECT count(*) FROM hdb_catalog.hdb_action_permission) + (SELECT count(*) FROM hdb_catalog.hdb_custom_types) + (SELECT count(*) FROM hdb_catalog.hdb_cron_triggers)"));
    }

    [Theory]
    [InlineData("""{"version":2,"tables":[],"rest_endpoints":[{"name":"x"}],"network":{"a":1},"inherited_roles":[]}""", "rest_endpoints, network.")]
    [InlineData("""{"version":2,"tables":[{"table":"a","apollo_federation_config":{"enable":"v1"}}]}""", "tables[0].apollo_federation_config.")]
    [InlineData("""{"version":2,"tables":[{"table":"a","select_permissions":[{"role":"r","permission":{},"x":1}]}]}""", "tables[0].select_permissions[0].x.")]
    [InlineData("""{"version":2,"tables":[7]}""", "tables[0].")]
    [InlineData("""{"version":2,"tables":[{"table":7}]}""", "tables[0].table.")]
    [InlineData("""{"version":2,"tables":[],"remote_schemas":[{"name":"r","definition":{"url":"http://r"},"permissions":[{"role":"x"}]}]}""", "remote_schemas[0].permissions.")]
    [InlineData("""{"version":2,"tables":[],"allowlist":[{"collection":"c","scope":{"global":false,"roles":["r"]}}]}""", "allowlist[0].scope.")]
    [InlineData("""{"version":2,"tables":[],"cron_triggers":[{"name":"c","webhook":"w","schedule":"s","include_in_metadata":true,"request_transform":{"version":2}}]}""", "cron_triggers[0].request_transform.")]
    [InlineData("""{"version":2,"tables":[{"table":"a"},{"table":"a"}]}""", "multiple declarations")]
    public async Task What_rows_cannot_hold_is_named_and_nothing_is_written(string json, string names)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);
        await using var target = database.Target(2);
        await target.ReplaceAsync(Tables);
        var before = (await target.ExportAsync()).Token;

        var error = await target.FailsAsync(json);

        Assert.Equal("MetadataNotStorable", error.ErrorId);
        Assert.Contains(names, error.Message);
        Assert.Equal(before, (await target.ExportAsync()).Token);
    }

    [Fact]
    public async Task Version_3_is_refused()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);

        Assert.Equal("MetadataVersionMismatch", (await database.Target(2).FailsAsync("""{"version":3,"sources":[]}""")).ErrorId);
    }

    [Fact]
    [Trait("Case", "12.5")]
    public async Task What_such_servers_do_not_sort_comes_in_the_order_of_its_table()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);
        await database.ExecuteAsync("""
            INSERT INTO hdb_catalog.hdb_table (table_schema, table_name) VALUES ('public', 't');
            INSERT INTO hdb_catalog.hdb_computed_field (table_schema, table_name, computed_field_name, definition) SELECT 'public', 't', n, '{"function": "f"}' FROM unnest(ARRAY['week', 'month']) n;
            INSERT INTO hdb_catalog.hdb_cron_triggers (name, webhook_conf, cron_schedule, include_in_metadata) SELECT n, '"w"', '* * * * *', true FROM unnest(ARRAY['z', 'a']) n;
            INSERT INTO hdb_catalog.hdb_permission (table_schema, table_name, role_name, perm_type, perm_def) VALUES ('public', 't', 'r', 'insert', '{"check": {}, "columns": "*", "backend_only": false}'), ('public', 't', 'q', 'insert', '{"check": {}, "columns": "*", "set": {}}');
            """);
        await using var target = database.Target(2);

        var root = (await target.ExportAsync()).Document.Root;

        Assert.Equal(["week", "month"], root["tables"]![0]!["computed_fields"].AsObjects().Select(f => f["name"]!.ToString()));
        Assert.Equal(["z", "a"], root["cron_triggers"].AsObjects().Select(t => t["name"]!.ToString()));
        Assert.Equal(["""{"check":{},"columns":"*"}""", """{"check":{},"columns":"*","backend_only":false}"""], root["tables"]![0]!["insert_permissions"].AsObjects().Select(p => p["permission"].ToText()));
    }

    [Fact]
    public async Task The_oldest_catalog_is_read_and_written_too()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version28);
        await using var target = database.Target(1);
        const string withTrigger = """{"version":2,"tables":[{"table":{"schema":"public","name":"a"},"event_triggers":[{"name":"e","definition":{"enable_manual":true},"webhook":"w"}]}]}""";

        await target.ReplaceAsync(Tables);
        Assert.Equal("""{"version":2,"tables":[{"table":{"schema":"public","name":"a"},"select_permissions":[{"role":"r","permission":{"columns":"*","filter":{}}}]},{"table":{"schema":"s","name":"b"}}],"functions":[{"function":{"schema":"public","name":"f"}},{"function":{"schema":"s","name":"g"}}]}""", (await target.ExportAsync()).Document.Root.ToJsonString());
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM hdb_catalog.hdb_schema_update_event"));

        await target.ReplaceAsync(withTrigger, Skip);
        await target.ReplaceAsync(withTrigger);
        Assert.Equal(withTrigger, (await target.ExportAsync()).Document.Root.ToJsonString());
        var actions = await target.FailsAsync("""{"version":2,"tables":[],"actions":[{"name":"a","definition":{}}]}""", Skip);
        Assert.Contains("actions[0] (this catalog has no table hdb_action)", actions.Message);
    }

    [Fact]
    public async Task Servers_are_told_by_the_event_they_listen_to()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);
        await using var target = database.Target(2);
        const string events = "SELECT coalesce(string_agg(invalidations::text, ','), '') FROM hdb_catalog.hdb_schema_update_event";

        await target.ReplaceAsync(Tables, new MetadataReplaceOptions { NoReload = true });
        Assert.Equal("", await database.ScalarAsync<string>(events));
        await target.ReplaceAsync("""{"version":2,"tables":[],"remote_schemas":[{"name":"r","definition":{"url":"http://r"}}]}""");
        Assert.Equal("""{"metadata" : true, "remote_schemas" : ["r"]}""", await database.ScalarAsync<string>(events));
        await target.ReloadAsync(CancellationToken.None);
        Assert.Equal("""{"metadata" : true, "remote_schemas" : ["r"]}""", await database.ScalarAsync<string>(events));
    }

    [Fact]
    public async Task A_row_that_somebody_else_writes_is_a_conflict()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);
        await using var target = database.Target(2);
        await target.ReplaceAsync(Tables);
        var token = (await target.ExportAsync()).Token;
        await database.ExecuteAsync("UPDATE hdb_catalog.hdb_permission SET comment = 'x' WHERE NOT is_system_defined");

        Assert.Equal("MetadataConflict", (await target.FailsAsync(Tables, new MetadataReplaceOptions { ExpectedToken = token })).ErrorId);
    }

    [Fact]
    public async Task Of_two_writers_of_the_same_rows_one_wins()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);
        await using var target = database.Target(2);
        var token = (await target.ExportAsync()).Token;

        var attempts = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Record.ExceptionAsync(() => target.ReplaceAsync(Tables, new MetadataReplaceOptions { ExpectedToken = token })).AsTask()));

        Assert.Equal("MetadataConflict", Assert.IsType<HasuraMigrationException>(Assert.Single(attempts, a => a is not null)).ErrorId);
    }

    [Fact]
    public async Task Writers_at_once_lose_nothing()
    {
        var writers = LongForm.Count(20, 6);
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);
        await using var target = database.Target(2);

        await Task.WhenAll(Enumerable.Range(0, writers).Select(i => target.ChangeAsync(root =>
            root["tables"]!.AsArray().Add((JsonNode)new JsonObject { ["table"] = $"t{i:00}" }))));

        Assert.Equal(writers, (await target.ExportAsync()).Document.Root["tables"]!.AsArray().Count);
    }

    [Fact]
    public async Task Cron_triggers_outside_the_metadata_stay_and_so_do_events_of_unchanged_ones()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);
        await using var target = database.Target(2);
        await target.ReplaceAsync(Everything, Skip);
        await database.ExecuteAsync("""
            INSERT INTO hdb_catalog.hdb_cron_triggers (name, webhook_conf, cron_schedule, include_in_metadata) VALUES ('hidden', '"w"', '* * * * *', false);
            INSERT INTO hdb_catalog.hdb_cron_events (trigger_name, scheduled_time) SELECT n, now() + d * interval '1 hour' FROM unnest(ARRAY['hidden', 'c', 'd']) n, unnest(ARRAY[-1, 1]) d;
            """);
        var exported = await target.ExportAsync();
        Assert.DoesNotContain("hidden", exported.Document.Root.ToJsonString());
        exported.Document.Root["cron_triggers"]![1]!["schedule"] = "5 * * * *";

        await target.ReplaceAsync(exported.Document, new MetadataReplaceOptions { ExpectedToken = exported.Token, AllowInconsistent = true }, CancellationToken.None);

        Assert.Equal("c-,c+,d-,hidden-,hidden+", await database.ScalarAsync<string>("SELECT string_agg(trigger_name || CASE WHEN scheduled_time > now() THEN '+' ELSE '-' END, ',' ORDER BY trigger_name, scheduled_time) FROM hdb_catalog.hdb_cron_events"));
        Assert.Equal("5 * * * *", await database.ScalarAsync<string>("SELECT cron_schedule FROM hdb_catalog.hdb_cron_triggers WHERE name = 'd'"));
    }

    [Fact]
    [Trait("Case", "5")]
    public async Task SQL_triggers_are_made_as_a_server_makes_them()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);
        await database.ExecuteAsync("CREATE TABLE author (id int PRIMARY KEY, name text)");
        await using var target = database.Target(2);
        const string document = """{"version":2,"tables":[{"table":"author","event_triggers":[{"name":"e","definition":{"enable_manual":false,"insert":{"columns":"*"}},"retry_conf":{"num_retries":0,"interval_sec":10,"timeout_sec":60},"webhook":"http://x"}]}]}""";

        var replaced = await target.ReplaceAsync(TestStores.Document(document), new MetadataReplaceOptions(), CancellationToken.None);

        Assert.Equal((true, 0), (replaced.IsConsistent, replaced.EffectsNotDone.Count));
        Assert.Equal("notify_hasura_e_INSERT", await database.ScalarAsync<string>("SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 'author'::regclass"));
    }

    [Fact]
    [Trait("Case", "12")]
    public async Task A_document_without_a_version_is_carried_to_what_the_rows_hold()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);
        await using var target = database.Target(1);

        await target.RunAsync("""{"type":"bulk","args":[{"type":"replace_metadata","args":{"tables":[]}},{"type":"run_sql","args":{"sql":"CREATE TABLE t (id int PRIMARY KEY); CREATE FUNCTION f() RETURNS SETOF t LANGUAGE sql STABLE AS 'SELECT * FROM t'"}},{"type":"track_table","args":"t"},{"type":"track_function","args":"f"},{"type":"create_update_permission","args":{"table":"t","role":"u","permission":{"columns":["id"],"filter":{"$or":[{"id":1}]},"set":{}}}}]}""");

        Assert.Equal(
            """{"version":2,"tables":[{"table":{"schema":"public","name":"t"},"update_permissions":[{"role":"u","permission":{"columns":["id"],"filter":{"_or":[{"id":1}]},"check":null}}]}],"functions":[{"function":{"schema":"public","name":"f"}}]}""",
            (await target.ExportAsync()).Document.Root.ToJsonString());
    }

    [Fact]
    public async Task An_event_trigger_that_goes_takes_its_SQL_triggers_along()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);
        await using var target = database.Target(2);
        await target.ReplaceAsync(Everything, Skip);
        await database.ExecuteAsync("""
            CREATE TABLE author (id int);
            CREATE FUNCTION hdb_views."notify_hasura_e_INSERT"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO hdb_catalog.event_log (schema_name, table_name, trigger_name, payload) VALUES ('''', '''', ''e'', ''{}''); RETURN NULL; END';
            CREATE TRIGGER "notify_hasura_e_INSERT" AFTER INSERT ON author FOR EACH ROW EXECUTE FUNCTION hdb_views."notify_hasura_e_INSERT"();
            INSERT INTO author VALUES (1);
            """);

        var replaced = await target.ReplaceAsync(Tables);
        await database.ExecuteAsync("INSERT INTO author VALUES (2)");

        Assert.Empty(replaced.EffectsNotDone);
        Assert.Equal("true", await database.ScalarAsync<string>("SELECT string_agg(archived::text, ',') FROM hdb_catalog.event_log"));
    }

    /// <summary>The keys of a tree in their order, down to a depth: below, jsonb has an order of its own.</summary>
    private static string Keys(JsonNode? node, int depth) => node switch
    {
        _ when depth == 0 => "",
        JsonObject map => $"{{{string.Join(",", map.Select(p => p.Key + Keys(p.Value, depth - 1)))}}}",
        JsonArray list => $"[{string.Join(",", list.Select(n => Keys(n, depth - 1)))}]",
        _ => "",
    };
}
