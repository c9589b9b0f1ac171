using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Variables;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>Repeatable files on both kinds of target.</summary>
public sealed class RepeatableRunTests(PostgresServer server)
{
    public static TheoryData<HasuraApi?> Places => new() { (HasuraApi?)null, HasuraApi.V1, HasuraApi.V2 };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Files_run_behind_the_migrations_and_again_only_after_they_changed(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = NewProject(api).Add(1, "CREATE TABLE t (id int);");
        Write(project, "v.sql", "CREATE OR REPLACE VIEW v AS SELECT id FROM t;");
        Write(project, "functions/f.sql", "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';");

        var planned = await PlanAsync(place, project);
        var before = await place.StatusAsync(project);
        var first = await place.RunAsync(project);
        var second = await place.RunAsync(project);
        Write(project, "functions/f.sql", "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';\n");
        var changed = await place.StatusAsync(project);
        var third = await place.RunAsync(project);
        // A checkout with other line ends is no change.
        Write(project, "functions/f.sql", "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';\r\n");
        var fourth = await place.RunAsync(project);

        Assert.Equal(["1", "repeatable/functions/f.sql", "repeatable/v.sql"], planned.All.Select(m => m.Mark is null ? $"{m.Version}" : m.Name));
        Assert.Equal(3, planned.PendingAfter([]));
        Assert.Equal(["Pending 1_m", "Pending repeatable/functions/f.sql", "Pending repeatable/v.sql"], before.Select(m => $"{m.Status} {m}"));
        Assert.Equal(["Applied 1_m", "Applied repeatable/functions/f.sql", "Applied repeatable/v.sql"], first.Results.Select(r => $"{r}"));
        Assert.All(first.Results.Skip(1), r => Assert.Equal((true, 0L), (r.IsRepeatable, r.Version)));
        Assert.Equal(0, planned.PendingAfter(first.Results));
        Assert.Empty(second.Results);
        Assert.Equal([(MigrationState.Pending, MigrationChecksumState.Changed), (MigrationState.Applied, MigrationChecksumState.Unchanged)], changed.Skip(1).Select(m => (m.Status, m.ChecksumState)));
        Assert.NotNull(changed[1].AppliedAt);
        Assert.Equal(["Applied repeatable/functions/f.sql"], third.Results.Select(r => $"{r}"));
        Assert.Empty(fourth.Results);
        Assert.Equal(2, await place.Database.ScalarAsync<int>("SELECT f()"));
        Assert.Equal(3, await place.Database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.log WHERE version = 0 AND outcome = 'succeeded' AND name LIKE 'repeatable/%'"));
        Assert.Equal(2, await place.Database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.repeatable WHERE database_name = 'default'"));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Files_that_need_each_other_are_put_in_order(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = NewProject(api).Add(1, "CREATE TABLE t (id int);");
        Write(project, "a.sql", "CREATE VIEW a AS SELECT * FROM b;");
        Write(project, "b.sql", "CREATE VIEW b AS SELECT f(id) AS id FROM c;");
        Write(project, "c.sql", "CREATE VIEW c AS SELECT id FROM t;");
        Write(project, "d.sql", "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT $1';");

        var told = await place.RunAsync(project);

        Assert.Equal(["c.sql", "d.sql", "b.sql", "a.sql"], told.Results.Skip(1).Select(r => Path.GetFileName(r.Name)));
        Assert.Equal(0, await place.Database.ScalarAsync<long>("SELECT count(*) FROM a"));
        // What was tried left nothing but the one attempt that failed.
        Assert.Equal(["repeatable/a.sql"], (await LogAsync(place, project)).Where(e => e.Outcome == "failed").Select(e => e.Name));
        Assert.Empty((await place.RunAsync(project)).Results);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task All_files_that_fail_in_every_order_are_reported_and_none_runs(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = NewProject(api).Add(1, "CREATE TABLE t (id int);");
        Write(project, "a.sql", "CREATE VIEW a AS SELECT * FROM b;");
        Write(project, "b.sql", "SELECT 1;\nCREATE VIEW b AS SELECT nope FROM t;");
        Write(project, "c.sql", "CREATE VIEW c AS SELECT id FROM t;");
        Write(project, "d.sql", "SELECT 1/0;");

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => place.RunAsync(project, options: new RunOptions { LocateError = true }));

        Assert.Equal("RepeatableFailed", error.ErrorId);
        Assert.Equal([("a.sql", 1), ("b.sql", 2), ("d.sql", 1)], error.Findings.Select(f => (Path.GetFileName(f.File), f.Line!.Value)));
        Assert.Contains("42703", error.Findings[1].Message);
        Assert.Equal("t", await place.TablesAsync());
        Assert.Equal(0, await place.Database.ScalarAsync<long>("SELECT count(*) FROM pg_views WHERE schemaname = 'public'"));
        // The migration before them stays.
        Assert.Equal(MigrationState.Applied, (await place.StatusAsync(project))[0].Status);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_single_failure_is_told_with_its_place(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = NewProject(api);
        Write(project, "a.sql", "SELECT 1;\nSELECT nope;");

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => place.RunAsync(project, options: new RunOptions { LocateError = true }));

        Assert.Equal(("RepeatableFailed", 2, "repeatable/a.sql", 0L), (error.ErrorId, error.Line, error.Name, error.Version));
        Assert.StartsWith("The repeatable file 'repeatable/a.sql' failed at ", error.Message);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task The_record_of_a_file_that_is_gone_is_removed(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = NewProject(api);
        Write(project, "a.sql", "CREATE OR REPLACE VIEW a AS SELECT 1 AS one;");
        await place.RunAsync(project);
        var file = Path.Combine(project.Migrations, "repeatable", "a.sql");
        File.Delete(file);

        var status = Assert.Single(await place.StatusAsync(project));
        var told = await place.RunAsync(project);
        Write(project, "a.sql", "CREATE OR REPLACE VIEW a AS SELECT 1 AS one;");
        var again = await place.RunAsync(project);

        Assert.Equal((true, MigrationState.Applied, "RepeatableFileMissing"), (status.IsMissing, status.Status, Assert.Single(status.Findings).Id));
        Assert.Equal("Forgotten repeatable/a.sql", $"{Assert.Single(told.Results)}");
        Assert.Equal("Applied repeatable/a.sql", $"{Assert.Single(again.Results)}");
        Assert.Equal(1, await place.Database.ScalarAsync<long>("SELECT count(*) FROM pg_views WHERE viewname = 'a'"));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Two_runs_at_once_execute_each_file_once(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        await place.Database.ExecuteAsync("CREATE TABLE ran (what text)");
        using var project = NewProject(api);
        foreach (var i in Enumerable.Range(1, 3))
        {
            Write(project, $"{i}.sql", $"SELECT pg_sleep(0.05); INSERT INTO ran VALUES ('{i}');");
        }

        var runs = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => place.RunAsync(project))));

        Assert.Equal(3, runs.Sum(r => r.Results.Count));
        Assert.Equal("1,2,3", await place.Database.ScalarAsync<string>("SELECT string_agg(what, ',' ORDER BY what) FROM ran"));
    }

    [Fact]
    public async Task Only_the_goal_of_all_runs_them_and_what_is_recorded_only_runs_nothing()
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        using var project = NewProject(null).Add(1, "SELECT 1;", "SELECT 1;").Add(2, "SELECT 1;", "SELECT 1;");
        Write(project, "a.sql", "CREATE VIEW a AS SELECT 1 AS one;");

        Assert.Equal(["Applied 1_m"], (await place.RunAsync(project, new MigrationGoal.Next(1))).Results.Select(r => $"{r}"));
        Assert.Equal(["Applied 2_m"], (await place.RunAsync(project, new MigrationGoal.AllPending { WithRepeatables = false })).Results.Select(r => $"{r}"));
        Assert.Equal(["RolledBack 2_m"], (await place.RunAsync(project, new MigrationGoal.Last(1))).Results.Select(r => $"{r}"));
        var recorded = await project.RunAsync(place.Database.ConnectionString, plan: new PlanOptions { IsRecordOnly = true });
        Write(project, "a.sql", "CREATE VIEW a AS SELECT 2 AS two;");
        var only = await place.RunAsync(project, new MigrationGoal.Repeatables());

        Assert.Equal(["Recorded 2_m", "Recorded repeatable/a.sql"], recorded.Results.Select(r => $"{r}"));
        Assert.Equal(["Applied repeatable/a.sql"], only.Results.Select(r => $"{r}"));
        Assert.Equal(2, await place.Database.ScalarAsync<int>("SELECT two FROM a"));
    }

