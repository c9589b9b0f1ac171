using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>Migrations through a server end as they do straight on the database.</summary>
public sealed class ServerRunTests(PostgresServer server)
{
    public static TheoryData<HasuraApi, int> Worlds => new() { { HasuraApi.V2, 3 }, { HasuraApi.V2, 2 }, { HasuraApi.V1, 2 }, { HasuraApi.V1, 1 } };

    [Theory]
    [MemberData(nameof(Worlds))]
    public async Task Migrations_are_applied_recorded_and_rolled_back(HasuraApi api, int config)
    {
        await using var place = await Place.OpenAsync(server, api, withTable: false);
        using var project = new TestProject(config)
            .Add(1, "CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1);", "DROP TABLE a;")
            .Add(2, "BEGIN;\nCREATE TABLE b (a int REFERENCES a);\nCOMMIT;\n-- the end", "DROP TABLE b;");
        var mode = new PlanOptions { TransactionMode = config == 1 ? MigrationTransactionMode.All : MigrationTransactionMode.PerMigration };

        var applied = await project.RunAsync(place.Host, plan: mode);

        Assert.Equal([(1L, MigrationOutcome.Applied, false), (2L, MigrationOutcome.Applied, false)], applied.Results.Select(r => (r.Version, r.Outcome, r.IsResolved)));
        Assert.All(applied.Results, r => Assert.NotNull(r.Duration));
        Assert.Equal(1L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM a"));
        Assert.Equal("1,2", await place.StateAsync(config));
        Assert.Equal("1:succeeded,2:succeeded", await place.LogAsync());
        var (migrations, findings) = await project.StatusAsync(place.Host);
        Assert.All(migrations, m => Assert.Equal((MigrationState.Applied, MigrationChecksumState.Unchanged), (m.Status, m.ChecksumState)));
        Assert.Empty(findings);

        Assert.Empty((await project.RunAsync(place.Host, plan: mode)).Results);

        var undone = await project.RunAsync(place.Host, new MigrationGoal.Last(int.MaxValue), mode);
        Assert.Equal([(2L, MigrationOutcome.RolledBack), (1L, MigrationOutcome.RolledBack)], undone.Results.Select(r => (r.Version, r.Outcome)));
        Assert.Equal(0L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.history"));
        Assert.Equal("", await place.StateAsync(config));
        Assert.Equal(0L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Theory]
    [MemberData(nameof(Worlds))]
    public async Task A_failure_keeps_what_was_before_and_names_the_file(HasuraApi api, int config)
    {
        await using var place = await Place.OpenAsync(server, api, withTable: false);
        using var project = new TestProject(config)
            .Add(1, "CREATE TABLE a (id int);")
            .Add(2, "CREATE TABLE b (id int);\nINSERT INTO nowhere VALUES (1);\nCREATE TABLE never (id int);")
            .Add(3, "CREATE TABLE c (id int);");
        var observer = new RecordingObserver();

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(place.Host, observer: observer));

        Assert.Equal([1L], observer.Results.Select(r => r.Version));
        Assert.Equal(("MigrationFailed", 2L, "42P01", null, 1), (error.ErrorId, error.Version, error.SqlState, error.Line, error.AppliedBefore));
        Assert.Equal("relation \"nowhere\" does not exist", error.ServerMessage);
        Assert.EndsWith("up.sql", error.File);
        Assert.Equal("a", await place.TablesAsync());
        Assert.Equal("1:succeeded,2:failed", await place.LogAsync());
        Assert.Equal("1", await place.StateAsync(config));

        var located = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(place.Host, options: new RunOptions { LocateError = true }));
        Assert.Equal((2, 2, 1), (located.StatementNumber, located.Line, located.Column));
        Assert.Equal("a", await place.TablesAsync());
    }

    [Theory]
    [InlineData(HasuraApi.V2)]
    [InlineData(HasuraApi.V1)]
    public async Task One_transaction_for_all_applies_nothing_on_failure_and_names_the_migration(HasuraApi api)
    {
        await using var place = await Place.OpenAsync(server, api, withTable: false);
        using var project = new TestProject(1).Add(1, "CREATE TABLE a (id int); SET search_path = nowhere;").Add(2, "CREATE TABLE b (id int);").Add(3, "SELECT 1;\nSELECT 1/0;");
        var all = new PlanOptions { TransactionMode = MigrationTransactionMode.All };

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(place.Host, plan: all));
        Assert.Equal((3L, 0, "22012"), (error.Version, error.AppliedBefore, error.SqlState));
        Assert.Equal("", await place.TablesAsync());

        project.Add(3, "SELECT 1;");
        Assert.Equal(3, (await project.RunAsync(place.Host, plan: all)).Results.Count);
        Assert.Equal("a,b", await place.TablesAsync());
    }

