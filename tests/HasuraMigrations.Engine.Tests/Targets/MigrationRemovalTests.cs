using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>Files and records of migrations are removed, and nothing else.</summary>
public sealed class MigrationRemovalTests(PostgresServer server)
{
    private static readonly Dictionary<long, string?> None = [];

    public static TheoryData<HasuraApi?, int> Places => new() { { null, 2 }, { null, 3 }, { HasuraApi.V1, 2 }, { HasuraApi.V2, 3 } };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Records_are_removed_and_nothing_is_run(HasuraApi? api, int config)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = new TestProject(config);
        project.Add(1, "CREATE TABLE a (id int)", "DROP TABLE a").Add(2, "CREATE TABLE b (id int)", "DROP TABLE b");
        await place.RunAsync(project, options: new RunOptions { CreateStateStore = api is null });

        var removed = await RemoveAsync(place, project, MigrationRemovalScope.State, 1);
        var after = await place.StatusAsync(project);

        Assert.Equal([(1L, true)], removed);
        Assert.Equal("a,b", await place.TablesAsync());
        Assert.Equal("2", await place.StateAsync(config));
        Assert.Equal([(1L, MigrationState.Pending), (2L, MigrationState.Applied)], after.Select(m => (m.Version, m.Status)));
        Assert.Equal("removed 1", await place.Database.ScalarAsync<string>("SELECT outcome || ' ' || version FROM hasura_migrations.log ORDER BY id DESC LIMIT 1"));
        Assert.True(File.Exists(Path.Combine(project.Migrations, "1_m", "up.sql")));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task What_stopped_in_the_middle_is_completed_by_doing_it_again(HasuraApi? api, int config)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = new TestProject(config);
        project.Add(1, "CREATE TABLE a (id int)").Add(2, "CREATE TABLE b (id int)");
        await place.RunAsync(project, options: new RunOptions { CreateStateStore = api is null });
        await using var target = place.Target(project);
        var runner = new MigrationRunner(project.Scan(), target);

        await Assert.ThrowsAsync<IOException>(() => runner.RemoveAsync(
            [1, 2],
            v => v == 1 ? Delete(project, v) : throw new IOException("crash"),
            (_, _) => Task.CompletedTask,
            new RunOptions(),
            new RecordingObserver(),
            CancellationToken.None));
        Assert.Equal("2", await place.StateAsync(config));

        // The files are gone and the record is not.
        await Assert.ThrowsAsync<IOException>(() => runner.RemoveAsync(
            [2],
            async v =>
            {
                await Delete(project, v);
                throw new IOException("crash");
            },
            (_, _) => Task.CompletedTask,
            new RunOptions(),
            new RecordingObserver(),
            CancellationToken.None));
        Assert.Equal("2", await place.StateAsync(config));

        var removed = await RemoveAsync(place, project, MigrationRemovalScope.Both, 2);

        Assert.Equal([(2L, true)], removed);
        Assert.Equal("", await place.StateAsync(config));
        Assert.Empty(await place.StatusAsync(project));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Nothing_is_removed_while_migrations_are_off(HasuraApi? api, int config)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = new TestProject(config);
        project.Add(1, "CREATE TABLE a (id int)");
        await place.RunAsync(project, options: new RunOptions { CreateStateStore = api is null });
        await place.Database.ExecuteAsync(config == 3
            ? "UPDATE hdb_catalog.hdb_version SET cli_state = jsonb_set(cli_state, '{settings,migration_mode}', '\"false\"')"
            : "UPDATE hdb_catalog.migration_settings SET value = 'false'");
        await using var target = place.Target(project);
        var files = 0;

        var planned = await Assert.ThrowsAsync<HasuraMigrationException>(() => RemoveAsync(place, project, MigrationRemovalScope.Both, 1));
        var removed = await Assert.ThrowsAsync<HasuraMigrationException>(() => new MigrationRunner(project.Scan(), target).RemoveAsync(
            [1],
            _ => Task.FromResult(files++),
            (_, _) => Task.CompletedTask,
            new RunOptions(),
            new RecordingObserver(),
            CancellationToken.None));

