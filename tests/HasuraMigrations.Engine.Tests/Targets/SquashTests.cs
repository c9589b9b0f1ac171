using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Squashing;
using HasuraMigrations.Engine.Tests.Faults;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>The records of squashed migrations are replaced by that of the squashed one, on both targets.</summary>
public sealed class SquashTests(PostgresServer server)
{
    public static TheoryData<HasuraApi?, int, SquashVersion> Places => new()
    {
        { null, 2, SquashVersion.Last }, { null, 3, SquashVersion.New }, { HasuraApi.V1, 2, SquashVersion.New }, { HasuraApi.V2, 3, SquashVersion.Last }, { HasuraApi.V2, 2, SquashVersion.Last },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Records_follow_the_files_and_nothing_is_run(HasuraApi? api, int config, SquashVersion keep)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = Project(config);
        await place.RunAsync(project, options: new RunOptions { CreateStateStore = api is null });
        var plan = project.Plan(1, keep: keep);

        Assert.Equal([1L, 2, 3], await SquashAsync(place, project, plan));

        var version = plan.Migration.Version;
        var (migrations, findings) = await place.StatusWithFindingsAsync(project);
        var migration = Assert.Single(migrations);
        Assert.Equal((version, "sq", MigrationState.Applied, MigrationChecksumState.Unchanged), (migration.Version, migration.Name, migration.Status, migration.ChecksumState));
        Assert.DoesNotContain(findings, f => f.Severity != FindingSeverity.Information);
        Assert.Equal($"{version}", await place.StateAsync(config));
        Assert.Equal("a,b,c", await place.TablesAsync());
        Assert.Equal("sq", await place.Database.ScalarAsync<string>("SELECT string_agg(name, ',') FROM hasura_migrations.history"));
        Assert.Equal($"replaced by {version} 1,replaced by {version} 2", await place.Database.ScalarAsync<string>("SELECT string_agg(outcome || ' ' || version, ',' ORDER BY version) FROM hasura_migrations.log WHERE outcome LIKE 'replaced%' AND version < 3"));
        Assert.Empty((await place.RunAsync(project)).Results);

        // The stored text is that of the squashed migration, and its down step undoes all.
        await place.RunAsync(project, new MigrationGoal.Last(1));
        Assert.Equal(("", ""), (await place.TablesAsync(), await place.StateAsync(config)));
        Assert.Equal([version], (await place.RunAsync(project)).Results.Select(r => r.Version));
        Assert.Equal("a,b,c", await place.TablesAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(HasuraApi.V2)]
    public async Task Another_database_is_told_by_the_files_and_completed(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = Project(3);
        // Without texts, only the list in the file says what it replaces.
        await place.RunAsync(project, options: new RunOptions { CreateStateStore = api is null, NoStoreText = true });
        var plan = project.Plan(1);
        project.SquashFiles().Replace(plan, project.Backup(plan));

        var (migrations, findings) = await place.StatusWithFindingsAsync(project);
        var finding = Assert.Single(findings, f => f.Id == "MigrationSquashed");
        Assert.Equal((FindingSeverity.Warning, 3L), (finding.Severity, finding.Version));
        Assert.DoesNotContain(migrations.SelectMany(m => m.Findings), f => f.Severity == FindingSeverity.Error);
        Assert.Equal("MigrationSquashed", (await Assert.ThrowsAsync<HasuraMigrationException>(() => place.RunAsync(project, new MigrationGoal.Last(1)))).ErrorId);

        await place.RepairAsync(project, MigrationRepair.AsSquashed, 3);

        Assert.Equal("3", await place.StateAsync(3));
        Assert.Equal(MigrationChecksumState.Unchanged, Assert.Single(await place.StatusAsync(project)).ChecksumState);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(HasuraApi.V2)]
    public async Task What_Hasuras_CLI_applied_is_squashed_too(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect: api is null);
        using var project = Project(3);
        await place.Database.ExecuteAsync("""UPDATE hdb_catalog.hdb_version SET cli_state = '{"migrations": {"default": {"1": false, "2": false, "3": false}}, "settings": {"migration_mode": "true"}, "isStateCopyCompleted": true}'""");

        Assert.Equal([1L, 2, 3], await SquashAsync(place, project, project.Plan(1)));

        Assert.Equal("3", await place.StateAsync(3));
        Assert.Equal([(3L, MigrationState.Applied)], (await place.StatusAsync(project)).Select(m => (m.Version, m.Status)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(HasuraApi.V2)]
    public async Task Nothing_is_squashed_while_migrations_are_off(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = Project(3);
        await place.RunAsync(project, options: new RunOptions { CreateStateStore = api is null });
        await place.Database.ExecuteAsync("UPDATE hdb_catalog.hdb_version SET cli_state = jsonb_set(cli_state, '{settings,migration_mode}', '\"false\"')");
        var plan = project.Plan(1);
        await using var target = place.Target(project);
        var runner = new MigrationRunner(project.Scan(), target);
        var placed = false;

        string[] ids =
        [
            (await Assert.ThrowsAsync<HasuraMigrationException>(() => runner.IsRangeAppliedAsync(plan.Versions, CancellationToken.None))).ErrorId,
            (await Assert.ThrowsAsync<HasuraMigrationException>(() => SquashAsync(place, project, plan, () => placed = true))).ErrorId,
            (await Assert.ThrowsAsync<HasuraMigrationException>(() => runner.FindSquashAsync(3, CancellationToken.None))).ErrorId,
        ];

        Assert.All(ids, id => Assert.Equal("MigrationModeOff", id));
        Assert.Equal((false, "1,2,3"), (placed, await place.StateAsync(3)));
    }

    [Fact]
    public async Task A_database_that_has_only_a_part_is_not_said_to_have_all()
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        using var project = Project(2);
        await place.RunAsync(project, new MigrationGoal.Next(2));
        var plan = project.Plan(1);

        var mixed = await Assert.ThrowsAsync<HasuraMigrationException>(() => SquashAsync(place, project, plan));
        Assert.Equal("SquashRangeMixed", mixed.ErrorId);
        Assert.Contains("version 1 is applied and version 3 is not applied", mixed.Message);
        Assert.True(File.Exists(Path.Combine(project.Migrations, "1_m", "up.sql")));

        project.SquashFiles().Replace(plan, project.Backup(plan));
        var finding = Assert.Single((await place.StatusWithFindingsAsync(project)).Findings, f => f.Id == "MigrationSquashed");
        Assert.Contains("also contains those of 3, not applied to this database", finding.Message);
        Assert.Equal("MigrationSquashed", (await Assert.ThrowsAsync<HasuraMigrationException>(() => place.RunAsync(project))).ErrorId);
        Assert.Equal("RepairNotPossible", (await Assert.ThrowsAsync<HasuraMigrationException>(() => place.RepairAsync(project, MigrationRepair.AsSquashed, 3))).ErrorId);
        Assert.Equal("a,b", await place.TablesAsync());
    }

    [Fact]
    public async Task Files_that_changed_since_they_were_applied_are_refused()
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        using var project = Project(2);
        await place.RunAsync(project);
        var right = project.Plan(1);
        project.Add(2, "CREATE TABLE other (i int);");

        Assert.Equal("MigrationChanged", (await Assert.ThrowsAsync<HasuraMigrationException>(() => SquashAsync(place, project, project.Plan(1)))).ErrorId);

        // The same found out on another database, behind the squash.
        var wrong = project.Plan(1);
        project.SquashFiles().Replace(wrong, project.Backup(wrong));
        Assert.Contains("with another content", Assert.Single((await place.StatusWithFindingsAsync(project)).Findings, f => f.Id == "MigrationSquashed").Message);
        Assert.NotEqual(right.Migration.Text(MigrationStepKind.UpSql), wrong.Migration.Text(MigrationStepKind.UpSql));
    }