    [Theory]
    [InlineData(HasuraApi.V2)]
    [InlineData(HasuraApi.V1)]
    public async Task What_a_file_sets_is_gone_before_the_record_and_the_next_file(HasuraApi api)
    {
        await using var place = await Place.OpenAsync(server, api, withTable: false);
        await place.Database.ExecuteAsync("CREATE SCHEMA other; DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'leaky') THEN CREATE ROLE leaky; END IF; END$$");
        using var project = new TestProject(2)
            .Add(1, "SELECT set_config('search_path', '', false); CREATE TEMP TABLE t (a int); SET my.own = 'x'; SET ROLE leaky; SET statement_timeout = 200;")
            .Add(2, "DO $$ BEGIN EXECUTE 'SET standard_conforming_strings = off'; END $$; SET standard_conforming_strings = off; SET search_path = other;")
            .Add(3, @"CREATE TABLE b (id int); CREATE TABLE t (id int DEFAULT length('\n')); INSERT INTO t DEFAULT VALUES; CREATE TABLE s AS SELECT current_setting('my.own', true) AS v; SELECT pg_sleep(0.3);", "DROP TABLE b");

        Assert.Equal(3, (await project.RunAsync(place.Host)).Results.Count);

        Assert.Equal("b,s,t", await place.TablesAsync());
        Assert.Equal(2, await place.Database.ScalarAsync<int>("SELECT id FROM t"));
        Assert.Equal("", await place.Database.ScalarAsync<string>("SELECT v FROM s"));
    }

