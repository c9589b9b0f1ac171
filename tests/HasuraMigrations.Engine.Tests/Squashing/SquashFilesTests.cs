using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Squashing;

/// <summary>The files of a squash replace others, and a stop at any point is completed by a second call.</summary>
public sealed class SquashFilesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_files_of_the_range_go_to_the_backup_and_no_others(int config)
    {
        using var project = Project(config);
        var before = Files(project);
        var plan = project.Plan(1, 3, "add");

        project.SquashFiles().Replace(plan, project.Backup(plan));

        Assert.Equal(["3_add/down.sql", "3_add/up.sql", "4_m/up.sql", "squashed_1_to_3/1_m/down.sql", "squashed_1_to_3/1_m/up.sql", "squashed_1_to_3/2_flat.up.sql", "squashed_1_to_3/3_add/up.sql"], Files(project).Select(f => f.Path));
        Assert.All(before.Where(b => b.Path[0] != '4'), b => Assert.Contains(($"squashed_1_to_3/{b.Path}", b.Text), Files(project)));
        Assert.Empty(project.Scan().Findings);
        Assert.Equal([3L, 4], project.Scan().Migrations.Select(m => m.Version));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_stop_at_any_step_stops_runs_and_is_completed(int step)
    {
        using var project = Project(3);
        var plan = project.Plan(1, 3, "add");
        using var whole = Project(3);
        whole.SquashFiles().Replace(plan with { Migration = plan.Migration with { Path = Path.Combine(whole.Migrations, "3_add") } }, whole.Backup(plan));

        var at = 0;
        Assert.Throws<OperationCanceledException>(() => project.SquashFiles(_ => Stop(at++ == step)).Replace(plan, project.Backup(plan)));
        var unfinished = project.SquashFiles().FindUnfinished();
        if (step == 0)
        {
            Assert.Null(unfinished);
            project.SquashFiles().Replace(plan, project.Backup(plan));
        }
        else
        {
            Assert.Equal((1L, 3L), unfinished);
            var finding = Assert.Single(project.Scan().Findings, f => f.Id == "SquashUnfinished");
            Assert.Equal(FindingSeverity.Error, finding.Severity);
            Assert.Contains("-From 1 -To 3", finding.RecommendedAction);
            project.SquashFiles().Complete(unfinished!.Value);
        }

        Assert.Equal(Files(whole), Files(project));
        Assert.Null(project.SquashFiles().FindUnfinished());
        Assert.Empty(project.Scan().Findings);
    }

    [Fact]
    public void A_stop_between_two_files_is_completed()
    {
        using var project = Project(3);
        var plan = project.Plan(1, 3);
        Assert.Throws<OperationCanceledException>(() => project.SquashFiles(m => Stop(m.StartsWith("Moving", StringComparison.Ordinal))).Replace(plan, project.Backup(plan)));
        // As if only some had been removed, and some copied in part.
        project.Add(2, null).Write(Path.Combine(project.Migrations, "1_m", "up.sql"), "CREATE TABLE a (i int);").Write(Path.Combine(project.Backup(plan), "1_m", "up.sql"), "CREATE");

        project.SquashFiles().Complete((1, 3));

        Assert.Contains(("squashed_1_to_3/1_m/up.sql", "CREATE TABLE a (i int);"), Files(project));
        Assert.Equal([3L, 4], project.Scan().Migrations.Select(m => m.Version));
    }

    [Fact]
    public void A_file_that_changed_since_is_not_removed()
    {
        using var project = Project(3);
        var plan = project.Plan(1, 3);
        Assert.Throws<OperationCanceledException>(() => project.SquashFiles(m => Stop(m.StartsWith("Copying", StringComparison.Ordinal))).Replace(plan, project.Backup(plan)));
        project.Add(1, "CREATE TABLE other (i int);");

        var error = Assert.Throws<HasuraMigrationException>(() => project.SquashFiles().Complete((1, 3)));

        Assert.Equal("SquashFilesChanged", error.ErrorId);
        Assert.Contains(".squash_1_to_3", error.RecommendedAction);
        Assert.True(File.Exists(Path.Combine(project.Migrations, "1_m", "up.sql")));
    }

    [Fact]
    public void Other_files_of_a_directory_are_kept_with_a_warning()
    {
        using var project = Project(3);
        project.Write(Path.Combine(project.Migrations, "1_m", "README.md"), "x");
        var plan = project.Plan(1, 3);

        var findings = project.SquashFiles().Replace(plan, project.Backup(plan));

        Assert.Equal("MigrationDirectoryKept", Assert.Single(findings).Id);
        Assert.Contains(("1_m/README.md", "x"), Files(project));
    }

    [Theory]
    [InlineData("squashed_1_to_3", "SquashBackupExists")]
    [InlineData("other", "SquashBackupInvalid")]
    [InlineData("squashed_1_to_3/deeper", "SquashBackupInvalid")]
    [InlineData("../beside", "SquashBackupInvalid")]
    [InlineData("../../away", null)]
    public void A_backup_has_to_be_a_new_place_where_nobody_looks_for_migrations(string path, string? id)
    {
        using var project = Project(3);
        if (id == "SquashBackupExists")
        {
            project.Write(Path.Combine(project.Migrations, path, "x"), "x");
        }

        var backup = Path.GetFullPath(Path.Combine(project.Migrations, path));
        var error = Record.Exception(() => project.SquashFiles().Check(project.Plan(1, 3), backup));

        Assert.Equal(id, (error as HasuraMigrationException)?.ErrorId);
        if (id is null)
        {
            project.SquashFiles().Replace(project.Plan(1, 3), backup);
            Assert.True(File.Exists(Path.Combine(backup, "1_m", "up.sql")));
        }
    }

    [Fact]
    public void A_name_whose_directory_is_taken_is_refused()
    {
        using var project = Project(3);
        project.Write(Path.Combine(project.Migrations, "3_add", "notes.md"), "x").Write(Path.Combine(project.Migrations, "3_other", "notes.md"), "x");

        Assert.All(new[] { "add", "other" }, name => Assert.Equal("MigrationExists", Assert.Throws<HasuraMigrationException>(() => project.SquashFiles().Check(project.Plan(1, 3, name), Path.Combine(project.Directory, "b"))).ErrorId));
    }

    private static TestProject Project(int config)
    {
        var project = new TestProject(config);
        project.Add(1, "CREATE TABLE a (i int);", "DROP TABLE a;").Add(3, "CREATE TABLE c (i int);", name: "add").Add(4, "CREATE TABLE d (i int);");
        return project.Write(Path.Combine(project.Migrations, "2_flat.up.sql"), "CREATE TABLE b (i int);");
    }

    private static void Stop(bool isNow)
    {
        if (isNow)
        {
            throw new OperationCanceledException();
        }
    }

    private static List<(string Path, string Text)> Files(TestProject project) =>
        [.. Directory.EnumerateFiles(project.Migrations, "*", SearchOption.AllDirectories).Select(f => (Path.GetRelativePath(project.Migrations, f).Replace('\\', '/'), File.ReadAllText(f))).OrderBy(f => f.Item1, StringComparer.Ordinal)];
}
