using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Runs;

public sealed class PostgresRunTests(PostgresServer server)
{
    [Fact]
    public async Task AppliesInOrderAndRecordsWithEach()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(2, "CREATE TABLE b (a int REFERENCES a);", "DROP TABLE b;").Add(1, "CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1);", "DROP TABLE a;");

        var applied = await project.RunAsync(database.ConnectionString);

        Assert.Equal([1L, 2L], applied.Results.Select(r => r.Version));
        Assert.All(applied.Results, r => Assert.Equal(MigrationOutcome.Applied, r.Outcome));
        Assert.All(applied.Results, r => Assert.NotNull(r.Duration));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM a"));
        Assert.All(await project.StatusAsync(database.ConnectionString), m => Assert.Equal(MigrationState.Applied, m.Status));
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.log WHERE outcome = 'succeeded' AND duration IS NOT NULL"));

        var again = await project.RunAsync(database.ConnectionString);
        Assert.Empty(again.Results);

        var undone = await project.RunAsync(database.ConnectionString, new MigrationGoal.Last(int.MaxValue));
        Assert.Equal([2L, 1L], undone.Results.Select(r => r.Version));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.history"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Fact]
    public async Task FailureNamesFileStatementLineAndColumnAndKeepsWhatWasBefore()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject()
            .Add(1, "CREATE TABLE a (id int);")
            .Add(2, "-- 😀\nCREATE TABLE b (id int);\n  INSERT INTO b\n  VALUES ('x', nope);\n")
            .Add(3, "CREATE TABLE c (id int);");

