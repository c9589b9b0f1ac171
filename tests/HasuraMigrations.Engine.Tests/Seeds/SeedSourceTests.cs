using HasuraMigrations.Engine.Seeds;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Seeds;

public sealed class SeedSourceTests
{
    [Fact]
    public void All_files_of_the_tree_come_in_the_order_in_which_Hasuras_CLI_walks_it()
    {
        using var project = new TestProject();
        foreach (var path in new[] { "b.sql", "a/z.sql", "a/b/c.SQL", "a.sql", "z.txt", "B.sql", "a-1.sql" })
        {
            project.Seed(path, "SELECT 1;");
        }

        Assert.Equal(["B.sql", "a/b/c.SQL", "a/z.sql", "a-1.sql", "a.sql", "b.sql"], project.ScanSeeds().Entries.Select(e => e.Path));
    }

    [Fact]
    public void Config_version_2_has_one_directory_and_version_3_one_for_each_database()
    {
        using var two = new TestProject(2);
        using var three = new TestProject();
        two.Write("seeds/x.sql", "SELECT 1;");
        three.Write("seeds/default/x.sql", "SELECT 1;").Write("seeds/other/y.sql", "SELECT 1;");

        Assert.Equal(["x.sql"], two.ScanSeeds().Entries.Select(e => e.Path));
        Assert.Equal(["x.sql"], three.ScanSeeds().Entries.Select(e => e.Path));
    }

    [Theory]
    [InlineData("b.sql,a.sql", "b.sql,a.sql")]
    [InlineData("*.sql", "a.sql,b.sql")]
    [InlineData("demo", "demo/1.sql,demo/deep/2.sql")]
    [InlineData("demo/*.sql", "demo/1.sql")]
    [InlineData("*/1.sql,a.sql", "demo/1.sql,a.sql")]
    [InlineData("b.sql,*.sql", "b.sql,a.sql")]
    [InlineData("./demo/../a.sql", "a.sql")]
    public void Named_files_run_in_the_order_of_their_names(string names, string expected)
    {
        using var project = new TestProject();
        foreach (var path in new[] { "a.sql", "b.sql", "demo/1.sql", "demo/deep/2.sql" })
        {
            project.Seed(path, "SELECT 1;");
        }

        Assert.Equal(expected.Split(','), project.ScanSeeds(names.Split(',')).Entries.Select(e => e.Path));
    }

    [Fact]
    public void A_name_with_characters_of_wildcards_is_taken_literally_first()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        using var project = new TestProject();
        project.Seed("a*.sql", "SELECT 1;").Seed("ab.sql", "SELECT 1;").Seed("[x].sql", "SELECT 1;");

        Assert.Equal(["a*.sql", "[x].sql"], project.ScanSeeds("a*.sql", "[x].sql").Entries.Select(e => e.Path));
    }

    [Theory]
    [InlineData("nope.sql", "SeedNotFound")]
    [InlineData("*.txt", "SeedNotFound")]
    [InlineData("note.txt", "SeedNotFound")]
    [InlineData("../../config.yaml", "PathOutsideProject")]
    [InlineData("/etc/passwd", "PathOutsideProject")]
    [InlineData(" ", "SeedNotFound")]
    [InlineData("a\0", "SeedNotFound")]
    public void A_name_that_leads_to_no_seed_file_is_an_error(string name, string id)
    {
        using var project = new TestProject();
        project.Seed("a.sql", "SELECT 1;").Seed("note.txt", "");

        var error = Assert.Throws<HasuraMigrationException>(() => project.ScanSeeds("a.sql", name));

        Assert.Equal(id, error.ErrorId);
        Assert.Equal(name == "note.txt", error.Message.Contains("its extension is not .sql"));
    }

    [Fact]
    public void Near_misses_and_links_are_told()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there.");
        using var project = new TestProject();
        project.Seed("a.sql", "SELECT 1;").Seed("b.Sql", "SELECT 1;").Write("shared/c.sql", "SELECT 1;");
        var seeds = Path.Combine(project.Directory, "seeds", "default");
        File.CreateSymbolicLink(Path.Combine(seeds, "c.sql"), Path.Combine(project.Directory, "shared", "c.sql"));
        File.CreateSymbolicLink(Path.Combine(seeds, "d.sql"), Path.Combine(seeds, "gone.sql"));
        Directory.CreateSymbolicLink(Path.Combine(seeds, "e"), Path.Combine(project.Directory, "shared"));

        var source = project.ScanSeeds();

        Assert.Equal(["a.sql", "c.sql"], source.Entries.Select(e => e.Path));
        Assert.Equal(["LinkBroken", "SeedFileIgnored", "SeedFileIgnored"], source.Findings.Select(f => f.Id).Order());
    }

    [Fact]
    public void A_link_that_leaves_the_project_is_an_error()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there.");
        using var project = new TestProject();
        project.Seed("a.sql", "SELECT 1;");
        File.CreateSymbolicLink(Path.Combine(project.Directory, "seeds", "default", "b.sql"), "/etc/passwd");

        Assert.Equal("PathOutsideProject", Assert.Throws<HasuraMigrationException>(() => project.ScanSeeds()).ErrorId);
    }

    [Theory]
    [InlineData("t", "\"public\".\"t\"")]
    [InlineData("s.t", "\"s\".\"t\"")]
    [InlineData("Odd Name", "\"public\".\"Odd Name\"")]
    [InlineData("\"a.b\".\"c\"\"d\"", "\"a.b\".\"c\"\"d\"")]
    public void A_table_is_named_as_in_Hasuras_CLI_or_quoted_as_in_SQL(string text, string pattern) =>
        Assert.Equal(pattern, SeedTable.Parse(text).ToString());

    [Theory]
    [InlineData("a.b.c")]
    [InlineData(".b")]
    [InlineData("a.")]
    [InlineData("\"a")]
    [InlineData("")]
    public void A_name_that_is_no_table_is_an_error(string text) =>
        Assert.Equal("SeedTableInvalid", Assert.Throws<HasuraMigrationException>(() => SeedTable.Parse(text)).ErrorId);
}