        Assert.Equal(("MigrationModeOff", "MigrationModeOff", 0), (planned.ErrorId, removed.ErrorId, files));
        Assert.Equal("1", await place.StateAsync(config));
    }

    [Fact]
    public async Task A_version_that_only_Hasura_recorded_is_removed_too()
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2);
        await using var data = await server.CreateDatabaseAsync();
        await place.Database.ExecuteAsync("""UPDATE hdb_catalog.hdb_version SET cli_state = '{"migrations": {"default": {"7": false, "8": false}}, "settings": {"migration_mode": "true"}, "isStateCopyCompleted": true}'""");
        using var project = new TestProject();
        var observer = new RecordingObserver();

        await project.Runner(data.ConnectionString, place.Database.ConnectionString).RemoveAsync([7], _ => Task.CompletedTask, (_, _) => Task.CompletedTask, new RunOptions(), observer, CancellationToken.None);

        Assert.Equal("8", await place.StateAsync(3));
        Assert.DoesNotContain(observer.Findings, f => f.Id == "StateContended");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Only_steps_of_the_version_are_removed(int config)
    {
        using var project = new TestProject(config);
        project.Add(1, "x", "y").Add(10, "x").Add(1, "x", name: "n");
        foreach (var flat in new[] { "1_flat.up.sql", "1_flat.down.sql", "01_zero.up.sql", "1_flat.txt", "10_flat.up.sql", "1.up.sql", "1_y.up.yaml" })
        {
            File.WriteAllText(Path.Combine(project.Migrations, flat), "");
        }

        File.WriteAllText(Path.Combine(project.Migrations, "1_n", "README.md"), "");
        Directory.CreateDirectory(Path.Combine(project.Migrations, "1_notes"));

        var (_, findings) = Remove(project, 1);

        Assert.Equal(
            ["1.up.sql", "10_flat.up.sql", "10_m", "10_m/up.sql", "1_flat.txt", "1_n", "1_n/README.md", "1_notes", .. config == 1 ? Array.Empty<string>() : ["1_y.up.yaml"]],
            Directory.EnumerateFileSystemEntries(project.Migrations, "*", SearchOption.AllDirectories).Select(e => Path.GetRelativePath(project.Migrations, e).Replace('\\', '/')).Order(StringComparer.Ordinal));
        Assert.Equal("MigrationDirectoryKept", Assert.Single(findings).Id);
    }

    [Fact]
    public void Links_are_removed_and_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there.");
        using var project = new TestProject();
        project.Add(1, "x").Write("shared/up.sql", "x").Write("shared/dir/up.sql", "x");
        File.CreateSymbolicLink(Path.Combine(project.Migrations, "1_m", "down.sql"), Path.Combine(project.Directory, "shared", "up.sql"));
        Directory.CreateSymbolicLink(Path.Combine(project.Migrations, "1_link"), Path.Combine(project.Directory, "shared", "dir"));

        Remove(project, 1);

        Assert.Empty(Directory.EnumerateFileSystemEntries(project.Migrations));
        Assert.True(File.Exists(Path.Combine(project.Directory, "shared", "up.sql")));
        Assert.True(File.Exists(Path.Combine(project.Directory, "shared", "dir", "up.sql")));
    }

    [Theory]
    [InlineData(MigrationRemovalScope.Both, "it has no files and is not recorded")]
    [InlineData(MigrationRemovalScope.Files, "it has no files")]
    [InlineData(MigrationRemovalScope.State, "it is not recorded")]
    public void An_unknown_version_is_an_error_before_anything_is_removed(MigrationRemovalScope scope, string why)
    {
        using var project = new TestProject();
        project.Add(1, "x");
        var open = project.Open();

        var error = Assert.Throws<HasuraMigrationException>(() => MigrationRemovalPlan.Make(open, open.Database("default"), [1, 7, 8], scope, scope == MigrationRemovalScope.State ? new Dictionary<long, string?> { [1] = null } : None));

        Assert.Equal("MigrationNotFound", error.ErrorId);
        Assert.Contains("7, 8", error.Message);
        Assert.Contains(why, error.Message);
        Assert.True(File.Exists(Path.Combine(project.Migrations, "1_m", "up.sql")));
    }

    [Fact]
    public void An_empty_migration_can_be_removed()
    {
        using var project = new TestProject();
        project.Add(1, "", "");

        Assert.Equal(3, Remove(project, 1).Removed.Count);
    }

    private static (IReadOnlyList<string> Removed, IReadOnlyList<Finding> Findings) Remove(TestProject project, long version)
    {
        var open = project.Open();
        return MigrationRemovalPlan.Make(open, open.Database("default"), [version], MigrationRemovalScope.Files, None).FilesOf(version)!.Remove();
    }

    private static Task Delete(TestProject project, long version)
    {
        Remove(project, version);
        return Task.CompletedTask;
    }

    private static async Task<List<(long Version, bool IsRecorded)>> RemoveAsync(TargetPlace place, TestProject project, MigrationRemovalScope scope, params long[] versions)
    {
        await using var target = place.Target(project);
        var runner = new MigrationRunner(project.Scan(), target);
        var open = project.Open();
        var plan = MigrationRemovalPlan.Make(open, open.Database("default"), versions, scope, await runner.RecordedAsync(CancellationToken.None));
        var removed = new List<(long, bool)>();
        await runner.RemoveAsync(
            plan.Versions,
            v =>
            {
                plan.FilesOf(v)?.Remove();
                return Task.CompletedTask;
            },
            (v, isRecorded) =>
            {
                removed.Add((v, isRecorded));
                return Task.CompletedTask;
            },
            new RunOptions(),
            new RecordingObserver(),
            CancellationToken.None);
        return removed;
    }
}
