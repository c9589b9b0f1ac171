using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Updating;

namespace HasuraMigrations.Engine.Tests.Updating;

/// <summary>The files of an update replace others; a stop at any point is completed by a second call, and nothing is lost.</summary>
public sealed class UpdateFilesTests
{
    private static readonly UpdateOptions ToThree = new(3);

    [Fact]
    public async Task Migrations_repeatable_files_seeds_and_metadata_get_their_places()
    {
        using var project = Version2();
        var before = Updates.Files(project.Directory);

        var (plan, findings) = await Updates.UpdateAsync(project.Directory, ToThree with { Database = "main" }, proof: null);

        var files = Updates.Files(project.Directory);
        Assert.Equal(
            [
                "config.yaml", "migrations/.keep", "migrations/README.md", "migrations/main/1234567890123456_long.up.sql", "migrations/main/1_a/notes.txt", "migrations/main/1_a/up.sql", "migrations/main/2_b.UP.sql", "migrations/main/docs/deep/x.txt",
                "migrations/main/repeatable/v.sql", "migrations/main/squashed_5_to_6/5_x/up.sql", "seeds/main/1.sql", "seeds/main/sub/2.SQL", "seeds/readme.txt",
            ],
            files.Keys.Where(f => !f.StartsWith("metadata/", StringComparison.Ordinal)));
        Assert.Equal("# mine\nversion: 3 # new\nadmin_secret: x\n", files["config.yaml"]);
        Assert.Contains("name: main", files["metadata/databases/databases.yaml"]);
        Assert.Contains("custom: 1", files["metadata/databases/main/tables/public_a.yaml"]);
        Assert.DoesNotContain("metadata/tables.yaml", files.Keys);
        Assert.Equal("version: 3\n", files["metadata/version.yaml"]);
        Assert.Equal("docs", files["metadata/own.txt"]);
        Assert.All(plan.Moved, m => Assert.Equal(before[Relative(project, m.From)], files[Relative(project, m.To)]));
        Assert.Equal(["DirectoryMoved docs", "FileNotMoved README.md"], findings.Where(f => f.Id is "DirectoryMoved" or "FileNotMoved").Select(f => $"{f.Id} {Path.GetFileName(f.File)}").Order(StringComparer.Ordinal));
        Assert.Equal([1L, 1234567890123456], Updates.Scan(project.Directory, "main").Migrations.Select(m => m.Version));
        Assert.Equal(["main"], Updates.Open(project.Directory).Databases.Select(d => d.Name));
    }

