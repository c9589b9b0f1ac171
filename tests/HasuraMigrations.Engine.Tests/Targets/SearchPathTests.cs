using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>Nothing that this module says to a database is looked up in a schema of others.</summary>
public sealed class SearchPathTests(PostgresServer server)
{
    private const string Directive = "-- hasura:no-transaction\n";

    private const string Document = """
        {"version": 3, "sources": [{"name": "default", "kind": "postgres", "configuration": {"connection_info": {"database_url": {"from_env": "X"}}}, "tables": [
          {"table": {"schema": "work", "name": "e"}, "is_enum": true},
          {"table": {"schema": "work", "name": "t"}, "event_triggers": [{"name": "ev", "definition": {"enable_manual": true, "insert": {"columns": "*"}, "update": {"columns": ["v"]}}, "retry_conf": {"num_retries": 0, "interval_sec": 10, "timeout_sec": 60}, "webhook": "http://x"}]}]}],
         "cron_triggers": [{"name": "c", "webhook": "http://x", "schedule": "* * * * *", "include_in_metadata": true}]}
        """;

    private const string Tables = "CREATE TABLE work.e (v pg_catalog.text PRIMARY KEY, c pg_catalog.text); INSERT INTO work.e VALUES ('a', 'b'); CREATE TABLE work.t (id integer PRIMARY KEY, v pg_catalog.text REFERENCES work.e);";

