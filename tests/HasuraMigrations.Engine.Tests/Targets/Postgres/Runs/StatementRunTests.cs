using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Runs;

/// <summary>Files without a transaction run alike on both targets.</summary>
[Trait("Case", "1")]
[Trait("Case", "2")]
public sealed class StatementRunTests(PostgresServer server)
{
    private const string Directive = "-- hasura:no-transaction\n";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_block_keeps_its_isolation_level(bool isThroughServer)
    {
        await using var place = await OpenAsync(isThroughServer);
        using var project = new TestProject().Add(1, Directive + "BEGIN ISOLATION LEVEL SERIALIZABLE; create table iso as select current_setting('transaction_isolation') l; COMMIT;");

        await place.RunAsync(project);

        Assert.Equal("serializable", await place.Database.ScalarAsync<string>("SELECT l FROM iso"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_block_that_only_reads_runs(bool isThroughServer)
    {
        await using var place = await OpenAsync(isThroughServer);
        using var project = new TestProject().Add(1, Directive + "BEGIN READ ONLY; SELECT 1; COMMIT; create table a(x int);");

        Assert.Single((await place.RunAsync(project)).Results);
        Assert.Equal(1L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'a'"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_block_that_is_rolled_back_is_sent_with_its_effects_and_errors(bool isThroughServer)
    {
        await using var place = await OpenAsync(isThroughServer);
        await place.Database.ExecuteAsync("CREATE SEQUENCE s");
        using var project = new TestProject()
            .Add(1, Directive + "BEGIN; create table a(x int); SET search_path = pg_catalog; select nextval('public.s'); ROLLBACK; create table b(x int);")
            .Add(2, Directive + "BEGIN; select 1/0; ROLLBACK;");

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => place.RunAsync(project));

        Assert.Equal((2L, "22012", "MigrationFailed"), (error.Version, error.SqlState, error.ErrorId));
        Assert.Equal("b", await place.TablesAsync());
        Assert.Equal(1L, await place.Database.ScalarAsync<long>("SELECT last_value FROM s WHERE is_called"));
        Assert.Equal([MigrationState.Applied, MigrationState.Pending], (await place.StatusAsync(project)).Select(m => m.Status));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_setting_taken_back_by_a_savepoint_does_not_hold(bool isThroughServer)
    {
        await using var place = await OpenAsync(isThroughServer);
        await place.Database.ExecuteAsync("CREATE SCHEMA one; CREATE SCHEMA two;");
        using var project = new TestProject().Add(1, Directive + "SET search_path = one; BEGIN; SAVEPOINT a; SET search_path = two; ROLLBACK TO a; COMMIT; create table t(x int); VACUUM t;");

        await place.RunAsync(project);

        Assert.Equal("one", await place.Database.ScalarAsync<string>("SELECT schemaname::text FROM pg_tables WHERE tablename = 't'"));
    }

    [Theory]
    [InlineData(false, "do $d$ begin perform 1/0; end $d$", "do $d$ begin null; end $d$")]
    [InlineData(true, "do $d$ begin perform 1/0; end $d$", "do $d$ begin null; end $d$")]
    [InlineData(false, "CREATE DATABASE postgres", "select 1")]
    [InlineData(true, "CREATE DATABASE postgres", "select 1")]
    [InlineData(false, "VACUUM missing", "VACUUM q")]
    [InlineData(true, "VACUUM missing", "VACUUM q")]
    public async Task A_statement_that_failed_for_certain_is_not_in_doubt(bool isThroughServer, string wrong, string right)
    {
        await using var place = await OpenAsync(isThroughServer);
        using var project = new TestProject().Add(1, Directive + $"create table q(x int);\n{wrong};\ncreate table q2(x int);\n");
        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => place.RunAsync(project));
        Assert.Equal(("MigrationFailedPartly", 2, 3), (error.ErrorId, error.StatementNumber, error.Line));

        project.Add(1, Directive + $"create table q(x int);\n{right};\ncreate table q2(x int);\n");
        Assert.Single((await place.RunAsync(project)).Results);

        Assert.Equal("q,q2", await place.TablesAsync());
        Assert.Equal(MigrationState.Applied, Assert.Single(await place.StatusAsync(project)).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_first_statement_that_failed_for_certain_leaves_the_migration_pending(bool isThroughServer)
    {
        await using var place = await OpenAsync(isThroughServer);
        using var project = new TestProject().Add(1, Directive + "CREATE DATABASE postgres;\ncreate table q2(x int);\n");

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => place.RunAsync(project));

        Assert.Equal(("MigrationFailed", "42P04"), (error.ErrorId, error.SqlState));
        Assert.Equal(MigrationState.Pending, Assert.Single(await place.StatusAsync(project)).Status);
    }

    [Theory]
    [InlineData(false, MigrationRepair.StatementNotRun, "1,1,2")]
    [InlineData(false, MigrationRepair.StatementRun, "1")]
    [InlineData(true, MigrationRepair.StatementNotRun, "1,1,2")]
    [InlineData(true, MigrationRepair.StatementRun, "1")]
    public async Task A_procedure_that_committed_a_part_is_settled_by_a_repair(bool isThroughServer, MigrationRepair repair, string rows)
    {
        await using var place = await OpenAsync(isThroughServer);
        await place.Database.ExecuteAsync("CREATE TABLE done (v int); CREATE TABLE stop (v int); INSERT INTO stop VALUES (1); CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO done VALUES (1); COMMIT; IF EXISTS (SELECT FROM stop) THEN RAISE EXCEPTION 'stopped'; END IF; INSERT INTO done VALUES (2); END $$;");
        using var project = new TestProject().Add(1, Directive + "create table q(x int);\nCALL p();\ncreate table q2(x int);\n");
        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => place.RunAsync(project));
        Assert.Contains("-As NotRun", error.Message);
        await place.Database.ExecuteAsync("DELETE FROM stop");

        var refused = await Assert.ThrowsAsync<HasuraMigrationException>(() => place.RunAsync(project));
        Assert.Equal(("StatementInDoubt", 3), (refused.ErrorId, refused.Line));
        Assert.Contains("Repair-HasuraMigration -Version 1 -As NotRun", Assert.Single(refused.Findings).RecommendedAction!.Replace("-As Run (it took effect; continue after it) or ", "", StringComparison.Ordinal));

        await place.RepairAsync(project, repair, 1);
        Assert.Single((await place.RunAsync(project)).Results);
        Assert.Equal(rows, await place.Database.ScalarAsync<string>("SELECT string_agg(v::text, ',' ORDER BY v) FROM done"));
        Assert.Contains("q2", await place.TablesAsync());
    }

    [Fact]
    public async Task A_procedure_that_failed_before_it_committed_anything_is_not_in_doubt()
    {
        // A server under load starts transactions of its own in a session that is idle, to take note of invalidated catalog entries. Then
        // nothing is proven and the statement stays in doubt, which is the safe answer; five times in a row it is another fault.
        for (var attempt = 1; !await SettlesItselfAsync(); attempt++)
        {
            Assert.True(attempt < 5, "The statement is in doubt.");
        }

        async Task<bool> SettlesItselfAsync()
        {
            await using var place = await OpenAsync(isThroughServer: false);
            await place.Database.ExecuteAsync("CREATE TABLE stop (v int); INSERT INTO stop VALUES (1); CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT FROM stop) THEN RAISE EXCEPTION 'stopped'; END IF; COMMIT; END $$;");
            using var project = new TestProject().Add(1, Directive + "create table q(x int);\nCALL p();\ncreate table q2(x int);\n");
            await Assert.ThrowsAsync<MigrationFailedException>(() => place.RunAsync(project));
            await place.Database.ExecuteAsync("DELETE FROM stop");
            try
            {
                Assert.Single((await place.RunAsync(project)).Results);
                return true;
            }
            catch (HasuraMigrationException e) when (e.ErrorId == "StatementInDoubt")
            {
                return false;
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_statement_that_took_effect_and_could_not_be_counted_is_not_run_again(bool isThroughServer)
    {
        await using var place = await OpenAsync(isThroughServer);
        using var project = new TestProject().Add(1, "create table q(x int);").Add(2, Directive + "select 1;\ndo $$ begin insert into q values (1); end $$;\nselect 2;\n");
        await place.RunAsync(project, new MigrationGoal.Next(1));
        await place.Database.ExecuteAsync("ALTER TABLE hasura_migrations.history ADD CONSTRAINT refuse CHECK (finished_statements <> 2)");

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => place.RunAsync(project));
        Assert.Contains("took effect", error.Message);
        await place.Database.ExecuteAsync("ALTER TABLE hasura_migrations.history DROP CONSTRAINT refuse");
        Assert.Equal("StatementInDoubt", (await Assert.ThrowsAsync<HasuraMigrationException>(() => place.RunAsync(project))).ErrorId);

        await place.RepairAsync(project, MigrationRepair.StatementRun, 2);
        Assert.Single((await place.RunAsync(project)).Results);
        Assert.Equal(1L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM q"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_invalid_index_of_a_failed_build_is_made_again(bool isThroughServer)
    {
        await using var place = await OpenAsync(isThroughServer);
        await place.Database.ExecuteAsync("CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1);");
        using var project = new TestProject().Add(1, Directive + "CREATE UNIQUE INDEX CONCURRENTLY i ON t (id);");
        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => place.RunAsync(project));
        Assert.Equal("23505", error.SqlState);
        await place.Database.ExecuteAsync("TRUNCATE t");

        Assert.Single((await place.RunAsync(project)).Results);
        Assert.True(await place.Database.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_repair_of_a_statement_needs_an_interrupted_migration(bool isThroughServer)
    {
        await using var place = await OpenAsync(isThroughServer);
        using var project = new TestProject().Add(1, "create table q(x int);");
        await place.RunAsync(project);

        Assert.Equal("RepairNotPossible", (await Assert.ThrowsAsync<HasuraMigrationException>(() => place.RepairAsync(project, MigrationRepair.StatementNotRun, 1))).ErrorId);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_time_of_a_file_without_a_transaction_is_told_and_recorded(bool isThroughServer)
    {
        await using var place = await OpenAsync(isThroughServer);
        using var project = new TestProject().Add(1, Directive + "SELECT pg_sleep(0.2); create table q(x int);");

        var result = Assert.Single((await place.RunAsync(project)).Results);

        Assert.InRange(result.Duration!.Value.TotalMilliseconds, 200, 60_000);
        Assert.True(await place.Database.ScalarAsync<bool>("SELECT duration > interval '190 ms' FROM hasura_migrations.history"));
    }

    private async Task<TargetPlace> OpenAsync(bool isThroughServer) => await TargetPlace.OpenAsync(server, isThroughServer ? HasuraApi.V2 : null);
}
