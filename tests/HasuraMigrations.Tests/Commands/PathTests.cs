using System.Management.Automation;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class PathTests(HostedShell shell) : IClassFixture<HostedShell>
{
    [Theory]
    [Trait("Case", "8")]
    [InlineData("{0}/")]
    [InlineData("{0}/migrations/..")]
    [InlineData("{0}/migrations/../")]
    [InlineData("{0}/./")]
    [InlineData("blog:/")]
    [InlineData("blog:/migrations/..")]
    public void A_project_is_found_under_every_spelling_of_its_path(string spelling)
    {
        using var project = TestProject.OfTables(1);
        var session = shell.Runspace.SessionStateProxy;
        session.Drive.New(new PSDriveInfo("blog", session.Provider.GetOne("FileSystem"), project.Path, "", null), "global");
        try
        {
            var run = shell.Run("Get-HasuraProject -Project $p", ("p", string.Format(System.Globalization.CultureInfo.InvariantCulture, spelling, project.Path))).Well();

            Assert.Empty(run.Warnings);
            Assert.Equal([project.Path], run.Values("Path"));
        }
        finally
        {
            session.Drive.Remove("blog", force: true, "global");
        }
    }

    [Fact]
    [Trait("Case", "8")]
    public void A_revision_is_read_where_settings_are_whole_paths()
    {
        using var project = new TestProject(3);
        project.Write("config.yaml", $"version: 3\nmetadata_directory: {project.Path.Replace('\\', '/')}/metadata\n");
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", "[]\n");
        project.Write("metadata/query_collections.yaml", "- name: old\n  definition:\n    queries: []\n");
        Git.Commit(project.Path, "v1");
        project.Write("metadata/query_collections.yaml", "- name: new\n  definition:\n    queries: []\n");

        var run = shell.Run("Compare-HasuraMetadata -Project $p -Revision v1", ("p", project.Path)).Well();

        Assert.Equal(2, run.Output.Count);
    }

    [Fact]
    [Trait("Case", "8")]
    public void A_revision_does_not_hold_a_directory_beside_the_project()
    {
        using var project = new TestProject(3);
        project.Write("config.yaml", $"version: 3\nmetadata_directory: {project.Path.Replace('\\', '/')}-metadata\n");
        Git.Commit(project.Path, "v1");

        Assert.Equal("PathOutsideProject", shell.Run("Compare-HasuraMetadata -Project $p -Revision v1 -DifferenceObject '{\"version\":3,\"sources\":[]}'", ("p", project.Path)).ErrorId);
    }

    [Theory]
    [Trait("Case", "8")]
    [InlineData("New-HasuraMigration x -Project $p -UpPath $pipe", "FileUnreadable")]
    [InlineData("Test-HasuraMetadata -Path $pipe", "FileUnreadable")]
    [InlineData("Get-HasuraProject -Project $p -EnvFile $pipe", "EnvFileInvalid")]
    [InlineData("New-HasuraMigration x -Project $p -UpPath $p", "FileUnreadable")]
    [InlineData("Test-HasuraMetadata -Project $loops", "FileUnreadable")]
    [InlineData("ConvertTo-HasuraMetadata -Path \"$loops/metadata\"", "MetadataNotFound")]
    public void What_is_no_regular_file_or_directory_is_an_error_with_an_id(string script, string id)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no named pipes among its files.");
        using var project = TestProject.OfTables(1);
        using var loops = new TestProject(3);
        var pipe = Path.Combine(project.Path, "pipe.yaml");
        using (var make = System.Diagnostics.Process.Start("mkfifo", [pipe]))
        {
            make.WaitForExit();
        }

        Directory.CreateSymbolicLink(Path.Combine(loops.Path, "metadata"), Path.Combine(loops.Path, "other"));
        Directory.CreateSymbolicLink(Path.Combine(loops.Path, "other"), Path.Combine(loops.Path, "metadata"));

        Assert.Equal(id, shell.Run(script, ("p", project.Path), ("pipe", pipe), ("loops", loops.Path)).ErrorId);
    }

    [Fact]
    [Trait("Case", "17")]
    public void A_path_that_Windows_does_not_take_is_warned_of()
    {
        using var project = new TestProject(2);

        var run = shell.Run("New-HasuraMigration $name -Project $p", ("p", project.Path), ("name", new string('n', 220))).Well();

        Assert.Contains(run.Warnings, w => w.Contains("characters", StringComparison.Ordinal));
    }
}
