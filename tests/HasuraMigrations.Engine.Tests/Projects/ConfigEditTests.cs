using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Tests.Projects;

/// <summary>Keys of config.yaml are set in its text, and everything else stays as it is.</summary>
public sealed class ConfigEditTests
{
    private static readonly (string, string)[] Version = [("version", "3")];

    [Theory]
    [InlineData("version: 2\nendpoint: http://a # x\n", "version: 3\nendpoint: http://a # x\n")]
    [InlineData("# top\nversion: 2 # why\n", "# top\nversion: 3 # why\n")]
    [InlineData("version: \"2\"\n", "version: 3\n")]
    [InlineData("endpoint: a\nVersion: 2", "endpoint: a\nVersion: 3")]
    [InlineData("endpoint: a\r\nversion: 2\r\n# end\r\n", "endpoint: a\r\nversion: 3\r\n# end\r\n")]
    [InlineData("{version: 2, endpoint: a}\n", "{version: 3, endpoint: a}\n")]
    [InlineData("# top\nendpoint: a\n", "# top\nversion: 3\nendpoint: a\n")]
    [InlineData("---\nendpoint: a\n", "---\nversion: 3\nendpoint: a\n")]
    [InlineData("  endpoint: a\n  actions:\n    kind: x\n", "  version: 3\n  endpoint: a\n  actions:\n    kind: x\n")]
    [InlineData("{endpoint: a}\n", "{version: 3, endpoint: a}\n")]
    [InlineData("{}\n", "{version: 3}\n")]
    [InlineData("", "version: 3\n")]
    [InlineData("# only a comment", "# only a comment\nversion: 3\n")]
    [InlineData("# only a comment\n", "# only a comment\nversion: 3\n")]
    [InlineData("---\n", "---\nversion: 3\n")]
    [InlineData("\"version\": '2'\nb: |\n  version: 1\n", "\"version\": 3\nb: |\n  version: 1\n")]
    public void Only_the_key_changes(string before, string after) => Assert.Equal(after, ConfigEdit.Set("config.yaml", before, Version));

    [Fact]
    public void A_key_that_is_missing_comes_behind_the_version()
    {
        Assert.Equal("version: 2\nmetadata_directory: my metadata\nendpoint: a\n", ConfigEdit.Set("config.yaml", "version: 1\nendpoint: a\n", ("version", "2"), ("metadata_directory", "my metadata")));
        Assert.Equal("version: 2\nmetadata_directory: m\nendpoint: a\n", ConfigEdit.Set("config.yaml", "endpoint: a\n", ("version", "2"), ("metadata_directory", "m")));
        Assert.Equal("version: 2\nmetadata_directory: m # here\n", ConfigEdit.Set("config.yaml", "version: 1\nmetadata_directory: old # here\n", ("version", "2"), ("metadata_directory", "m")));
        Assert.Equal("{version: 2, metadata_directory: m}", ConfigEdit.Set("config.yaml", "{version: 1}", ("version", "2"), ("metadata_directory", "m")).Replace("{metadata_directory: m, version: 2}", "{version: 2, metadata_directory: m}"));
    }

    [Theory]
    [InlineData("null\n")]
    [InlineData("version:\nendpoint: a\n")]
    [InlineData("version: >\n  2\n")]
    [InlineData("# a\n...\n")]
    public void What_cannot_be_changed_in_place_is_refused(string text)
    {
        var error = Assert.Throws<HasuraMigrationException>(() => ConfigEdit.Set("config.yaml", text, Version));

        Assert.Equal(("ConfigNotEditable", "config.yaml"), (error.ErrorId, error.File));
    }
}
