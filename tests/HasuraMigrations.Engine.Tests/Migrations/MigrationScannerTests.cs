using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Migrations;

public sealed class MigrationScannerTests
{
    private static readonly string LongName = new('n', 190);

    public static TheoryData<string, long, string> Accepted => new()
    {
        { "1_init/up.sql", 1, "init" },
        { "1_init.up.sql", 1, "init" },
        { "1_.up.sql", 1, "" },
        { "1_a.up.b.up.sql", 1, "a.up.b" },
        { "1_a/old.up.sql", 1, "a.old" },
        { "0001_x/up.sql", 1, "x" },
        { "1__/up.sql", 1, "_" },
        { "9223372036854775807_x.up.sql", long.MaxValue, "x" },
        { "20170412214116_with blank/up.sql", 20170412214116, "with blank" },
        { "1_it's \"quoted\"/up.sql", 1, "it's \"quoted\"" },
        { "1_größe-+.x/up.sql", 1, "größe-+.x" },
        { $"1_{LongName}/up.sql", 1, LongName },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Given_a_name_that_hasura_reads_it_is_read(string path, long version, string name)
    {
        foreach (var config in new[] { 1, 2, 3 })
        {
            using var project = Project(config, path);

            var source = project.Scan();
            var migration = Assert.Single(source.Migrations);

            Assert.Equal((version, name), (migration.Version, migration.Name));
            Assert.Equal(MigrationStepKind.UpSql, Assert.Single(migration.Steps).Kind);
            Assert.Empty(source.Findings);
        }
    }

    [Theory]
    [InlineData("9223372036854775808_x.up.sql", "9223372036854775807")]
    [InlineData("18446744073709551616_x/up.sql", "9223372036854775807")]
    [InlineData("-1_x.up.sql", "negative")]
    [InlineData("x.up.sql", "underscore")]
    [InlineData("1.up.sql", "underscore")]
    [InlineData("1/up.sql", "underscore")]
    [InlineData("1_x.UP.sql", "lower case")]
    [InlineData("1_x.up.SQL", "lower case")]
    [InlineData("1_x/Up.sql", "lower case")]
    [InlineData("1_x/up.yaml", "config version 1")]
    [InlineData("1_x.down.yaml", "config version 1")]
    [InlineData("1_x/up.yml", ".yaml")]
    [InlineData("1_x/1_y/up.sql", "too deep")]
    [InlineData("1_x/up.sql/notes.txt", "this is a directory")]
    [InlineData("1_x.up.sql/notes.txt", "this is a directory")]
    public void Given_a_near_miss_it_is_a_warning_with_the_reason(string path, string reason)
    {
        using var project = Project(2, path);

        var source = project.Scan();
        var finding = Assert.Single(source.Findings);

        Assert.Empty(source.Migrations);
        Assert.Equal(("MigrationFileIgnored", FindingSeverity.Warning), (finding.Id, finding.Severity));
        Assert.Contains(reason, finding.Message, StringComparison.Ordinal);
        Assert.StartsWith(project.Migrations.TrimEnd('/'), finding.File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData(".gitkeep")]
    [InlineData("1_x.sql")]
    [InlineData("1_x.up")]
    [InlineData("1_x.up.txt")]
    [InlineData("1_x.up.sql.bak")]
    [InlineData("squashed_1_to_5/notes.txt")]
    [InlineData("1_x/sub/notes.txt")]
    [InlineData("metadata.yaml")]
    public void Given_something_else_it_is_ignored_silently(string path)
    {
        foreach (var config in new[] { 1, 2, 3 })
        {
            using var project = Project(config, path);

            Assert.Empty(project.Scan().Migrations);
            Assert.Empty(project.Scan().Findings);
        }
    }

    [Fact]
    public void Given_both_forms_mixed_they_are_read_by_ascending_version()
    {
        using var project = Project(1, "10_b.up.sql", "9_a/up.sql", "9_other.down.sql", "010_c/down.sql", "2_y/up.yaml", "2_y/up.sql", "2_y/down.sql", "2_y/down.yaml");
        project.Write("migrations/2_y/up.yaml", "- type: a\n").Write("migrations/2_y/down.yaml", "- type: a\n");

        var source = project.Scan();

        Assert.Equal([2L, 9, 10], source.Migrations.Select(m => m.Version));
        Assert.Equal([MigrationStepKind.UpSql, MigrationStepKind.UpYaml], source.Migrations[0].StepsOf(MigrationDirection.Up).Select(s => s.Kind));
        Assert.Equal([MigrationStepKind.DownYaml, MigrationStepKind.DownSql], source.Migrations[0].StepsOf(MigrationDirection.Down).Select(s => s.Kind));
        Assert.Equal(2, source.Migrations[1].Steps.Count);
        Assert.Equal(2, source.Migrations[2].Steps.Count);
        Assert.Empty(source.Findings);
    }

    [Theory]
    [InlineData("1_a/up.sql", "1_a/old.up.sql")]
    [InlineData("1_a/up.sql", "01_b/up.sql")]
    [InlineData("1_a.up.sql", "1_b.up.sql")]
    [InlineData("1_a.down.sql", "1_a/down.sql")]
    public void Given_a_step_twice_it_is_an_error_that_names_both_files(string first, string second)
    {
        using var project = Project(2, first, second);

        var finding = Assert.Single(project.Scan().Findings, f => f.Severity == FindingSeverity.Error);

        Assert.Equal(("MigrationDuplicate", 1L), (finding.Id, finding.Version));
        Assert.Contains(Path.Combine(project.Migrations, first), finding.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(project.Migrations, second), finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_second_file_of_zero_bytes_there_is_no_duplicate()
    {
        using var project = Project(2, "1_a/up.sql").Write("migrations/1_a/old.up.sql", "").Write("migrations/1_a/zzz.up.sql", "");

        var source = project.Scan();

        Assert.Equal(["MigrationStepEmpty", "MigrationStepEmpty"], source.Findings.Select(f => f.Id));
        Assert.EndsWith("1_a/up.sql", Assert.Single(source.Migrations[0].Steps).Path, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_version_zero_it_is_an_error()
    {
        using var project = Project(2, "0_x/up.sql", "1_y/up.sql");

        var source = project.Scan();

        Assert.Equal(("MigrationVersionZero", FindingSeverity.Error), (source.Findings[0].Id, source.Findings[0].Severity));
        Assert.Equal([1L], source.Migrations.Select(m => m.Version));
    }

    [Fact]
    public void Given_only_empty_files_the_version_does_not_exist()
    {
        using var project = new TestProject(2).Add(1, "", "").Add(2, " \n-- nothing\n");

        var source = project.Scan();

        Assert.Equal([2L], source.Migrations.Select(m => m.Version));
        Assert.Equal(["MigrationStepEmpty", "MigrationStepEmpty"], source.Findings.Select(f => f.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]\n")]
    [InlineData("null\n")]
    [InlineData("# nothing\n")]
    public void Given_yaml_without_actions_it_is_no_step(string yaml)
    {
        using var project = new TestProject(1).Write("migrations/1_a/up.yaml", yaml);

        Assert.Empty(project.Scan().Migrations);
        Assert.Equal("MigrationStepEmpty", Assert.Single(project.Scan().Findings).Id);
    }

    [Theory]
    [InlineData("- type: [\n", "MigrationYamlInvalid")]
    [InlineData("type: run_sql\n", "MigrationYamlInvalid")]
    [InlineData("text\n", "MigrationYamlInvalid")]
    [InlineData("- a: *b\n", "MigrationYamlInvalid")]
    public void Given_invalid_yaml_it_is_an_error_with_file_and_line(string yaml, string id)
    {
        using var project = new TestProject(1).Write("migrations/1_a/up.yaml", yaml);

        var finding = Assert.Single(project.Scan().Findings);

        Assert.Equal((id, FindingSeverity.Error, 1L), (finding.Id, finding.Severity, finding.Version));
        Assert.EndsWith("up.yaml", finding.File, StringComparison.Ordinal);
        Assert.NotNull(finding.Line);
    }

    [Fact]
    public void Given_a_down_without_an_up_there_is_a_warning()
    {
        using var project = new TestProject(2).Add(1, null, "SELECT 1;").Add(2, "", "SELECT 1;");

        Assert.Equal(2, project.Scan().Findings.Count(f => f is { Id: "MigrationDownOnly", Severity: FindingSeverity.Warning }));
    }

    [Fact]
    public void Given_no_directory_there_are_no_migrations_and_none_is_made()
    {
        using var project = new TestProject(2);

        Assert.Empty(project.Scan().Migrations);
        Assert.False(Directory.Exists(project.Migrations));
    }

    [Fact]
    public void Given_links_their_own_names_count()
    {
        using var project = new TestProject().Write("shared/files/first.sql", "SELECT 1;").Write("shared/2_dir/up.sql", "SELECT 2;").Write("shared/empty.sql", "");
        Directory.CreateDirectory(Path.Combine(project.Migrations, "1_file"));
        Directory.CreateDirectory(Path.Combine(project.Migrations, "3_empty"));
        Machine.Link(Path.Combine(project.Migrations, "1_file", "up.sql"), "../../../shared/files/first.sql");
        Machine.Link(Path.Combine(project.Migrations, "5_linked"), "../../shared/2_dir", isDirectory: true);
        Machine.Link(Path.Combine(project.Migrations, "3_empty", "up.sql"), Path.Combine(project.Directory, "shared", "empty.sql"));
        Machine.Link(Path.Combine(project.Migrations, "4_gone.up.sql"), "nowhere");

        var source = project.Scan();

        Assert.Equal([(1L, "file"), (5L, "linked")], source.Migrations.Select(m => (m.Version, m.Name)));
        Assert.Equal(["SELECT 1;", "SELECT 2;"], source.Migrations.Select(m => m.Steps[0].Text.Text));
        Assert.Equal(["LinkBroken", "MigrationStepEmpty"], source.Findings.Select(f => f.Id));
    }

    [Fact]
    public void Given_links_that_leave_the_project_they_are_refused()
    {
        using var elsewhere = new TestProject().Write("1_x/up.sql", "SELECT 1;");
        foreach (var (link, target) in new[] { ("1_x", "1_x"), ("2_y.up.sql", "1_x/up.sql") })
        {
            using var project = new TestProject();
            Directory.CreateDirectory(project.Migrations);
            Machine.Link(Path.Combine(project.Migrations, link), Path.Combine(elsewhere.Directory, target));

            var error = Assert.Throws<HasuraMigrationException>(() => project.Scan());

            Assert.Equal(("PathOutsideProject", Path.Combine(project.Migrations, link)), (error.ErrorId, error.File));
        }
    }

    [Fact]
    public void Given_repeatable_files_they_are_found_in_lexical_order_and_are_no_near_misses()
    {
        using var project = new TestProject(2).Add(1, "SELECT 1;")
            .Write("migrations/repeatable/b.sql", "SELECT 1;").Write("migrations/repeatable/a/up.sql", "SELECT 1;").Write("migrations/repeatable/readme.md", "")
            .Write("migrations/Repeatable.d/x.sql", "");
        using var other = new TestProject(2).Write("migrations/Repeatable/x.sql", "SELECT 1;");

        var source = project.Scan();
        var near = other.Scan();

        Assert.Equal(["repeatable/a/up.sql", "repeatable/b.sql"], source.Repeatables.Select(f => f.Path));
        Assert.Equal([1L], source.Migrations.Select(m => m.Version));
        Assert.Empty(source.Findings);
        Assert.Empty(near.Repeatables);
        Assert.Equal("The directory of repeatable files must be named 'repeatable', in lower case.", Assert.Single(near.Findings).Message);
    }

    private static TestProject Project(int configVersion, params string[] files)
    {
        var project = new TestProject(configVersion);
        foreach (var file in files)
        {
            project.Write(Path.Combine(project.Migrations, file), "SELECT 1;");
        }

        return project;
    }
}
