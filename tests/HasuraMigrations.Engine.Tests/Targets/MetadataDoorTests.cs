using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>Imports and commands go through one engine: the same verdict, the same work in databases.</summary>
public sealed class MetadataDoorTests(PostgresServer server)
{
    private const string Configuration = """
        "configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"}}}
        """;

    private const string Trigger = """
        "event_triggers":[{"name":"e","definition":{"enable_manual":false,"insert":{"columns":"*"}},"retry_conf":{"num_retries":0,"interval_sec":10,"timeout_sec":60},"webhook":"http://x"}]
        """;

    private static string With(string tables) => $$"""{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{{tables}}],{{Configuration}}}]}""";

    private static Task<MetadataReplaced> ImportAsync(PostgresMetadataTarget target, string json, bool allow = false) =>
        target.ReplaceAsync(Support.TestStores.Document(json), new MetadataReplaceOptions { CreateStateStore = true, AllowInconsistent = allow }, CancellationToken.None);

    [Fact]
    [Trait("Case", "5")]
    public async Task An_import_makes_changes_and_drops_SQL_triggers()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await using var target = database.Target();
        const string events = "SELECT count(*) FROM hdb_catalog.event_log";

        var made = await ImportAsync(target, With($$"""{"table":"t",{{Trigger}}}"""));
        Assert.Equal((true, 0, 0), (made.IsConsistent, made.Inconsistencies.Count, made.EffectsNotDone.Count));
        await database.ExecuteAsync("INSERT INTO t VALUES (1)");
        Assert.Equal(1L, await database.ScalarAsync<long>(events));

        await ImportAsync(target, With($$"""{"table":"t",{{Trigger.Replace("\"insert\"", "\"delete\"")}}}"""));
        await database.ExecuteAsync("INSERT INTO t VALUES (2); DELETE FROM t WHERE id = 1");
        Assert.Equal(2L, await database.ScalarAsync<long>(events));