    [Fact]
    public async Task A_database_without_any_of_them_runs_the_squashed_one()
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        using var project = Project(2);
        var plan = project.Plan(1);
        await using (var target = place.Target(project))
        {
            Assert.False(await new MigrationRunner(project.Scan(), target).IsRangeAppliedAsync(plan.Versions, CancellationToken.None));
        }

        project.SquashFiles().Replace(plan, project.Backup(plan));

        Assert.Equal([3L], (await place.RunAsync(project)).Results.Select(r => r.Version));
        Assert.Equal("a,b,c", await place.TablesAsync());
    }

    [Fact]
    public async Task A_version_in_the_range_without_files_is_refused()
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        using var project = Project(2);
        await place.RunAsync(project);
        Directory.Delete(Path.Combine(project.Migrations, "2_m"), recursive: true);

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => SquashAsync(place, project, project.Plan(1)));

        Assert.Equal("SquashRangeMixed", error.ErrorId);
        Assert.Contains("version 2 within the range is applied", error.Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(HasuraApi.V2)]
    public async Task A_stop_between_files_and_records_is_completed(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = Project(3);
        await place.RunAsync(project, options: new RunOptions { CreateStateStore = api is null });
        var plan = project.Plan(1);

        await Assert.ThrowsAsync<IOException>(() => SquashAsync(place, project, plan, () => throw new IOException("crash")));
        Assert.Equal("1,2,3", await place.StateAsync(3));
        await place.RepairAsync(project, MigrationRepair.AsSquashed, 3);

        Assert.Equal("3", await place.StateAsync(3));
    }

    [Theory]
    [InlineData("before-finish")]
    [InlineData("before-last-look")]
    public async Task A_state_in_another_database_follows_also_after_a_stop(string point)
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2);
        await using var data = await server.CreateDatabaseAsync();
        using var project = Project(3);
        var (connection, metadata) = (data.ConnectionString, place.Database.ConnectionString);
        await project.RunAsync(connection, metadata: metadata);
        Assert.Equal("1,2,3", await place.StateAsync(3));
        var plan = project.Plan(1);

        await Assert.ThrowsAsync<IOException>(() => FaultCases.AtPointsAsync(
            reached => _ = reached == point ? throw new IOException("crash") : reached,
            async () =>
            {
                await project.Runner(connection, metadata).SquashAsync(3, plan.Versions, () => Placed(project, plan), new RunOptions(), new RecordingObserver(), CancellationToken.None);
                return true;
            }));
        Assert.Equal([(3L, MigrationState.Applied)], (await project.StatusAsync(connection, metadata)).Where(m => m.Status == MigrationState.Applied).Select(m => (m.Version, m.Status)));

        Assert.Empty((await project.RunAsync(connection, metadata: metadata)).Results);
        Assert.Equal("3", await place.StateAsync(3));
    }

    [Fact]
    public async Task A_first_migration_whose_text_a_lost_one_had_is_recorded()
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        using var project = new TestProject(2);
        project.Add(1, "CREATE TABLE public.a (i integer);");
        await place.RunAsync(project);
        Directory.Delete(Path.Combine(project.Migrations, "1_m"), recursive: true);
        project.Add(5, "CREATE TABLE public.a (i integer);", name: "init");

        await using var target = place.Target(project);
        var runner = new MigrationRunner(project.Scan(), target);
        await runner.RunAsync(new MigrationGoal.Exactly([5], MigrationDirection.Up), new PlanOptions { IsRecordOnly = true }, new RunOptions(), null, new RecordingObserver(), CancellationToken.None);

        Assert.Equal(MigrationState.Applied, (await place.StatusAsync(project)).Single(m => m.Version == 5).Status);
        await place.RepairAsync(project, MigrationRepair.AsSquashed, 5);
        Assert.Equal([5L], (await place.StatusAsync(project)).Select(m => m.Version));
    }

    private static TestProject Project(int config)
    {
        var project = new TestProject(config);
        return project.Add(1, "CREATE TABLE a (i int)", "DROP TABLE a").Add(2, "CREATE TABLE b (i int)", "DROP TABLE b").Add(3, "CREATE TABLE c (i int)", "DROP TABLE c");
    }

    private static async Task<IEnumerable<long>> SquashAsync(TargetPlace place, TestProject project, SquashPlan plan, Action? placed = null)
    {
        var observer = new RecordingObserver();
        await using var target = place.Target(project);
        await new MigrationRunner(project.Scan(), target).SquashAsync(
            plan.Migration.Version,
            plan.Versions,
            () =>
            {
                var source = Placed(project, plan);
                placed?.Invoke();
                return source;
            },
            new RunOptions(),
            observer,
            CancellationToken.None);
        return observer.Results.Select(r => r.Version == plan.Migration.Version ? plan.Versions[^1] : r.Version).Distinct().Order();
    }

    private static MigrationSource Placed(TestProject project, SquashPlan plan)
    {
        project.SquashFiles().Replace(plan, project.Backup(plan));
        return project.Scan();
    }
}