        var observer = new RecordingObserver();
        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString, observer: observer));

        var before = Assert.Single(observer.Results);
        Assert.Equal((1L, false), (before.Version, before.IsResolved));
        Assert.NotNull(before.Duration);
        Assert.Equal(("MigrationFailed", 2L, 2, 4, 16), (error.ErrorId, error.Version, error.StatementNumber, error.Line, error.Column));
        Assert.Equal(("42703", 3, 1), (error.SqlState, error.StatementStartLine, error.AppliedBefore));
        Assert.EndsWith("up.sql", error.File);
        Assert.Equal("a", await database.ScalarAsync<string>("SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = 'public'"));
        Assert.Equal("1:succeeded,2:failed", await database.ScalarAsync<string>("SELECT string_agg(version || ':' || outcome, ',' ORDER BY id) FROM hasura_migrations.log"));
    }

    [Theory]
    [InlineData("CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;\nCALL p();", "2D000", "'-- hasura:no-transaction'")]
    [InlineData("ALTER TYPE before ADD VALUE 'b';\nSELECT 'b'::before;", "55P04", "later migration")]
    public async Task FailureThatOnlyTheTransactionCausesRecommendsWhatHelps(string up, string sqlState, string advice)
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TYPE before AS ENUM ('a');").Add(2, up);

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString));

        Assert.Equal((sqlState, 2), (error.SqlState, error.StatementNumber));
        Assert.Contains(advice, error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneTransactionForAllAppliesNothingOnFailure()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject(1).Add(1, "CREATE TABLE a (id int); SET search_path = nowhere;").Add(2, "CREATE TABLE b (id int);").Add(3, "SELECT 1/0;");
        var all = new PlanOptions { TransactionMode = MigrationTransactionMode.All };

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString, plan: all));
        Assert.Equal((3L, 0), (error.Version, error.AppliedBefore));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.history"));

        project.Add(3, "SELECT 1;");
        var applied = await project.RunAsync(database.ConnectionString, plan: all);
        Assert.Equal(3, applied.Results.Count);
        Assert.Equal("public", await database.ScalarAsync<string>("SELECT schemaname FROM pg_tables WHERE tablename = 'b'"));
    }

    [Fact]
    public async Task WhatAFileSetsIsGoneBeforeTheNextAndBeforeTheRecord()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync($"CREATE SCHEMA other; DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'leaky') THEN CREATE ROLE leaky; END IF; END$$");
        using var project = new TestProject()
            .Add(1, "SELECT set_config('search_path', '', false); CREATE TEMP TABLE t (a int); SET ROLE leaky; SET statement_timeout = 200;")
            .Add(2, "CREATE TABLE b (id int); CREATE TABLE t (id int); SELECT pg_sleep(0.3);");

        var applied = await project.RunAsync(database.ConnectionString);

        Assert.Equal(2, applied.Results.Count);
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-- hasura:no-transaction\n")]
    public async Task A_timeout_of_a_file_is_for_its_own_statements(string before)
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);");
        await project.RunAsync(database.ConnectionString);
        // What is recorded of the file takes longer than the file allows itself.
        project.Add(2, before + """
            SET statement_timeout = 200;
            CREATE FUNCTION hasura_migrations.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_catalog.pg_sleep(0.3); RETURN NULL; END $$;
            CREATE TABLE b AS SELECT current_setting('statement_timeout') AS timeout;
            CREATE TRIGGER wait AFTER INSERT OR UPDATE ON hasura_migrations.log FOR EACH ROW EXECUTE PROCEDURE hasura_migrations.wait();
            """);

        await project.RunAsync(database.ConnectionString);

        Assert.Equal("200ms", await database.ScalarAsync<string>("SELECT timeout FROM b"));
    }

    [Fact]
    public async Task FileWithoutTransactionResumesAfterTheStatementThatFailed()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "-- hasura:no-transaction\nCREATE TABLE a (id int);\nSET work_mem = '7MB';\nCREATE INDEX CONCURRENTLY a_id ON a (id);\nINSERT INTO b SELECT current_setting('work_mem');\nVACUUM a;\n");

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString));
        Assert.Equal(("MigrationFailedPartly", 4, 5), (error.ErrorId, error.StatementNumber, error.Line));
        Assert.Equal(MigrationState.Interrupted, Assert.Single(await project.StatusAsync(database.ConnectionString)).Status);

        await database.ExecuteAsync("CREATE TABLE b (v text)");
        var applied = await project.RunAsync(database.ConnectionString);

        Assert.Equal(MigrationOutcome.Applied, Assert.Single(applied.Results).Outcome);
        Assert.Equal("7MB", await database.ScalarAsync<string>("SELECT v FROM b"));
        Assert.Equal(MigrationState.Applied, Assert.Single(await project.StatusAsync(database.ConnectionString)).Status);
    }

    [Fact]
    public async Task StopDuringASleepRollsBackAndFreesTheLock()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int); SELECT pg_sleep(30);");
        using var stop = new CancellationTokenSource();
        var observer = new RecordingObserver { OnStarted = m => { if (m.Version == 2) { stop.CancelAfter(200); } } };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => project.RunAsync(database.ConnectionString, observer: observer, cancellationToken: stop.Token));

        Assert.Equal([1L], observer.Results.Select(r => r.Version));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.history"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
    }

    [Fact]
    public async Task BlockedTableIsTriedAgainAndTheBlockerNamed()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id int)");
        using var project = new TestProject().Add(1, "ALTER TABLE a ADD COLUMN b int;");
        await using var blocker = await database.OpenAsync();
        await using var begin = new Npgsql.NpgsqlCommand("BEGIN; SELECT * FROM a;", blocker);
        await begin.ExecuteNonQueryAsync();

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString, options: new RunOptions { DdlAttempt = TimeSpan.FromSeconds(1), DdlTimeout = TimeSpan.FromSeconds(1) }));
        Assert.Equal("DdlLockTimeout", error.ErrorId);
        Assert.Contains($"pid {blocker.ProcessID}", error.Message);
        Assert.Contains("Tried for 1 s", error.Message);

        var run = project.RunAsync(database.ConnectionString, options: new RunOptions { DdlAttempt = TimeSpan.FromMilliseconds(200) });
        await Task.Delay(1000);
        await new Npgsql.NpgsqlCommand("COMMIT", blocker).ExecuteNonQueryAsync();
        Assert.Single((await run).Results);
    }

    [Fact]
    public async Task TwoRunsAtOnceApplyEachVersionOnce()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject();
        for (var i = 1; i <= 30; i++)
        {
            project.Add(i, i == 1 ? "CREATE TABLE done (v int PRIMARY KEY); INSERT INTO done VALUES (1);" : $"INSERT INTO done VALUES ({i}); SELECT pg_sleep(0.01);");
        }

        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => project.RunAsync(database.ConnectionString)));

        Assert.Equal([0, 0, 0, 30], runs.Select(r => r.Results.Count).Order());
        Assert.Equal(30L, await database.ScalarAsync<long>("SELECT count(*) FROM done"));
    }

    [Fact]
    public async Task LostLockSessionIsTakenAnew()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '% lock';").Add(2, "CREATE TABLE b (id int);").Add(3, "CREATE TABLE c (id int);");

        var applied = await project.RunAsync(database.ConnectionString);

        Assert.Equal([1L, 2L, 3L], applied.Results.Select(r => r.Version));
    }

    [Fact]
    public async Task TerminatedWorkSessionIsAFailureProvedByHistory()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int); SELECT pg_terminate_backend(pg_backend_pid());");

        var observer = new RecordingObserver();
        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString, observer: observer));

        Assert.Equal(("ConnectionLost", 2L, 1), (error.ErrorId, error.Version, error.AppliedBefore));
        Assert.Equal([1L], observer.Results.Select(r => r.Version));
        Assert.Equal("1:succeeded,2:failed", await database.ScalarAsync<string>("SELECT string_agg(version || ':' || outcome, ',' ORDER BY id) FROM hasura_migrations.log"));
    }

    [Fact]
    public async Task TooManyLocksForOneTransactionHaveAnErrorOfTheirOwn()
    {
        await using var small = PostgresServer.WithSettings(new Dictionary<string, string> { ["max_locks_per_transaction"] = "10", ["max_connections"] = "10" });
        await using var database = await small.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, string.Concat(Enumerable.Range(0, 3000).Select(i => $"CREATE TABLE t{i} (id int);\n")));

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString, plan: new PlanOptions { TransactionMode = MigrationTransactionMode.All }));

        Assert.Equal(("LocksExhausted", 0), (error.ErrorId, error.AppliedBefore));
    }

    [Fact]
    public async Task RoleThatMayNotWriteTheHistoryIsToldWhichRightIsMissing()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int);");
        await project.RunAsync(database.ConnectionString, new MigrationGoal.Next(1));
        var role = $"reader_{Guid.NewGuid():N}";
        await database.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'p'; GRANT USAGE ON SCHEMA hasura_migrations TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA hasura_migrations TO {role}");
        var reader = new Npgsql.NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = "p" }.ConnectionString;

        Assert.Equal(2, (await project.StatusAsync(reader)).Count);
        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(reader));

        Assert.Equal("HistoryWriteDenied", error.ErrorId);
        Assert.Contains("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hasura_migrations", error.Message);
    }

    [Fact]
    public async Task AcceptedChecksumLeavesTheRestOfTheRecord()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);");
        await project.RunAsync(database.ConnectionString);
        var before = Assert.Single(await project.StatusAsync(database.ConnectionString));
        project.Add(1, "CREATE TABLE a (id int); -- changed");
        Assert.Equal("MigrationChanged", (await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(database.ConnectionString))).ErrorId);

        await project.Runner(database.ConnectionString).RepairAsync(Engine.Migrations.MigrationRepair.AcceptChecksum, [1], new RunOptions(), new RecordingObserver(), CancellationToken.None);

        var after = Assert.Single(await project.StatusAsync(database.ConnectionString));
        Assert.Equal(MigrationChecksumState.Unchanged, after.ChecksumState);
        Assert.Equal((before.AppliedAt, before.Origin), (after.AppliedAt, after.Origin));
        Assert.Empty((await project.RunAsync(database.ConnectionString)).Results);
    }
}
