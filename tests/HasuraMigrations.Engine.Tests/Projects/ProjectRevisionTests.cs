using System.Diagnostics;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Tests.Projects;

public sealed class ProjectRevisionTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hasura-git-").FullName;

    public ProjectRevisionTests()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/git"), "git is not on this machine.");
        var project = Path.Combine(_root, "backend", "hasura");
        Directory.CreateDirectory(Path.Combine(project, "metadata"));
        File.WriteAllText(Path.Combine(project, "config.yaml"), "version: 3\n");
        File.WriteAllText(Path.Combine(project, "metadata", "version.yaml"), "version: 3\n");
        Git("init", "-q", "-b", "main");
        Git("add", "-A");
        Git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "first");
        Git("tag", "one");
        File.WriteAllText(Path.Combine(project, "metadata", "version.yaml"), "version: 2\n");
        ProjectDirectory = project;
    }

    private string ProjectDirectory { get; }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Lays_out_the_project_as_it_was()
    {
        string directory;
        using (var revision = await ProjectRevision.CheckOutAsync(ProjectDirectory, "one", CancellationToken.None))
        {
            directory = revision.Directory;
            Assert.Equal("version: 3\n", File.ReadAllText(Path.Combine(directory, "metadata", "version.yaml")));
            Assert.Equal("one:metadata/version.yaml", revision.Describe(Path.Combine(directory, "metadata", "version.yaml")));
        }

        Assert.False(Directory.Exists(directory));
    }

    [Fact]
    public async Task Findings_and_errors_name_no_temporary_directory()
    {
        using var revision = await ProjectRevision.CheckOutAsync(ProjectDirectory, "one", CancellationToken.None);
        var file = Path.Combine(revision.Directory, "metadata", "version.yaml");
        var finding = new Finding { Id = "MetadataFileEmpty", Severity = FindingSeverity.Warning, Message = $"The file '{file}' is odd.", File = file };

        var told = revision.Describe(finding);
        var error = revision.Describe(new HasuraMigrationException("MetadataNotFound", $"'{file}' is missing.", file) { File = file, Line = 3, Findings = [finding] });

        Assert.Equal(("The file 'one:metadata/version.yaml' is odd.", "one:metadata/version.yaml"), (told.Message, told.File));
        Assert.Equal(("MetadataNotFound", "'one:metadata/version.yaml' is missing.", "one:metadata/version.yaml", (int?)3), (error.ErrorId, error.Message, error.File, error.Line));
        Assert.Equal([told], error.Findings);
    }

    [Theory]
    [InlineData("no-such-revision")]
    [InlineData("--output=/tmp/evil")]
    [InlineData("")]
    public async Task Refuses_what_is_no_revision(string name)
    {
        var e = await Assert.ThrowsAsync<HasuraMigrationException>(() => ProjectRevision.CheckOutAsync(ProjectDirectory, name, CancellationToken.None));

        Assert.Equal("RevisionNotFound", e.ErrorId);
    }

    [Fact]
    public async Task Refuses_a_directory_outside_a_repository()
    {
        var e = await Assert.ThrowsAsync<HasuraMigrationException>(() => ProjectRevision.CheckOutAsync(Path.GetTempPath(), "HEAD", CancellationToken.None));

        Assert.Equal("RevisionNotFound", e.ErrorId);
        Assert.Contains("git", e.Message);
    }

    private void Git(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = _root })!;
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
    }
}
