using System.Diagnostics;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Projects;

public sealed class ProjectRevisionTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hasura-git-").FullName;

    public ProjectRevisionTests()
    {
        Machine.NeedsProgram("git");
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

    [Fact]
    [Trait("Case", "17")]
    public async Task Links_do_not_make_a_revision_unreadable()
    {
        Machine.Link(Path.Combine(ProjectDirectory, "metadata", "inside.yaml"), "version.yaml");
        Machine.Link(Path.Combine(ProjectDirectory, "metadata", "outside.yaml"), Path.Combine(_root, "elsewhere.yaml"));
        Git("add", "-A");
        Git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "links");

        using var revision = await ProjectRevision.CheckOutAsync(ProjectDirectory, "main", CancellationToken.None);

        Assert.Equal("version: 2\n", File.ReadAllText(Path.Combine(revision.Directory, "metadata", "inside.yaml")));
        Assert.False(Path.Exists(Path.Combine(revision.Directory, "metadata", "outside.yaml")));
        Assert.Equal(["main:metadata/outside.yaml"], revision.Findings.Select(f => revision.Describe(f).File));
    }

    [Fact]
    [Trait("Case", "17")]
    public async Task Of_two_names_that_a_file_system_takes_for_one_the_first_is_read()
    {
        var archive = Path.Combine(_root, "tree.tar");
        await using (var writer = new System.Formats.Tar.TarWriter(File.Create(archive)))
        {
            foreach (var text in new[] { "first", "second" })
            {
                await writer.WriteEntryAsync(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, "a.yaml") { DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)) }, CancellationToken.None);
            }
        }

        var target = Directory.CreateDirectory(Path.Combine(_root, "target")).FullName;
        var findings = await TreeExtraction.ExtractAsync(archive, target, CancellationToken.None);

        Assert.Equal("first", File.ReadAllText(Path.Combine(target, "a.yaml")));
        Assert.Equal("RevisionFileIgnored", Assert.Single(findings).Id);
    }

    [Fact]
    [Trait("Case", "17")]
    public async Task A_folder_may_have_letters_beyond_ASCII()
    {
        var project = Path.Combine(_root, "größe", "プロジェクト");
        Directory.CreateDirectory(project);
        File.WriteAllText(Path.Combine(project, "config.yaml"), "version: 3\n");
        Git("add", "-A");
        Git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "folder");

        using var revision = await ProjectRevision.CheckOutAsync(project, "main", CancellationToken.None);

        Assert.True(File.Exists(Path.Combine(revision.Directory, "config.yaml")));
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
        Assert.Contains("is in no git repository", e.Message);
    }

    [Fact]
    public async Task Refuses_a_revision_without_the_project()
    {
        var later = Directory.CreateDirectory(Path.Combine(ProjectDirectory, "later")).FullName;

        var e = await Assert.ThrowsAsync<HasuraMigrationException>(() => ProjectRevision.CheckOutAsync(later, "one", CancellationToken.None));

        Assert.Equal("RevisionNotFound", e.ErrorId);
        Assert.Contains("the project is not in it", e.Message);
    }

    private void Git(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = _root })!;
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
    }
}
