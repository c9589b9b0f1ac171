using HasuraMigrations.Engine.Seeds;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Seeds;

public sealed class SeedWriterTests
{
    [Fact]
    public void A_file_is_named_as_Hasuras_CLI_names_it_and_no_version_comes_twice()
    {
        using var project = new TestProject();

        var first = Write(project, "roles", "INSERT INTO r VALUES (1)");
        var second = Write(project, "more", "");

        Assert.Equal(("1700000000000_roles.sql", "1700000000001_more.sql"), (first.Path, second.Path));
        Assert.Equal(Path.Combine(project.Directory, "seeds", "default", first.Path), first.File);
        Assert.Equal("INSERT INTO r VALUES (1)\n", File.ReadAllText(first.File));
        Assert.Equal((1, 0, ""), (first.StatementCount, second.StatementCount, File.ReadAllText(second.File)));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(first.File)!).Count());
    }

    [Fact]
    public async Task Writers_at_the_same_time_get_different_versions()
    {
        using var project = new TestProject(2);

        var written = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => Write(project, $"s{i}", "SELECT 1;"), TestContext.Current.CancellationToken)));

        Assert.Equal(20, written.Select(w => w.Version).Distinct().Count());
        Assert.Equal(20, Directory.GetFiles(Path.Combine(project.Directory, "seeds")).Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" x")]
    [InlineData("a/b")]
    [InlineData("a\nb")]
    [InlineData("..")]
    [InlineData("a*")]
    public void A_name_that_a_file_cannot_have_is_refused(string name)
    {
        using var project = new TestProject();

        Assert.Equal("SeedNameInvalid", Assert.Throws<HasuraMigrationException>(() => Write(project, name, "")).ErrorId);
        Assert.False(Directory.Exists(Path.Combine(project.Directory, "seeds")));
    }

    private static HasuraSeed Write(TestProject project, string name, string text)
    {
        var open = project.Open();
        return new SeedWriter(open, open.Database("default"), new StandingClock()).Write(name, text, []);
    }

    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);
    }
}
