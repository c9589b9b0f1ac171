using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Updating;

namespace HasuraMigrations.Engine.Tests.Updating;

/// <summary>An update is planned completely before anything is written, and refused where it cannot be done.</summary>
public sealed class UpdatePlannerTests
{
    public static TheoryData<string, UpdateOptions, string, string> Refusals => new()
    {
        { "version: 3\n", new UpdateOptions(2), "UpdateVersionInvalid", "has config version 3" },
        { "version: 2\n", new UpdateOptions(3) { Database = "a/b" }, "UpdateDatabaseInvalid", "contains the character /" },
        { "version: 2\n", new UpdateOptions(3) { Database = ".a" }, "UpdateDatabaseInvalid", "directory" },
        { "version: 2\n", new UpdateOptions(3) { Database = "taken" }, "UpdateTargetExists", "exists already" },
        { "version:\n  2\n", new UpdateOptions(3), "", "" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_cannot_be_updated_is_refused(string config, UpdateOptions options, string id, string why)
    {
        using var project = new TestProject(2, config);
        project.Add(1, "SELECT 1").Write("migrations/taken/x.txt", "x");
        var before = Updates.Files(project.Directory);

        if (id.Length == 0)
        {
            await Updates.PlanAsync(project.Directory, options, proof: null);
        }
        else
        {
            var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => Updates.PlanAsync(project.Directory, options, proof: null));
            Assert.Equal(id, error.ErrorId);
            Assert.Contains(why, error.Message);
        }

        Assert.Equal(before, Updates.Files(project.Directory));
    }

    [Fact]
    public async Task A_backup_is_never_overwritten_and_never_in_the_way()
    {
        using var project = new TestProject(2);
        project.Add(1, "SELECT 1").Write("backup_config_v2/x", "x");

        var exists = await Assert.ThrowsAsync<HasuraMigrationException>(() => Updates.PlanAsync(project.Directory, new UpdateOptions(3), proof: null));
        var inside = await Assert.ThrowsAsync<HasuraMigrationException>(() => Updates.PlanAsync(project.Directory, new UpdateOptions(3) { BackupPath = Path.Combine(project.Migrations, "b") }, proof: null));

        Assert.Equal(("UpdateBackupExists", "UpdateBackupInvalid"), (exists.ErrorId, inside.ErrorId));
        Assert.Contains("-BackupPath", exists.RecommendedAction);
    }

    [Fact]
    public void A_version_of_the_environment_is_refused()
    {
        using var project = new TestProject(2);

        var error = Assert.Throws<HasuraMigrationException>(() => new UpdatePlanner(project.Open(("HASURA_GRAPHQL_VERSION", "2")), new UpdateOptions(3)).Check());

        Assert.Equal("UpdateVersionInvalid", error.ErrorId);
        Assert.Contains("HASURA_GRAPHQL_VERSION", error.Message);
    }

    [Fact]
    public async Task The_metadata_directory_is_that_of_the_project_or_the_one_that_was_named()
    {
        using var project = Version1("metadata_directory: own\n");
        var (own, _) = await Updates.PlanAsync(project.Directory, new UpdateOptions(2), proof: null);
        var (named, _) = await Updates.PlanAsync(project.Directory, new UpdateOptions(2) { MetadataDirectory = "named" }, proof: null);

        Assert.Contains(Path.Combine(project.Directory, "own", "tables.yaml"), own.Written);
        Assert.Contains(Path.Combine(project.Directory, "named", "tables.yaml"), named.Written);
        Assert.Equal("version: 2\nmetadata_directory: own\n", own.Changes[^1].Text);
        Assert.Equal("version: 2\nmetadata_directory: named\n", named.Changes[^1].Text!.Replace("metadata_directory: named\nversion: 2\n", "version: 2\nmetadata_directory: named\n"));
        Assert.Equal(Path.Combine(project.Directory, "config.yaml"), own.Changes[^1].Path);
    }

    [Fact]
    public async Task Metadata_of_the_target_is_taken_and_what_the_files_say_otherwise_is_told()
    {
        using var project = Version1("endpoint: http://localhost:1\n");
        var target = TestStores.Document("""{"version": 3, "sources": [{"name": "main", "kind": "postgres", "tables": [{"table": {"schema": "public", "name": "b"}}], "configuration": {}}]}""");

        var (plan, findings) = await Updates.PlanAsync(project.Directory, new UpdateOptions(3) { Database = "main" }, proof: null, target);
        var other = await Assert.ThrowsAsync<HasuraMigrationException>(() => Updates.PlanAsync(project.Directory, new UpdateOptions(3), proof: null, target));
        var (files, differences) = await Updates.PlanAsync(project.Directory, new UpdateOptions(3), proof: null, target, isOfTarget: false);

        Assert.Contains(plan.Written, f => f.EndsWith("public_b.yaml", StringComparison.Ordinal));
        Assert.Contains(plan.Removed, f => f.EndsWith("metadata.yaml", StringComparison.Ordinal));
        Assert.All(findings.Where(f => f.Id == "MetadataDiffers"), f => Assert.Contains("the target, which is used", f.Message));
        Assert.Contains(findings, f => f.Id == "MetadataDiffers");
        Assert.Equal("DatabaseNotFound", other.ErrorId);
        Assert.Contains(files.Written, f => f.EndsWith("public_a.yaml", StringComparison.Ordinal));
        Assert.All(differences.Where(f => f.Id == "MetadataDiffers"), f => Assert.Contains("the files of the project, which are used", f.Message));
    }

    [Fact]
    public async Task Actions_that_were_not_replayed_need_a_file_or_a_target()
    {
        using var project = new TestProject(1);
        project.Yaml(1, "up", "{type: track_table, args: a}");

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => Updates.PlanAsync(project.Directory, new UpdateOptions(2), proof: null));

        Assert.Equal("UpdateMetadataMissing", error.ErrorId);
    }

    private static TestProject Version1(string config) => new TestProject(1, config)
        .Yaml(1, "up", "{type: track_table, args: a}")
        .Write("migrations/metadata.yaml", "version: 2\ntables:\n- table: {schema: public, name: a}\n");
}