    [Fact]
    public async Task Relationships_of_types_lead_to_the_source_under_its_new_name()
    {
        using var project = Version2()
            .Write("metadata/actions.graphql", "type T {\n  id: Int!\n}\n")
            .Write("metadata/actions.yaml", "actions: []\ncustom_types:\n  objects:\n    - name: T\n      relationships:\n        - {name: a, type: object, remote_table: a, field_mapping: {id: id}}\n");

        await Updates.UpdateAsync(project.Directory, ToThree with { Database = "main" }, proof: null);

        Assert.Contains("source: main", Updates.Files(project.Directory)["metadata/actions.yaml"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_stop_at_any_step_closes_the_project_and_is_completed(int step)
    {
        using var whole = Version2();
        await Updates.UpdateAsync(whole.Directory, ToThree, proof: null);
        using var project = Version2();
        var (plan, _) = await Updates.PlanAsync(project.Directory, ToThree, proof: null);

        var at = 0;
        Assert.Throws<OperationCanceledException>(() => new UpdateFiles(plan.Project, _ => Stop(at++ == step)).Replace(plan));

        if (step is 1 or 2)
        {
            var error = Assert.Throws<HasuraMigrationException>(() => Updates.Open(project.Directory));
            Assert.Equal("UpdateUnfinished", error.ErrorId);
            Assert.Contains("Update-HasuraProject -ConfigVersion 3", error.RecommendedAction);
            var (staging, to) = UpdatePlaces.FindUnfinished(project.Directory)!.Value;
            Assert.Equal(3, to);
            var manifest = new UpdateFiles(Updates.Open(project.Directory, allowUnfinished: true), _ => { }).Complete(staging);
            Assert.Equal(plan.Moved, manifest.Moved);
        }
        else if (step == 0)
        {
            new UpdateFiles(plan.Project, _ => { }).Replace(plan);
        }

        Assert.Null(UpdatePlaces.FindUnfinished(project.Directory));
        Assert.Equal(Updates.Files(whole.Directory), Updates.Files(project.Directory));
        Assert.Equal(Backup(whole), Backup(project));
    }

    [Fact]
    public async Task A_stop_between_two_files_is_completed()
    {
        using var whole = Version1();
        await Updates.UpdateAsync(whole.Directory, ToThree, proof: null);
        using var project = Version1();
        var (plan, _) = await Updates.PlanAsync(project.Directory, ToThree, proof: null);
        Assert.Throws<OperationCanceledException>(() => new UpdateFiles(plan.Project, m => Stop(m.StartsWith("Replacing", StringComparison.Ordinal))).Replace(plan));
        // As if only some had been written, moved and removed.
        foreach (var change in plan.Changes.GroupBy(c => c.Kind).Select(g => g.First()))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(change.Path)!);
            switch (change.Kind)
            {
                case FileChangeKind.Write:
                    await File.WriteAllTextAsync(change.Path, change.Text, TestContext.Current.CancellationToken);
                    break;
                case FileChangeKind.Move:
                    File.Move(change.From!, change.Path);
                    break;
                default:
                    File.Delete(change.Path);
                    break;
            }
        }

        new UpdateFiles(Updates.Open(project.Directory, allowUnfinished: true), _ => { }).Complete(UpdatePlaces.FindUnfinished(project.Directory)!.Value.Path);

        Assert.Equal(Updates.Files(whole.Directory), Updates.Files(project.Directory));
    }

    [Fact]
    public async Task What_changed_since_is_neither_overwritten_nor_removed()
    {
        using var project = Version1();
        var (plan, _) = await Updates.PlanAsync(project.Directory, ToThree, proof: null);
        project.Write("migrations/1_m/up.yaml", "- {type: run_sql, args: {sql: SELECT 99}}\n");

        var early = Assert.Throws<HasuraMigrationException>(() => new UpdateFiles(plan.Project, _ => { }).Replace(plan));
        Assert.Equal("UpdateFilesChanged", early.ErrorId);
        Assert.Null(UpdatePlaces.FindUnfinished(project.Directory));

        (plan, _) = await Updates.PlanAsync(project.Directory, ToThree, proof: null);
        Assert.Throws<OperationCanceledException>(() => new UpdateFiles(plan.Project, m => Stop(m.StartsWith("Replacing", StringComparison.Ordinal))).Replace(plan));
        project.Write("config.yaml", "# edited\n");
        var late = Assert.Throws<HasuraMigrationException>(() => new UpdateFiles(Updates.Open(project.Directory, allowUnfinished: true), _ => { }).Complete(UpdatePlaces.FindUnfinished(project.Directory)!.Value.Path));

        Assert.Equal("UpdateFilesChanged", late.ErrorId);
        Assert.Contains(".update_1_to_3", late.RecommendedAction);
        Assert.Equal("# edited\n", await File.ReadAllTextAsync(Path.Combine(project.Directory, "config.yaml"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Links_lead_to_the_same_files_afterwards()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Few users may make links.");
        using var project = new TestProject(2);
        project.Add(1, "SELECT 1").Write("shared/two.sql", "SELECT 2");
        Directory.CreateDirectory(Path.Combine(project.Migrations, "2_m"));
        File.CreateSymbolicLink(Path.Combine(project.Migrations, "2_m", "up.sql"), "../../shared/two.sql");
        Directory.CreateDirectory(Path.Combine(project.Migrations, "3_m"));
        File.CreateSymbolicLink(Path.Combine(project.Migrations, "3_m", "up.sql"), "../1_m/up.sql");

        await Updates.UpdateAsync(project.Directory, ToThree, proof: null);

        var migrations = Updates.Scan(project.Directory).Migrations;
        Assert.Equal(["SELECT 1", "SELECT 2", "SELECT 1"], migrations.Select(m => m.Steps[0].Text.Text));
        Assert.Equal("../1_m/up.sql", new FileInfo(migrations[2].Steps[0].Path!).LinkTarget);
        Assert.False(Directory.Exists(Path.Combine(project.Migrations, "2_m")));
    }

    private static TestProject Version2() => new TestProject(2, "# mine\nversion: 2 # new\nadmin_secret: x\n")
        .Add(1, "CREATE TABLE a (i int);", name: "a")
        .Write("migrations/1_a/notes.txt", "notes")
        .Write("migrations/1234567890123456_long.up.sql", "SELECT 1;")
        .Write("migrations/2_b.UP.sql", "SELECT 2;")
        .Write("migrations/README.md", "read me")
        .Write("migrations/.keep", "")
        .Write("migrations/docs/deep/x.txt", "x")
        .Write("migrations/repeatable/v.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS a;")
        .Write("migrations/squashed_5_to_6/5_x/up.sql", "SELECT 5;")
        .Write("seeds/1.sql", "SELECT 1;")
        .Write("seeds/sub/2.SQL", "SELECT 2;")
        .Write("seeds/readme.txt", "seeds")
        .Write("metadata/version.yaml", "version: 2\n")
        .Write("metadata/tables.yaml", "- table: {schema: public, name: a}\n  custom: 1\n")
        .Write("metadata/functions.yaml", "[]\n")
        .Write("metadata/own.txt", "docs");

    private static TestProject Version1() => new TestProject(1, "endpoint: http://localhost:8080\n")
        .Yaml(1, "up", "{type: run_sql, args: {sql: CREATE TABLE a (i int)}}", "{type: track_table, args: a}")
        .Add(2, "SELECT 2")
        .Write("migrations/metadata.yaml", "version: 2\ntables:\n- table: {schema: public, name: a}\n");

    private static SortedDictionary<string, string> Backup(TestProject project) => Updates.Files(Path.Combine(project.Directory, "backup_config_v2"));

    private static string Relative(TestProject project, string path) => Path.GetRelativePath(project.Directory, path).Replace(Path.DirectorySeparatorChar, '/');

    private static void Stop(bool isHere)
    {
        if (isHere)
        {
            throw new OperationCanceledException();
        }
    }
}
