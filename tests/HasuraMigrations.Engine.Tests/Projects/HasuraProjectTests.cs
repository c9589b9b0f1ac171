using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Projects;

public sealed class HasuraProjectTests
{
    [Theory]
    [InlineData("")]
    [InlineData("migrations")]
    [InlineData("migrations/default/1_a")]
    public void Given_a_directory_in_a_project_it_is_found_upwards(string below)
    {
        using var project = new TestProject().Add(1, "SELECT 1;", name: "a");

        var opened = Open(Path.Combine(project.Directory, below), isExplicit: false);

        Assert.Equal(project.Directory, opened.Directory);
        Assert.Empty(opened.Findings);
    }

    [Fact]
    public void Given_a_path_that_is_none_it_is_told_why()
    {
        using var project = new TestProject();

        Assert.Contains("is a file", NotFound(Path.Combine(project.Directory, "config.yaml")), StringComparison.Ordinal);
        Assert.Contains("does not exist", NotFound(Path.Combine(project.Directory, "missing")), StringComparison.Ordinal);
        File.Delete(Path.Combine(project.Directory, "config.yaml"));
        Assert.Contains("config.yaml", NotFound(project.Directory), StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_project_in_a_project_it_is_refused_unless_it_is_clear_which_is_meant()
    {
        using var outer = new TestProject().Write("migrations/default/1_a/up.sql", "SELECT 1;").Write("inner/config.yaml", "version: 2\n").Write("inner/migrations/1_b/up.sql", "SELECT 1;");
        var inner = Path.Combine(outer.Directory, "inner");

        var error = Assert.Throws<HasuraMigrationException>(() => Open(Path.Combine(inner, "migrations"), isExplicit: false));
        Assert.Equal("ProjectAmbiguous", error.ErrorId);
        Assert.Contains(inner, error.Message, StringComparison.Ordinal);

        foreach (var clear in new[] { Open(inner, isExplicit: false), Open(Path.Combine(inner, "migrations"), isExplicit: true) })
        {
            Assert.Equal(inner, clear.Directory);
            var finding = Assert.Single(clear.Findings);
            Assert.Equal(("ProjectNested", FindingSeverity.Warning), (finding.Id, finding.Severity));
        }

        Assert.Empty(Open(outer.Directory, isExplicit: false).Findings);
    }

    [Fact]
    public void Given_some_other_config_file_further_up_nothing_is_told()
    {
        using var outer = new TestProject().Write("inner/config.yaml", "version: 2\n").Write("inner/migrations/1_b/up.sql", "SELECT 1;");

        Assert.Empty(Open(Path.Combine(outer.Directory, "inner", "migrations"), isExplicit: false).Findings);
    }

    [Theory]
    [InlineData("migrations_directory", "db/migs", "db/migs")]
    [InlineData("migrations_directory", "./a/../b", "b")]
    [InlineData("metadata_directory", "meta data", "meta data")]
    [InlineData("seeds_directory", ".", "")]
    public void Given_a_relative_directory_it_is_below_the_project(string key, string value, string expected)
    {
        using var project = new TestProject(config: $"{key}: {value}\n");

        var opened = project.Open();
        var actual = key switch { "migrations_directory" => opened.MigrationsDirectory, "metadata_directory" => opened.MetadataDirectory, _ => opened.SeedsDirectory };

        Assert.Equal(Path.GetFullPath(Path.Combine(project.Directory, expected)).TrimEnd('/'), actual.TrimEnd('/'));
    }

    [Theory]
    [InlineData("migrations_directory", "..")]
    [InlineData("metadata_directory", "../meta")]
    [InlineData("seeds_directory", "a/../../b")]
    public void Given_a_relative_directory_that_leaves_the_project_it_is_refused(string key, string value)
    {
        using var project = new TestProject(config: $"{key}: {value}\n");

        var error = Assert.Throws<HasuraMigrationException>(() => project.Open());

        Assert.Equal("PathOutsideProject", error.ErrorId);
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_rooted_directory_it_is_honoured()
    {
        using var elsewhere = new TestProject();
        using var project = new TestProject(config: $"version: 2\nmigrations_directory: '{elsewhere.Directory}'\n");

        Assert.Equal(elsewhere.Directory, project.Open().MigrationsDirectory);
        Assert.Equal(elsewhere.Directory, project.Open().Database("default").MigrationsDirectory);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Given_a_bare_project_reading_creates_nothing(int version)
    {
        using var project = new TestProject(version);

        var opened = project.Open();
        _ = opened.ToInfo();

        Assert.Equal(["config.yaml"], Directory.EnumerateFileSystemEntries(project.Directory).Select(Path.GetFileName));
        Assert.Equal(["default"], opened.Databases.Select(d => d.Name));
    }

    [Fact]
    public void Given_metadata_and_directories_the_databases_of_both_are_known()
    {
        using var project = new TestProject()
            .Write("metadata/databases/databases.yaml", "- name: zeta\n  kind: mssql\n- name: default\n  configuration:\n    connection_info:\n      database_url:\n        from_env: PG_URL\n- name: plain\n  configuration:\n    connection_info:\n      database_url: postgres://u:p@h/d\n- kind: postgres\n- text\n- name: zeta\n")
            .Write("migrations/beta/1_a/up.sql", "SELECT 1;")
            .Write("migrations/default/1_a/up.sql", "SELECT 1;")
            .Write("migrations/.git/x", "")
            .Write("migrations/alpha beta/1_a/up.sql", "SELECT 1;")
            .Write("migrations/README.md", "");

        var databases = project.Open().Databases;

        Assert.Equal(["zeta", "default", "plain", "alpha beta", "beta"], databases.Select(d => d.Name));
        Assert.Equal(["mssql", "postgres", "postgres", "postgres", "postgres"], databases.Select(d => d.Kind));
        Assert.Equal([null, "PG_URL", null, null, null], databases.Select(d => d.UrlVariable));
        Assert.Equal(Path.Combine(project.Directory, "migrations", "alpha beta"), databases[3].MigrationsDirectory);
    }

    [Theory]
    [InlineData("- name: [open\n", "line")]
    [InlineData("- name: \"\n", "line")]
    [InlineData("a: *nothing\n", "Quote the value")]
    [InlineData("- name: default\n\tkind: postgres\n", "Replace the tab")]
    public void Given_broken_metadata_there_is_a_warning_with_advice_and_directories_count(string yaml, string advice)
    {
        using var project = new TestProject().Write("metadata/databases/databases.yaml", yaml).Write("migrations/default/1_a/up.sql", "SELECT 1;");

        var opened = project.Open();
        var finding = Assert.Single(opened.Findings);

        Assert.Equal(("MetadataFileInvalid", FindingSeverity.Warning), (finding.Id, finding.Severity));
        Assert.NotNull(finding.Line);
        Assert.Contains(advice, finding.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(["default"], opened.Databases.Select(d => d.Name));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("../other")]
    [InlineData("/etc")]
    [InlineData("\"a\\0b\"")]
    public void Given_a_database_name_that_leaves_the_directory_it_is_ignored_with_a_warning(string name)
    {
        using var project = new TestProject().Write("metadata/databases/databases.yaml", $"- name: {name}\n- name: good\n");

        var opened = project.Open();

        Assert.Equal(["good"], opened.Databases.Select(d => d.Name));
        Assert.Equal("DatabaseNameOutsideProject", Assert.Single(opened.Findings).Id);
    }

    [Theory]
    [InlineData("metadata.json", """{"version":3,"sources":[{"name":"shop","kind":"mssql"},{"name":"main","configuration":{"connection_info":{"database_url":{"from_env":"MAIN"}}}}]}""")]
    [InlineData("metadata.yaml", "version: 3\nsources:\n  - name: shop\n    kind: mssql\n  - {name: main, configuration: {connection_info: {database_url: {from_env: MAIN}}}}\n")]
    public void Given_one_metadata_file_the_databases_are_those_in_it(string file, string text)
    {
        using var project = new TestProject(config: $"version: 3\nmetadata_file: {file}\n").Write("metadata/databases/databases.yaml", "- name: old\n").Write(file, text);

        var opened = project.Open();

        Assert.Equal([("shop", "mssql", null), ("main", "postgres", "MAIN")], opened.Databases.Select(d => (d.Name, d.Kind, d.UrlVariable)));
        Assert.Empty(opened.Findings);
    }

    [Theory]
    [InlineData("metadata.json", "{")]
    [InlineData("metadata.yaml", "sources: [\n")]
    public void Given_a_broken_metadata_file_there_is_a_warning(string file, string text)
    {
        using var project = new TestProject(config: $"version: 3\nmetadata_file: {file}\n").Write(file, text);

        Assert.Equal("MetadataFileInvalid", Assert.Single(project.Open().Findings).Id);
    }

    [Theory]
    [InlineData("migrations/7_old/up.sql")]
    [InlineData("migrations/7_old/down.sql")]
    [InlineData("migrations/7_old.up.sql")]
    public void Given_a_migration_beside_the_databases_it_is_none_and_told(string file)
    {
        using var project = new TestProject().Write("migrations/main/8_new/up.sql", "SELECT 1;").Write("migrations/9_archive/8_new/up.sql", "SELECT 1;").Write(file, "SELECT 1;");

        var opened = project.Open();

        Assert.Equal(["9_archive", "main"], opened.Databases.Select(d => d.Name));
        var finding = Assert.Single(opened.Findings);
        Assert.Equal("MigrationFileIgnored", finding.Id);
        Assert.Contains("7_old", finding.File, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_name_the_database_is_found_by_case_first()
    {
        using var project = new TestProject().Write("metadata/databases/databases.yaml", "- name: Main\n- name: main\n- name: other\n");

        var opened = project.Open();

        Assert.Equal("main", opened.Database("main").Name);
        Assert.Equal("other", opened.Database("OTHER").Name);
        Assert.Contains("'other'", Assert.Throws<HasuraMigrationException>(() => opened.Database("none")).Message, StringComparison.Ordinal);
    }

    private static string NotFound(string path)
    {
        var error = Assert.Throws<HasuraMigrationException>(() => Open(path, isExplicit: true));
        Assert.Equal("ProjectNotFound", error.ErrorId);
        return error.Message;
    }

    private static HasuraProject Open(string path, bool isExplicit) =>
        HasuraProject.Open(new ProjectOptions { Path = path, IsExplicit = isExplicit, Environment = new Dictionary<string, string>() });
}