    [Fact]
    [Trait("Case", "13")]
    public async Task Nothing_laid_in_the_search_path_ever_runs()
    {
        await using var traps = await SearchPathTraps.LayAsync(server);
        Assert.True(traps.Count > 4924, $"{traps.Count} traps");
        var place = traps.Database;
        // They do spring where a name is looked up as usual.
        foreach (var sql in new[] { "SELECT 1 WHERE 1::pg_catalog.oid = 1::pg_catalog.int4", "SELECT now()", "SELECT 'a'::text", "SELECT 1 FROM pg_class" })
        {
            Assert.Contains("TRAP", (await Assert.ThrowsAsync<PostgresException>(() => place.ExecuteAsync(sql))).Message);
        }

        var sprung = await traps.SprungAsync();
        foreach (var role in traps.Roles)
        {
            await traps.ClearAsync(role);
            await StraightAsync(place, traps.ConnectionString(role));
            Assert.Equal("", await place.ScalarAsync<string>("SET search_path = pg_catalog; SELECT coalesce(string_agg(pg_get_expr(d.adbin, d.adrelid), ', '), '') FROM pg_attrdef d WHERE pg_get_expr(d.adbin, d.adrelid) LIKE '%evil%'"));
            await traps.ClearAsync(role);
            await ThroughServerAsync(place, traps.ConnectionString(role), HasuraApi.V2);
        }

        var plain = traps.Roles[^1];
        await traps.ClearAsync(plain);
        await RowsAsync(traps.ConnectionString(plain));
        await traps.ClearAsync(plain);
        await ThroughServerAsync(place, traps.ConnectionString(plain), HasuraApi.V1);
        Assert.Equal(sprung, await traps.SprungAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Case", "13")]
    public async Task A_file_has_the_path_that_its_session_would_have(bool isThroughServer)
    {
        await using var place = await TargetPlace.OpenAsync(server, isThroughServer ? HasuraApi.V2 : null);
        await place.Database.ExecuteAsync($"""
            CREATE SCHEMA own; CREATE SCHEMA other; ALTER DATABASE {place.Database.Name} SET search_path = own, public;
            CREATE TABLE own.late (id int); CREATE TABLE own.seen (path text);
            CREATE FUNCTION own.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES (current_setting('search_path')); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER t AFTER INSERT ON own.late DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION own.see();
            """);
        await using (var pooled = new NpgsqlConnection(place.Database.ConnectionString))
        {
            NpgsqlConnection.ClearPool(pooled);
        }

        using var project = new TestProject()
            .Add(1, "CREATE TABLE a (id int); SET search_path = other; CREATE TABLE b (id int); RESET search_path; CREATE TABLE c (id int); INSERT INTO late VALUES (1);")
            .Add(2, "SELECT set_config('search_path', '', false); CREATE TABLE other.d (id int);")
            .Add(3, Directive + "CREATE TABLE e (id int);\nSET search_path = other;\nCREATE TABLE f (id int);\nVACUUM f;\nRESET search_path;\nCREATE TABLE g (id int);\n")
            .Add(4, "CREATE TABLE h (id int);");

        Assert.Equal(4, (await place.RunAsync(project)).Results.Count);

        Assert.Equal("other.b,other.d,other.f,own.a,own.c,own.e,own.g,own.h,own.late,own.seen", await place.Database.ScalarAsync<string>("SELECT string_agg(schemaname || '.' || tablename, ',' ORDER BY schemaname, tablename) FROM pg_tables WHERE schemaname IN ('own', 'other')"));
        Assert.Equal("own, public", await place.Database.ScalarAsync<string>("SELECT path FROM own.seen"));
    }

    private static TestProject Project(int version)
    {
        var project = new TestProject(version)
            .Add(1, Tables, "DROP TABLE work.t; DROP TABLE work.e;")
            .Add(2, "SET search_path = work; CREATE TABLE moved (id integer); RESET search_path;", "DROP TABLE work.moved;")
            .Add(3, "BEGIN; SET search_path = work; CREATE TABLE late (id integer); COMMIT;", "DROP TABLE work.late;");
        return version == 1 ? project : project.Add(
            4,
            Directive + "SET search_path = work, public;\nCREATE INDEX CONCURRENTLY i ON t (v);\nINSERT INTO moved VALUES (1);\nBEGIN;\nINSERT INTO moved VALUES (2);\nROLLBACK;\nBEGIN READ ONLY;\nTABLE e;\nCOMMIT;\nVACUUM e;\n",
            Directive + "DROP INDEX CONCURRENTLY work.i;");
    }

    private static async Task StraightAsync(TestDatabase database, string connection)
    {
        using var project = Project(3);
        await using var metadata = new PostgresMetadataTarget(PostgresConnectionString.Read(connection), null, 3);
        Assert.False((await metadata.ExportAsync(CancellationToken.None)).Exists);
        await metadata.ReplaceAsync("""{"version": 3, "sources": []}""", Support.TestStores.Create);
        await MigrateAsync(project, () => project.Target(connection));
        await ForgottenAsync(database, project, () => project.Target(connection));
        await MetadataAsync(metadata);
        await LocksAsync(connection);
        using var actions = new TestProject(1).Write("migrations/7_a.up.yaml", "- type: run_sql\n  args: {sql: 'CREATE TABLE work.y (id integer)'}\n- type: track_table\n  args: {table: {schema: work, name: y}}\n");
        await using var target = actions.Target(connection);
        await new MigrationRunner(actions.Scan(), target).RunAsync(new MigrationGoal.AllPending(), new PlanOptions(), new RunOptions { CreateStateStore = true }, null, new RecordingObserver(), CancellationToken.None);
        await LeftoverAsync(project, () => project.Target(connection));
    }

    // A catalog of rows, as servers of version 1 keep it.
    private static async Task RowsAsync(string connection)
    {
        await CreateRowsAsync(connection);
        using var project = Project(1).Write("migrations/5_a.up.yaml", "- type: run_sql\n  args: {sql: 'CREATE TABLE work.y (id integer)'}\n- type: track_table\n  args: {schema: work, name: y}\n");
        await MigrateAsync(project, () => project.Target(connection), undone: 0);
        await using var metadata = new PostgresMetadataTarget(PostgresConnectionString.Read(connection), null, 2);
        var document = (await metadata.ExportAsync(CancellationToken.None)).Document;
        await metadata.ReplaceAsync(document.Root.ToJsonString());
        await metadata.ReloadAsync(CancellationToken.None);
        await metadata.ExecuteAsync(Command("get_inconsistent_metadata", "{}"), CancellationToken.None);
    }

    private static async Task ThroughServerAsync(TestDatabase database, string connection, HasuraApi api)
    {
        if (api == HasuraApi.V1)
        {
            await CreateRowsAsync(connection);
        }

        await using var host = await TestServerHost.StartAsync(new TestServerOptions { Postgres = connection, Api = api });
        using var client = new HasuraClient(new HasuraServerConnection(host.Endpoint.AbsoluteUri));
        using var project = Project(api == HasuraApi.V1 ? 1 : 3);
        await MigrateAsync(project, () => project.Target(host));
        if (api == HasuraApi.V2)
        {
            await using var metadata = new ServerMetadataTarget(client);
            await MetadataAsync(metadata);
            await ForgottenAsync(database, project, () => project.Target(host));
            await LeftoverAsync(project, () => project.Target(host));
        }
    }

    private static async Task CreateRowsAsync(string connection)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection) { Pooling = false };
        settings["Server Compatibility Mode"] = "NoTypeLoading";
        await using var session = new NpgsqlConnection(settings.ConnectionString);
        await session.OpenAsync();
        await using var command = new NpgsqlCommand($"SET search_path = pg_catalog, public; {HasuraMigrations.TestServer.Sql.RowCatalog.Version40.Replace("CREATE EXTENSION pgcrypto", "CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA public", StringComparison.Ordinal)}", session);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task MigrateAsync(TestProject project, Func<IMigrationTarget> open, int undone = 1)
    {
        async Task DoAsync(Func<MigrationRunner, IMigrationTarget, Task> work)
        {
            await using var target = open();
            await work(new MigrationRunner(project.Scan(), target), target);
        }

        Task RunAsync(MigrationGoal goal, PlanOptions? plan = null) => DoAsync((r, _) => r.RunAsync(goal, plan ?? new PlanOptions(), new RunOptions { LocateError = true }, null, new RecordingObserver(), CancellationToken.None));

        await RunAsync(new MigrationGoal.AllPending());
        if (undone > 0)
        {
            await RunAsync(new MigrationGoal.Last(undone));
        }

        project.Add(9, "TABLE work.missing;");
        await Assert.ThrowsAsync<MigrationFailedException>(() => RunAsync(new MigrationGoal.AllPending()));
        Directory.Delete(Path.Combine(project.Migrations, "9_m"), recursive: true);
        await DoAsync((r, _) => r.RepairAsync(MigrationRepair.AcceptChecksum, [project.Scan().Migrations[0].Version], new RunOptions(), new RecordingObserver(), CancellationToken.None));
        await DoAsync(async (_, target) =>
        {
            Assert.NotEmpty(await target.ReadLogAsync(10, CancellationToken.None));
            Assert.NotEmpty(await target.ReadStoredAsync(CancellationToken.None));
        });
        await DoAsync(async (r, _) => Assert.All((await r.StatusAsync(CancellationToken.None)).Migrations, m => Assert.Equal(MigrationState.Applied, m.Status)));
    }

    // Names that are looked up as the file would: what a forgotten version made, and an index that a failed build left.
    private static async Task ForgottenAsync(TestDatabase database, TestProject project, Func<IMigrationTarget> open)
    {
        await database.ExecuteAsync("SET search_path = pg_catalog; UPDATE hdb_catalog.hdb_version SET cli_state = jsonb_set(cli_state, '{migrations,default}', '{}'); INSERT INTO work.moved VALUES (1), (1);");
        await using (var target = open())
        {
            Assert.Contains((await new MigrationRunner(project.Scan(), target).StatusAsync(CancellationToken.None)).Migrations, m => m.Version == 1);
        }
    }

    private static async Task LeftoverAsync(TestProject project, Func<IMigrationTarget> open)
    {
        project.Add(8, Directive + "SET search_path = work;\nCREATE UNIQUE INDEX CONCURRENTLY u ON moved (id);\n");
        for (var i = 0; i < 2; i++)
        {
            await using var target = open();
            var error = await Assert.ThrowsAsync<MigrationFailedException>(() => new MigrationRunner(project.Scan(), target).RunAsync(new MigrationGoal.Exactly([8], MigrationDirection.Up), new PlanOptions(), new RunOptions(), null, new RecordingObserver(), CancellationToken.None));
            Assert.Equal("23505", error.SqlState);
        }
    }

    private static async Task MetadataAsync(IMetadataTarget target)
    {
        await target.ReplaceAsync(Document);
        await target.ExportAsync(CancellationToken.None);
        await target.ReloadAsync(CancellationToken.None);
        foreach (var (type, args) in new[]
        {
            ("get_inconsistent_metadata", "{}"),
            ("pg_untrack_table", """{"source": "default", "table": {"schema": "work", "name": "e"}}"""),
            ("pg_track_table", """{"source": "default", "table": {"schema": "work", "name": "e"}}"""),
            ("get_catalog_state", "{}"),
            ("set_catalog_state", """{"type": "console", "state": {}}"""),
            ("create_scheduled_event", """{"webhook": "http://x", "schedule_at": "2040-01-01T00:00:00Z", "payload": {}}"""),
            ("get_scheduled_events", """{"type": "one_off"}"""),
            ("get_scheduled_events", """{"type": "cron", "trigger_name": "c"}"""),
            ("pg_invoke_event_trigger", """{"source": "default", "name": "ev", "payload": {}}"""),
            ("pg_get_event_logs", """{"source": "default", "name": "ev"}"""),
        })
        {
            await target.ExecuteAsync(Command(type, args), CancellationToken.None);
        }

        await target.ReplaceAsync("""{"version": 3, "sources": [{"name": "default", "kind": "postgres", "configuration": {"connection_info": {"database_url": {"from_env": "X"}}}, "tables": []}]}""");
    }

    // What is asked about the sessions that a run waits for.
    private static async Task LocksAsync(string connection)
    {
        var connector = new PostgresConnector(PostgresConnectionString.Read(connection));
        await using var held = await RunLock.TakeAsync(connector, new RecordingObserver(), new RunOptions { LockTimeout = TimeSpan.Zero }, CancellationToken.None);
        await held.BlockersAsync(held.Process!.Id, CancellationToken.None);
        await Assert.ThrowsAsync<HasuraMigrationException>(() => RunLock.TakeAsync(connector, new RecordingObserver(), new RunOptions { LockTimeout = TimeSpan.Zero }, CancellationToken.None));
    }

    private static JsonObject Command(string type, string args) => new() { ["type"] = type, ["args"] = JsonNode.Parse(args) };
}
