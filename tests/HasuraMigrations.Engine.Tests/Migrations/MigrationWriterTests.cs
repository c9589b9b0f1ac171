using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Tests.Migrations;

public sealed class MigrationWriterTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("hasura-writer-").FullName;

    public MigrationWriterTests() => File.WriteAllText(Path.Combine(_directory, "config.yaml"), "version: 2\n");

    [Fact]
    public void The_version_is_the_time_in_milliseconds_or_the_next_that_is_free()
    {
        var writer = Writer();

        var versions = Enumerable.Range(0, 3).Select(i => writer.Write(new NewMigration($"m{i}", UpSql: "SELECT 1;")).Version);

        Assert.Equal([1_700_000_000_000, 1_700_000_000_001, 1_700_000_000_002], versions);
    }

    [Fact]
    public async Task Many_writers_at_once_never_share_a_version()
    {
        var written = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => Writer().Write(new NewMigration($"m{i}", UpSql: "SELECT 1;")).Version)));

        Assert.Equal(16, written.Distinct().Count());
    }

    [Fact]
    [Trait("Case", "16.1")]
    public void A_step_that_cannot_be_written_leaves_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The longest path is another one here.");
        const int LongestPath = 4095;
        // The first step has a place just so, the second has none.
        var rest = LongestPath - "/up.sql".Length - $"/.new-1-{Guid.Empty:N}".Length - Path.Combine(_directory, "migrations").Length;
        var deep = Path.Combine([_directory, .. Enumerable.Repeat(new string('d', 199), rest / 200), .. rest % 200 > 1 ? new[] { new string('e', rest % 200 - 1) } : []]);
        Directory.CreateDirectory(deep);
        File.WriteAllText(Path.Combine(deep, "config.yaml"), "version: 2\n");
        var project = HasuraProject.Open(new ProjectOptions { Path = deep, IsExplicit = true });

        var error = Assert.Throws<HasuraMigrationException>(() => new MigrationWriter(project, project.Database("default"), TimeProvider.System).Write(new NewMigration("a", 1, "SELECT 1;", "SELECT 2;")));

        Assert.Equal("FileUnwritable", error.ErrorId);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(deep, "migrations")));
    }

    [Fact]
    public void Without_a_text_both_steps_are_made_to_be_filled()
    {
        var migration = Writer().Write(new NewMigration("empty"));

        Assert.Equal(["down.sql", "up.sql"], Directory.EnumerateFiles(migration.Path!).Select(Path.GetFileName).Order());
        Assert.Empty(migration.Steps);
    }

    [Fact]
    public void With_a_text_only_that_step_is_made()
    {
        var migration = Writer().Write(new NewMigration("up only", UpSql: "SELECT 'ü';\n"));

        Assert.Equal([MigrationStepKind.UpSql], migration.Steps);
        Assert.Equal("SELECT 'ü';\n"u8.ToArray(), File.ReadAllBytes(Assert.Single(Directory.EnumerateFiles(migration.Path!))));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" a")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    [InlineData("..")]
    [InlineData("a.")]
    [InlineData("a'b")]
    public void Names_that_no_directory_should_have_are_refused(string name)
    {
        var error = Assert.Throws<HasuraMigrationException>(() => Writer().Write(new NewMigration(name)));

        Assert.Equal("MigrationNameInvalid", error.ErrorId);
        Assert.False(Directory.Exists(Path.Combine(_directory, "migrations")));
    }

    [Fact]
    public void A_version_that_exists_is_never_written_over()
    {
        Writer().Write(new NewMigration("first", 5, "SELECT 1;"));

        Assert.Equal("MigrationExists", Assert.Throws<HasuraMigrationException>(() => Writer().Write(new NewMigration("second", 5))).ErrorId);
        Assert.Equal("MigrationExists", Assert.Throws<HasuraMigrationException>(() => Writer().Write(new NewMigration("first", 5))).ErrorId);
        Assert.Equal("MigrationVersionInvalid", Assert.Throws<HasuraMigrationException>(() => Writer().Write(new NewMigration("zero", 0))).ErrorId);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_an_error()
    {
        File.WriteAllText(Path.Combine(_directory, "migrations"), "a file");

        Assert.Equal("FileUnwritable", Assert.Throws<HasuraMigrationException>(() => Writer().Write(new NewMigration("a"))).ErrorId);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private MigrationWriter Writer()
    {
        var project = HasuraProject.Open(new ProjectOptions { Path = _directory, IsExplicit = true, Environment = new Dictionary<string, string>() });
        return new MigrationWriter(project, project.Databases[0], new FixedClock());
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);
    }
}