    [Fact]
    public async Task Values_of_variables_are_written_and_a_changed_value_does_not_run_a_file_again()
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        using var project = NewProject(null);
        Write(project, "a.sql", "-- hasura:variables\nCREATE OR REPLACE VIEW a AS SELECT ${v} AS v;");
        Task<RecordingObserver> Run(string value) => project.RunAsync(place.Database.ConnectionString, plan: new PlanOptions { Variables = VariableSet.Create(new Dictionary<string, string> { ["v"] = value }, environment: []) });

        await Run("it's");
        Assert.Empty((await Run("other")).Results);

        Assert.Equal("it's", await place.Database.ScalarAsync<string>("SELECT v FROM a"));
    }

    [Theory]
    [InlineData("-- hasura:no-transaction\nSELECT 1;", "NoTransactionInOneTransaction", 1)]
    [InlineData("SELECT 1;\nVACUUM;", "NotInTransaction", 2)]
    [InlineData("-- hasura:variables\nSELECT ${nope};", "VariableMissing", 2)]
    [InlineData("ROLLBACK;", "TransactionControl", 1)]
    public async Task Files_are_checked_as_migrations_are(string sql, string id, int line)
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        using var project = NewProject(null).Add(1, "CREATE TABLE t (id int);");
        Write(project, "a.sql", sql);

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => place.RunAsync(project));

        Assert.Equal((id, line, Path.Combine(project.Migrations, "repeatable", "a.sql")), (error.ErrorId, error.Line, error.File));
        Assert.Equal("", await place.TablesAsync());
    }

    [Fact]
    public async Task A_long_list_is_put_in_order_in_few_passes_and_a_constraint_that_fails_late_is_found()
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        using var project = NewProject(null).Add(1, "CREATE TABLE t (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);");
        foreach (var i in Enumerable.Range(0, 40))
        {
            Write(project, $"v{i:00}.sql", i == 39 ? "CREATE VIEW v39 AS SELECT 1 AS one;" : $"SET search_path = other, public; CREATE VIEW public.v{i:00} AS SELECT * FROM public.v{i + 1:00};");
        }

        var told = await place.RunAsync(project);
        Write(project, "w1.sql", "INSERT INTO t VALUES (1), (1);");
        Write(project, "w2.sql", "SELECT nope;");
        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => place.RunAsync(project));

        Assert.Equal(41, told.Results.Count);
        Assert.Equal(1, await place.Database.ScalarAsync<int>("SELECT one FROM v00"));
        Assert.Equal(["23505", "42703"], error.Findings.Select(f => f.Message.Split(": ")[^2][^5..]));
    }

    private static TestProject NewProject(HasuraApi? api) => new(api == HasuraApi.V1 ? 2 : 3);

    private static void Write(TestProject project, string path, string sql) => project.Write(Path.Combine(project.Migrations, "repeatable", path), sql);

    private static async Task<MigrationPlan> PlanAsync(TargetPlace place, TestProject project)
    {
        await using var target = place.Target(project);
        return await new MigrationRunner(project.Scan(), target).PlanAsync(new MigrationGoal.AllPending(), new PlanOptions(), TestContext.Current.CancellationToken);
    }

    private static async Task<IReadOnlyList<MigrationLogEntry>> LogAsync(TargetPlace place, TestProject project)
    {
        await using var target = place.Target(project);
        return await target.ReadLogAsync(100, TestContext.Current.CancellationToken);
    }
}