        await ImportAsync(target, With("""{"table":"t"}"""));
        await database.ExecuteAsync("DELETE FROM t");
        Assert.Equal((2L, 0L), (await database.ScalarAsync<long>(events), await database.ScalarAsync<long>("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal")));
    }

    [Fact]
    [Trait("Case", "5")]
    public async Task What_is_inconsistent_is_refused_with_its_objects_by_imports_and_commands()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        await ImportAsync(target, With(""));
        var before = await target.ExportAsync();

        var byImport = await Assert.ThrowsAsync<HasuraServerException>(() => ImportAsync(target, With("""{"table":"gone"}""")));
        var byCommand = await Assert.ThrowsAsync<HasuraServerException>(() => target.RunAsync($$"""{"type":"replace_metadata","args":{{With("""{"table":"gone"}""")}}}"""));

        Assert.Equal("MetadataInconsistent", byImport.ErrorId);
        Assert.All(new[] { byImport, byCommand }, e =>
        {
            Assert.Equal("table gone in source default", Assert.Single(e.Inconsistencies).Name);
            Assert.Contains("no such table/view exists in source: \"gone\"", e.Message);
        });
        Assert.Contains("\"reason\"", byCommand.Internal);
        Assert.Equal(before.Token, (await target.ExportAsync()).Token);
        var allowed = await ImportAsync(target, With("""{"table":"gone"}"""), allow: true);
        Assert.Equal((false, 1), (allowed.IsConsistent, allowed.Inconsistencies.Count));
    }

    [Fact]
    [Trait("Case", "5")]
    public async Task Sources_lie_where_they_were_named_and_others_are_not_judged()
    {
        await using var metadata = await server.CreateDatabaseAsync();
        await using var first = await server.CreateDatabaseAsync();
        await using var second = await server.CreateDatabaseAsync();
        await first.ExecuteAsync("CREATE TABLE a (id int PRIMARY KEY)");
        await second.ExecuteAsync("CREATE TABLE b (id int PRIMARY KEY)");
        var places = new Dictionary<string, HasuraConnection> { ["two"] = PostgresConnectionString.Read(second.ConnectionString) };
        await using var target = new PostgresMetadataTarget(PostgresConnectionString.Read(metadata.ConnectionString), PostgresConnectionString.Read(first.ConnectionString), places, 3);
        static string Source(string name, string table) => $$"""{"name":"{{name}}","kind":"postgres","tables":[{"table":"{{table}}",{{Trigger}}}],{{Configuration}}}""";

        var both = await ImportAsync(target, $$"""{"version":3,"sources":[{{Source("default", "a")}},{{Source("two", "b")}}]}""");
        await second.ExecuteAsync("INSERT INTO b VALUES (1)");
        var unknown = await ImportAsync(target, $$"""{"version":3,"sources":[{{Source("default", "a")}},{{Source("two", "b")}},{"name":"three","kind":"postgres","tables":[{"table":"c"}],{{Configuration}}}]}""");

        Assert.True(both.IsConsistent);
        Assert.Equal(1L, await second.ScalarAsync<long>("SELECT count(*) FROM hdb_catalog.event_log"));
        Assert.Null(unknown.IsConsistent);
        Assert.Equal("MetadataInconsistent", (await Assert.ThrowsAnyAsync<HasuraMigrationException>(() => ImportAsync(target, $$"""{"version":3,"sources":[{{Source("default", "b")}},{{Source("two", "b")}}]}"""))).ErrorId);
    }

    [Theory]
    [Trait("Case", "5")]
    [InlineData("""{"type":"export_metadata","args":{}}""")]
    [InlineData("""{"type":"get_inconsistent_metadata","args":{}}""")]
    [InlineData("""{"type":"run_sql","args":{"sql":"SELECT 1","read_only":true}}""")]
    [InlineData("""{"type":"bulk","args":[{"type":"export_metadata","args":{}},{"type":"pg_suggest_relationships","args":{}}]}""")]
    [InlineData("""{"type":"get_catalog_state","args":{}}""")]
    public async Task Who_only_reads_needs_no_right_to_write_and_waits_for_no_writer(string command)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await ImportAsync(database.Target(), With("""{"table":"t"}"""));
        var reading = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = "-c default_transaction_read_only=on -c lock_timeout=2s" };
        await using var target = new PostgresMetadataTarget(PostgresConnectionString.Read(reading.ConnectionString), null, 3);
        await using var other = new NpgsqlConnection(database.ConnectionString);
        await other.OpenAsync();
        await using var writing = await other.BeginTransactionAsync();
        await using var held = new NpgsqlCommand("SELECT 1 FROM hdb_catalog.hdb_metadata FOR UPDATE", other);
        await held.ExecuteNonQueryAsync();

        Assert.NotNull(await target.RunAsync(command));
    }

    [Theory]
    [Trait("Case", "4")]
    [InlineData("""{"_exists":{"_where":{}}}""")]
    [InlineData("""{"_exists":{"_table":null,"_where":{}}}""")]
    [InlineData("""{"_exists":{"_table":1,"_where":{}}}""")]
    [InlineData("""{"_exists":null}""")]
    [InlineData("""{"r":{"_exists":{"_where":{}}}}""")]
    [InlineData("""{"r":{"_not":null}}""")]
    public async Task What_is_stored_and_cannot_be_read_stops_no_command(string filter)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, t_id int REFERENCES t)");
        await using var target = database.Target();
        string Table(string expression) => With("""{"table":"t","object_relationships":[{"name":"r","using":{"foreign_key_constraint_on":"t_id"}}],"select_permissions":[{"role":"u","permission":{"columns":["id"],"filter":EXPRESSION}}]}""".Replace("EXPRESSION", expression, StringComparison.Ordinal));
        await ImportAsync(target, Table("{}"));

        await Assert.ThrowsAnyAsync<HasuraMigrationException>(() => ImportAsync(target, Table(filter)));
        await database.ExecuteAsync($"UPDATE hdb_catalog.hdb_metadata SET metadata = '{Table(filter)}'");

        Assert.Contains(filter, (await target.RunAsync("""{"type":"export_metadata","args":{}}"""))!.ToJsonString().Replace("\\u0022", "\""), StringComparison.Ordinal);
        Assert.Contains("select_permission", (await target.RunAsync("""{"type":"get_inconsistent_metadata","args":{}}"""))!.ToJsonString());
        await target.RunAsync("""{"type":"pg_set_table_customization","args":{"table":"t","configuration":{"custom_name":"tt"}}}""");
        await target.RunAsync("""{"type":"drop_inconsistent_metadata","args":{}}""");
        Assert.True((await target.RunAsync("""{"type":"get_inconsistent_metadata","args":{}}"""))!["is_consistent"]!.GetValue<bool>());
        await database.ExecuteAsync($"UPDATE hdb_catalog.hdb_metadata SET metadata = '{Table(filter)}'");
        Assert.True((await ImportAsync(target, Table("{}"))).IsConsistent);
    }

    [Fact]
    [Trait("Case", "5")]
    public async Task Clearing_leaves_the_database_as_if_there_never_was_an_event_trigger()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await using var target = database.Target();
        await ImportAsync(target, With($$"""{"table":"t",{{Trigger}}}"""));
        var importer = new MetadataImporter(target);

        var result = await importer.ExecuteAsync(await importer.PlanClearAsync(CancellationToken.None), new MetadataImportOptions(), CancellationToken.None);

        Assert.Equal((true, true), (result.Changed, result.IsConsistent));
        Assert.Equal((false, 0L), (await database.ScalarAsync<bool>("SELECT to_regclass('hdb_catalog.event_log') IS NOT NULL"), await database.ScalarAsync<long>("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 't'::regclass")));
    }

    [Fact]
    [Trait("Case", "10")]
    public async Task Roles_that_inherit_in_diamonds_and_in_long_chains_are_gone_through_once()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await using var target = database.Target();
        var roles = Enumerable.Range(1, 40).SelectMany(i => new[] { "a", "b" }.Select(side => $$"""{"role_name":"{{side}}{{i}}","role_set":["a{{i - 1}}","b{{i - 1}}"]}"""));
        string Permission(string role) => """{"role":"ROLE","permission":{"columns":["id"],"filter":{}}}""".Replace("ROLE", role, StringComparison.Ordinal);
        var document = With($$"""{"table":"t","select_permissions":[{{Permission("a0")}},{{Permission("b0")}}]}""");

        var chain = Enumerable.Range(1, 5000).Select(i => $$"""{"role_name":"c{{i}}","role_set":["{{(i == 1 ? "a0" : $"c{i - 1}")}}"]}""");

        Assert.True((await ImportAsync(target, $"{document[..^1]},\"inherited_roles\":[{string.Join(',', roles.Concat(chain.Reverse()))}]}}")).IsConsistent);
    }

    [Theory]
    [Trait("Case", "5")]
    [InlineData("""{"type":"pg_track_function","args":{"function":"g","configuration":{"custom_name":"t"}}}""", "'t' defined in [function g in source default, table t in source default]")]
    [InlineData("""{"type":"pg_set_table_customization","args":{"table":"f","configuration":{"custom_name":"t"}}}""", "'mutation_root' for fields: [   'delete_t_by_pk' defined in")]
    [InlineData("""{"type":"pg_untrack_table","args":{"table":"f"}}""", "newly found inconsistent metadata")]
    public async Task A_command_that_leaves_no_schema_is_refused(string command, string words)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE f (id int PRIMARY KEY); CREATE VIEW v AS SELECT count(*) FROM t; CREATE SCHEMA s; CREATE FUNCTION f() RETURNS SETOF t LANGUAGE sql STABLE AS 'SELECT * FROM t'; CREATE FUNCTION g() RETURNS SETOF t LANGUAGE sql STABLE AS 'SELECT * FROM t'");
        await using var target = database.Target();
        var document = With("""{"table":"t"},{"table":"f"},{"table":"v","configuration":{"custom_root_fields":{"insert":"insert_t"}}}""");
        await ImportAsync(target, document[..^1] + ""","query_collections":[{"name":"c","definition":{"queries":[{"name":"q","query":"query { all: f { id } ...rest } fragment rest on query_root { t_aggregate { aggregate { count } } }"}]}}],"rest_endpoints":[{"name":"e","url":"e","methods":["GET"],"definition":{"query":{"collection_name":"c","query_name":"q"}}}]}""");

        var refused = await Assert.ThrowsAsync<HasuraServerException>(() => target.RunAsync(command));

        Assert.Contains(words, refused.Message);
        Assert.NotEqual("not-supported", refused.Code);
    }

    [Fact]
    [Trait("Case", "12")]
    public async Task SQL_triggers_are_made_anew_only_where_their_columns_changed()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, note text); CREATE TABLE u (id int PRIMARY KEY)");
        await using var target = database.Target();
        await ImportAsync(target, With($$"""{"table":"t",{{Trigger}}},{"table":"u"}"""));
        Task<string?> MadeAsync() => database.ScalarAsync<string>("SELECT concat(g.oid, ' ', p.xmin) FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid WHERE NOT g.tgisinternal");
        Task<JsonNode?> SqlAsync(string sql) => target.RunAsync($$$"""{"type":"run_sql","args":{"sql":"{{{sql}}}","check_metadata_consistency":true}}""");
        var first = await MadeAsync();

        await SqlAsync("COMMENT ON COLUMN t.note IS 'n'; ALTER TABLE u ADD COLUMN more int; ALTER TABLE t ALTER COLUMN note SET DEFAULT 'x'");
        Assert.Equal(first, await MadeAsync());
        await SqlAsync("ALTER TABLE t RENAME COLUMN note TO remark");
        Assert.NotEqual(first, await MadeAsync());
        await database.ExecuteAsync("INSERT INTO t VALUES (1, 'r')");
        Assert.Contains("remark", await database.ScalarAsync<string>("SELECT payload::text FROM hdb_catalog.event_log"));
    }

    [Fact]
    [Trait("Case", "12")]
    public async Task A_bulk_sees_what_its_SQL_made()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        await ImportAsync(target, With(""));

        await target.RunAsync("""
            {"type":"bulk","args":[
              {"type":"run_sql","args":{"sql":"CREATE TABLE e (value text PRIMARY KEY); INSERT INTO e VALUES ('a')"}},
              {"type":"pg_track_table","args":{"table":"e","is_enum":true}},
              {"type":"run_sql","args":{"sql":"SELECT 1"}},
              {"type":"run_sql","args":{"sql":"CREATE TABLE t (id int PRIMARY KEY, kind text REFERENCES e)"}},
              {"type":"pg_track_table","args":{"table":"t"}},
              {"type":"run_sql","args":{"sql":"INSERT INTO e VALUES ('b'); COMMENT ON TABLE t IS 'c'"}},
              {"type":"pg_create_select_permission","args":{"table":"t","role":"u","permission":{"columns":["id"],"filter":{"kind":{"_eq":"b"}}}}},
              {"type":"run_sql","args":{"sql":"ALTER TABLE t RENAME TO tt"}}]}
            """);

        Assert.Equal(["e", "tt"], (await target.ExportAsync()).Document.Root["sources"]![0]!["tables"]!.AsArray().Select(t => t!["table"]!["name"]!.ToString()));
    }
}