    [Fact]
    public async Task The_state_keeps_keys_and_sources_of_others_and_reading_writes_nothing()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        await place.Database.ExecuteAsync("""UPDATE hdb_catalog.hdb_version SET cli_state = '{"mine": [1, {"a": null}], "migrations": {"other": {"5": true}, "default": {"1": false}}}'""");
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int);");
        await place.Database.ExecuteAsync("CREATE TABLE a (id int)");

        var (status, _) = await project.StatusAsync(place.Host);
        Assert.Equal([MigrationState.Applied, MigrationState.Pending], status.Select(m => m.Status));
        Assert.DoesNotContain(place.Host.Requests, r => r.Type is "set_catalog_state" or "reload_metadata" || (r.Type == "run_sql" && r.Json!["args"]!["read_only"] is null));
        Assert.False(await place.Database.ScalarAsync<bool>("SELECT to_regclass('hasura_migrations.history') IS NOT NULL"));

        await project.RunAsync(place.Host);

        var state = JsonNode.Parse((await place.Database.ScalarAsync<string>("SELECT cli_state::text FROM hdb_catalog.hdb_version"))!);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"mine": [1, {"a": null}], "migrations": {"other": {"5": true}, "default": {"1": false, "2": false}}, "settings": {"migration_mode": "true"}, "isStateCopyCompleted": true}"""), state));
        Assert.Equal("1:adopted,2:succeeded", await place.LogAsync());
        Assert.All((await project.StatusAsync(place.Host)).Migrations, m => Assert.Equal(MigrationState.Applied, m.Status));
    }

    [Fact]
    public async Task A_version_the_state_was_told_and_lost_is_in_doubt_until_it_is_repaired_where_nothing_shows_it()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);", "DROP TABLE a;").Add(2, "INSERT INTO a VALUES (1);", "DELETE FROM a;");
        await project.RunAsync(place.Host);
        await place.Database.ExecuteAsync("""UPDATE hdb_catalog.hdb_version SET cli_state = '{"migrations": {"default": {"1": false}}, "settings": {"migration_mode": "true"}, "isStateCopyCompleted": true}'""");

        Assert.Equal(MigrationState.InDoubt, (await project.StatusAsync(place.Host)).Migrations[1].Status);
        await using var target = project.Target(place.Host);
        await new MigrationRunner(project.Scan(), target).RepairAsync(MigrationRepair.AsApplied, [2], new RunOptions(), new RecordingObserver(), CancellationToken.None);

        Assert.Equal("1,2", await place.StateAsync(3));
        Assert.All((await project.StatusAsync(place.Host)).Migrations, m => Assert.Equal(MigrationState.Applied, m.Status));
    }

    [Fact]
    public async Task An_error_that_points_to_no_migration_of_a_request_blames_none()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V1, withTable: false);
        using var project = new TestProject(1).Add(1, "CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int);").Add(3, "CREATE TABLE c (id int);");
        place.Host.FaultNext("409", r => r.Body.Contains("CREATE TABLE c", StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(place.Host, plan: new PlanOptions { TransactionMode = MigrationTransactionMode.All }));

        Assert.Contains("one of the 3 migrations from 1_m to 3_m", error.Message);
        Assert.Null(error.File);
        Assert.Equal("", await place.TablesAsync());
    }

    [Fact]
    public async Task Requests_are_few_and_several_migrations_share_one()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        using var project = new TestProject();
        for (var i = 1; i <= 20; i++)
        {
            project.Add(i, $"CREATE TABLE t{i} (id int);", $"DROP TABLE t{i};");
        }

        foreach (var goal in new MigrationGoal[] { new MigrationGoal.AllPending(), new MigrationGoal.Last(20) })
        {
            place.Host.Forget();
            await using var target = project.Target(place.Host);
            var runner = new MigrationRunner(project.Scan(), target);
            var plan = await runner.PlanAsync(goal, new PlanOptions(), CancellationToken.None);
            await runner.RunAsync(goal, new PlanOptions(), new RunOptions(), plan.Migrations.Select(m => m.Version).ToHashSet(), new RecordingObserver(), CancellationToken.None);

            var types = place.Host.Requests.Select(r => r.Type ?? r.Path).ToList();
            Assert.Equal(["/v1/version", "export_metadata", "run_sql", "get_catalog_state"], types[..4]);
            // Groups of 2, 4, 8 and the rest.
            Assert.Equal(Enumerable.Repeat("bulk", 4), types[4..8]);
            Assert.Equal(["get_catalog_state", "set_catalog_state", "bulk", "get_catalog_state"], types[8..]);
        }

        // The one bulk tells the history that the state was told, and the server to reload.
        Assert.Equal(["run_sql", "reload_metadata"], place.Host.Requests[^2].Json!["args"]!.AsArray().Select(i => i!["type"]!.ToString()));
    }

    [Fact]
    public async Task Requests_to_a_server_of_version_1_are_few()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V1, withTable: false);
        using var project = new TestProject(1).Add(1, "CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int);");

        await project.RunAsync(place.Host, plan: new PlanOptions { TransactionMode = MigrationTransactionMode.All });

        Assert.Equal(["/v1/version", "export_metadata", "export_metadata", "run_sql", "bulk", "reload_metadata"], place.Host.Requests.Select(r => r.Type ?? r.Path));
        place.Host.Forget();
        project.Add(3, "CREATE TABLE c (id int);");
        await project.RunAsync(place.Host, options: new RunOptions { NoReload = true });
        Assert.Equal("bulk", place.Host.Requests[^1].Type);
    }

    [Fact]
    public async Task Metadata_that_does_not_fit_any_more_is_told()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        await place.Target.ReplaceAsync("""{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{"table":{"schema":"public","name":"t"}}],"configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"}}}}]}""");
        using var project = new TestProject().Add(1, "DROP TABLE t;");

        var observer = await project.RunAsync(place.Host);

        var finding = Assert.Single(observer.Findings);
        Assert.Equal(("MetadataInconsistent", FindingSeverity.Warning), (finding.Id, finding.Severity));
        Assert.Contains("no such table", finding.Message);
    }

    [Fact]
    public async Task A_reload_that_fails_is_told_and_the_migrations_stay()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V1, withTable: false);
        using var project = new TestProject(2).Add(1, "CREATE TABLE a (id int);");
        for (var i = 0; i < 4; i++)
        {
            place.Host.FaultNext("502:before", "reload_metadata");
        }

        var observer = await project.RunAsync(place.Host);

        Assert.Equal("ReloadFailed", Assert.Single(observer.Findings).Id);
        Assert.Single(observer.Results);
        Assert.Equal("1", await place.StateAsync(2));
    }
}
