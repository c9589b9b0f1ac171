using System.Diagnostics;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Projects;

public sealed class ProjectPathsTests
{
    [Theory]
    [Trait("Case", "8")]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("/migrations/..")]
    [InlineData("/migrations/../.")]
    public void A_project_lies_not_inside_itself(string suffix)
    {
        using var project = new TestProject();
        Directory.CreateDirectory(Path.Combine(project.Directory, "migrations"));

        var opened = HasuraProject.Open(new ProjectOptions { Path = project.Directory + suffix, IsExplicit = true, Environment = new Dictionary<string, string>() });

        Assert.Equal(project.Directory, opened.Directory);
        Assert.Empty(opened.Findings);
    }

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a/b", "a", true)]
    [InlineData("a/", "a", true)]
    [InlineData("ab", "a", false)]
    [InlineData("a-b/c", "a", false)]
    [InlineData("..a", "", true)]
    [InlineData("a/../b", "a", false)]
    [InlineData("", "a", false)]
    public void A_path_is_inside_another_by_whole_names(string path, string root, bool isInside)
    {
        var top = Path.GetTempPath();

        Assert.Equal(isInside, ProjectPaths.IsInside(Path.Combine(top, path), Path.Combine(top, root)));
    }

    [Fact]
    public void Settings_may_end_in_a_separator()
    {
        using var project = new TestProject(3, "version: 3\nmigrations_directory: ./steps/\nmetadata_directory: meta//\n");

        var opened = project.Open();

        Assert.Equal((Path.Combine(project.Directory, "steps"), Path.Combine(project.Directory, "meta")), (opened.MigrationsDirectory, opened.MetadataDirectory));
    }

    [Fact]
    [Trait("Case", "17")]
    public void A_setting_relative_to_a_drive_is_refused()
    {
        using var project = new TestProject(3, "version: 3\nmetadata_directory: C:metadata\n");

        Assert.Equal("PathOutsideProject", Assert.Throws<HasuraMigrationException>(() => project.Open()).ErrorId);
    }

    [Fact]
    [Trait("Case", "8")]
    public void Links_that_lead_to_each_other_are_an_error_where_files_would_be_written()
    {
        using var project = new TestProject();
        Machine.Link(Path.Combine(project.Directory, "metadata"), Path.Combine(project.Directory, "other"), isDirectory: true);
        Machine.Link(Path.Combine(project.Directory, "other"), Path.Combine(project.Directory, "metadata"), isDirectory: true);
        var document = new MetadataDocument(new System.Text.Json.Nodes.JsonObject { ["version"] = 3, ["sources"] = new System.Text.Json.Nodes.JsonArray() });

        Assert.Equal("FileUnreadable", Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Plan(document, MetadataFiles.LayoutOf(project.Open())).Apply()).ErrorId);
    }

    [Fact]
    [Trait("Case", "8")]
    public void A_directory_that_may_not_be_listed_is_an_error_with_its_path()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "This user may list everything.");
        using var project = new TestProject(3).Add(1, "SELECT 1;");
        var migrations = Path.Combine(project.Directory, "migrations");
        Machine.SetMode(migrations, UnixFileMode.None);
        try
        {
            var error = Assert.Throws<HasuraMigrationException>(() => project.Open());

            Assert.Equal(("FileUnreadable", migrations), (error.ErrorId, error.File));
        }
        finally
        {
            Machine.SetMode(migrations, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    [Trait("Case", "8")]
    public void Metadata_that_may_not_be_searched_is_not_read_as_empty()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "This user may search everything.");
        using var project = new TestProject(3).Write("metadata/version.yaml", "version: 3\n");
        var metadata = Path.Combine(project.Directory, "metadata");
        Machine.SetMode(metadata, UnixFileMode.UserRead);
        try
        {
            Assert.Equal("FileUnreadable", Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Read(project.Open())).ErrorId);
        }
        finally
        {
            Machine.SetMode(metadata, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    [Trait("Case", "8")]
    public void A_pipe_is_not_waited_for()
    {
        using var project = new TestProject();
        var pipe = Machine.Pipe(Path.Combine(project.Directory, "pipe.sql"));

        Assert.Equal("FileUnreadable", Assert.Throws<HasuraMigrationException>(() => TextFile.Read(pipe)).ErrorId);
    }

    [Theory]
    [Trait("Case", "17")]
    [InlineData(true, new[] { "Default" })]
    [InlineData(false, new[] { "Default", "default" })]
    public void A_source_and_a_folder_that_differ_by_case_are_one_where_the_file_system_says_so(bool ignoreCase, string[] names)
    {
        using var project = new TestProject(3).Add(1, "SELECT 1;").Write("metadata/databases/databases.yaml", "- name: Default\n  kind: postgres\n");

        var opened = HasuraProject.Open(new ProjectOptions { Path = project.Directory, IsExplicit = true, IgnoreFileCase = ignoreCase, Environment = new Dictionary<string, string>() });

        Assert.Equal(names, opened.Databases.Select(d => d.Name));
    }

    [Fact]
    [Trait("Case", "17")]
    public void The_rule_of_names_is_that_of_the_file_system()
    {
        using var project = new TestProject().Write("Upper", "").Write("lower", "");
        var ignoresCase = File.Exists(Path.Combine(project.Directory, "UPPER"));

        Assert.Equal(ignoresCase, FileNames.Comparer(project.Directory).Equals("a", "A"));
        Assert.Equal(ignoresCase, FileNames.Comparer(Path.Combine(project.Directory, "none", "yet")).Equals("a", "A"));
        Assert.True(FileNames.Comparer(project.Directory, ignoreCase: true).Equals("a", "A"));
        Assert.False(FileNames.Comparer(project.Directory, ignoreCase: false).Equals("a", "A"));
    }

    [Theory]
    [Trait("Case", "17")]
    [InlineData("con", true)]
    [InlineData("CON.yaml", true)]
    [InlineData("nul .txt", true)]
    [InlineData("CONIN$", true)]
    [InlineData("conout$.x", true)]
    [InlineData("COM1", true)]
    [InlineData("lpt\u00B3", true)]
    [InlineData("COM", false)]
    [InlineData("COM10", false)]
    [InlineData("console", false)]
    public void Names_of_devices_are_known(string name, bool isReserved) => Assert.Equal(isReserved, FileNames.IsReserved(name));

    [Fact]
    [Trait("Case", "17")]
    public void Work_on_a_held_file_is_tried_again_for_about_a_second()
    {
        var held = new IOException("held", unchecked((int)0x80070020));
        var left = 3;

        Assert.Equal(0, HeldFiles.Retry(() => --left > 0 ? throw held : left));

        var tries = 0;
        var clock = Stopwatch.StartNew();
        Assert.Same(held, Assert.Throws<IOException>(() => HeldFiles.Retry(() => ++tries > 0 ? throw held : true)));
        Assert.True(tries > 1 && clock.Elapsed >= TimeSpan.FromSeconds(1));

        tries = 0;
        Assert.Throws<FileNotFoundException>(() => HeldFiles.Retry(() => ++tries > 0 ? throw new FileNotFoundException() : true));
        Assert.Equal(1, tries);
    }

    [Fact]
    [Trait("Case", "17")]
    public void A_file_is_read_beside_its_writer()
    {
        using var project = new TestProject().Write("log.txt", "one");
        using var writer = new FileStream(Path.Combine(project.Directory, "log.txt"), FileMode.Append, FileAccess.Write, FileShare.Read);

        Assert.Equal("one", TextFile.Read(Path.Combine(project.Directory, "log.txt")).Text);
    }

    [Theory]
    [Trait("Case", "16.3")]
    [InlineData("metadata")]
    [InlineData("migrations")]
    [InlineData("migrations/default")]
    public void A_directory_that_is_a_link_out_of_the_project_is_refused(string link)
    {
        using var elsewhere = new TestProject().Write("1_a/up.sql", "SELECT 1;").Write("version.yaml", "version: 3");
        using var project = new TestProject();
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(project.Directory, link))!);
        Machine.Link(Path.Combine(project.Directory, link), elsewhere.Directory, isDirectory: true);

        var error = Assert.Throws<HasuraMigrationException>(() => project.Scan());

        Assert.Equal("PathOutsideProject", error.ErrorId);
        Assert.Contains(Path.Combine(project.Directory, link), error.Message);
    }

    [Fact]
    public void A_link_inside_the_project_and_a_whole_path_are_followed()
    {
        using var elsewhere = new TestProject().Write("default/1_a/up.sql", "SELECT 1;");
        using var inside = new TestProject().Write("real/default/1_a/up.sql", "SELECT 1;");
        using var whole = new TestProject(config: $"version: 3\nmigrations_directory: '{elsewhere.Directory}'\n");
        Machine.Link(Path.Combine(inside.Directory, "migrations"), Path.Combine(inside.Directory, "real"), isDirectory: true);

        Assert.Single(inside.Scan().Migrations);
        Assert.Single(whole.Scan().Migrations);
    }
}
