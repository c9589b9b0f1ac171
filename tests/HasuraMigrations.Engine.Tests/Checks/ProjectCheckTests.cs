using HasuraMigrations.Engine.Checks;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Tests.Corpus;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Checks;

public sealed class ProjectCheckTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hasura-check-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Every_part_of_a_project_is_checked_with_file_and_line()
    {
        Write("config.yaml", "version: 3\nendpont: http://localhost\n");
        Write("metadata/version.yaml", "version: 3\n");
        Write("metadata/databases/databases.yaml", "- name: default\n  kind: postgres\n  configuration: {}\n  tables:\n    - table: {schema: public, name: a}\n      objectrelationships: []\n");
        Write("migrations/default/1_a/up.sql", "SELECT 1;\n\nVACUUM;\n");
        Write("migrations/default/1_a/down.sql", "SELECT 1;\nCOMMIT;\nSELECT 2;\n");
        Write("migrations/default/2_b.UP.sql", "SELECT 1;\n");
        Write("migrations/other/1_a/up.sql", "SELECT $1;\n");
        Write("seeds/default/a.sql", "\n\\copy a from b\n");
        Write("seeds/default/b.sql", [0xff, 0xfe, 0xff]);

        var findings = Check();

        Assert.Equal(
        [
            "error FileEncodingInvalid seeds/default/b.sql:1",
            "error MetadataKeyUnknown metadata/databases/databases.yaml:6",
            "error MetadataValueInvalid metadata/databases/databases.yaml:1",
            "error NotInTransaction migrations/default/1_a/up.sql:3",
            "error PsqlCommand seeds/default/a.sql:2",
            "error SqlParameter migrations/other/1_a/up.sql:1",
            "error TransactionControl migrations/default/1_a/down.sql:2",
            "warning DatabaseWithoutSource migrations/other",
            "warning MigrationFileIgnored migrations/default/2_b.UP.sql",
            "warning ProjectConfigKeyUnknown config.yaml:2",
        ], findings);
    }

    [Theory]
    [InlineData("version: [", "ProjectConfigInvalid")]
    [InlineData("version: 7", "ProjectConfigVersionUnsupported")]
    [InlineData("version: 3\nmigrations_directory: ../elsewhere", "PathOutsideProject")]
    public void A_project_that_cannot_be_opened_is_a_finding(string config, string id)
    {
        Write("config.yaml", config);

        Assert.StartsWith($"error {id} ", Assert.Single(Check()));
    }

    [Fact]
    public void What_cannot_be_read_does_not_hide_the_rest()
    {
        Write("config.yaml", "version: 2\n");
        Write("metadata/version.yaml", "version: [\n");
        Write("migrations/1_a/up.sql", "VACUUM;\n");

        Assert.Equal(["error MetadataFileInvalid metadata/version.yaml:2", "error NotInTransaction migrations/1_a/up.sql:1"], Check());
    }

    [Fact]
    public void Statements_of_another_kind_of_database_are_not_judged()
    {
        Write("config.yaml", "version: 3\n");
        Write("metadata/version.yaml", "version: 3\n");
        Write("metadata/databases/databases.yaml", "- name: ms\n  kind: mssql\n  configuration: {}\n  tables: []\n");
        Write("migrations/ms/1_a/up.sql", "VACUUM\nGO\n");
        Write("seeds/ms/a.sql", "COMMIT\nGO\n");

        Assert.Empty(Check());
    }

    [Fact]
    public void A_path_without_a_project_is_an_error_of_the_command() =>
        Assert.Equal("ProjectNotFound", Assert.Throws<HasuraMigrationException>(() => ProjectCheck.Check(new ProjectOptions { Path = _root, IsExplicit = true })).ErrorId);

    [Fact]
    public void The_sample_projects_that_psql_applies_have_no_error_that_stops_them()
    {
        SharedData.Needs(CorpusCase.Root is not null, "corpus");
        var wrong = new List<string>();
        foreach (var project in CorpusCase.All.Values.GroupBy(c => c.Directory).Where(p => File.Exists(Path.Combine(p.Key, "config.yaml")) && p.All(c => c.Failure is null)))
        {
            var errors = ProjectCheck.Check(new ProjectOptions { Path = project.Key, IsExplicit = true, Environment = new Dictionary<string, string>() }).Where(f => f.Severity == FindingSeverity.Error).ToList();
            Assert.All(errors, e => Assert.NotNull(e.Line));
            wrong.AddRange(errors.Select(e => $"{Path.GetFileName(project.Key)} {e.Id} {Path.GetFileName(e.File)}:{e.Line}"));
        }

        // The metadata of the one is completed by that of another directory. A COMMIT in the middle of a file of the other would end the
        // transaction that the file shares with its record.
        Assert.Equal(
        [
            "HSLdevcom-jore4-hasura MetadataReferenceMissing service_pattern_scheduled_stop_point.yaml:56",
            "HSLdevcom-jore4-hasura MetadataReferenceMissing service_pattern_scheduled_stop_point.yaml:76",
            "otohime-site-server TransactionControl down.sql:228",
            "otohime-site-server TransactionControl up.sql:238",
        ], wrong.Order(StringComparer.Ordinal));
    }

    private void Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    private void Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    // Files of the metadata that these projects do without are left out.
    private List<string> Check() =>
    [
        .. ProjectCheck.Check(new ProjectOptions { Path = _root, IsExplicit = true, Environment = new Dictionary<string, string>() })
            .Where(f => f.Id != "MetadataFileMissing")
            .Select(f => $"{f.Severity.ToString().ToLowerInvariant()} {f.Id} {(f.File is null ? "" : Path.GetRelativePath(_root, f.File))}{(f.Line is null ? "" : $":{f.Line}")}")
            .Order(StringComparer.Ordinal),
    ];
}
