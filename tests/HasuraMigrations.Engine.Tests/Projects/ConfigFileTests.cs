using System.Text;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Projects;

public sealed class ConfigFileTests
{
    [Theory]
    [InlineData("- version: 3\n", 1)]
    [InlineData("\n\njust text\n", 3)]
    [InlineData("? [a]\n: b\n", 1)]
    [InlineData("version: 3\n'': x\n", 2)]
    public void Given_something_that_is_no_map_of_keys_it_is_refused(string config, int line)
    {
        var error = Refused(config);

        Assert.Equal(line, error.Line);
    }

    [Theory]
    [InlineData("version: 3\nendpoint: \"open\n", 2)]
    [InlineData("version: 3\nversion: 2\n", 2)]
    [InlineData("a: [1, 2\n", 2)]
    [InlineData("version: 3\nendpoint: @at\n", 2)]
    public void Given_invalid_yaml_line_and_column_are_told(string config, int line)
    {
        var error = Refused(config);

        Assert.Equal(line, error.Line);
        Assert.NotNull(error.Column);
        Assert.Contains($"line {line}, column {error.Column}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n# nothing\n")]
    [InlineData("---\n")]
    [InlineData("null\n")]
    [InlineData("{}\n")]
    [InlineData("\uFEFFversion: 1\r\nendpoint: http://localhost:8080\r\n")]
    public void Given_nothing_to_read_defaults_count(string config)
    {
        using var project = new TestProject(config: config);

        var opened = project.Open();

        Assert.Equal(1, opened.ConfigVersion);
        Assert.Empty(opened.Findings);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public void Given_deep_nesting_it_is_refused_without_a_crash(int depth)
    {
        Assert.Contains("64", Refused($"a: {new string('[', depth)}{new string(']', depth)}\n").Message, StringComparison.Ordinal);
        Refused("a: " + string.Concat(Enumerable.Repeat("{a: ", depth)) + "1" + new string('}', depth) + "\n");
    }

    [Theory]
    [InlineData("{{x: *{0}, y: *{0}, z: *{0}, a: *{0}, b: *{0}, c: *{0}, d: *{0}, e: *{0}}}", "k{0}: &b{1} {2}")]
    [InlineData("[*{0}, *{0}, *{0}, *{0}, *{0}, *{0}, *{0}, *{0}]", "k{0}: &b{1} {2}")]
    [InlineData("[*{0}, *{0}, *{0}, *{0}, *{0}, *{0}, *{0}, *{0}]", "? &b{1} {2}\n: {0}")]
    public void Given_aliases_that_multiply_it_is_refused_at_once(string body, string entry)
    {
        var config = new StringBuilder("b: &b0 {x: 1, y: 2}\n");
        for (var i = 1; i <= 12; i++)
        {
            var inner = string.Format(System.Globalization.CultureInfo.InvariantCulture, body, $"b{i - 1}");
            config.AppendFormat(System.Globalization.CultureInfo.InvariantCulture, entry, i, i, inner).Append('\n');
        }

        Promptly.Run(() => Refused(config.ToString()));
    }

    [Fact]
    [Trait("Case", "16.2")]
    public void Given_aliases_of_a_long_text_it_is_refused_at_once() =>
        Assert.Contains("HASURA_MIGRATIONS_MAX_YAML_ALIASES", Refused($"a: &a {new string('x', 1 << 18)}\nb: [{string.Join(", ", Enumerable.Repeat("*a", 5000))}]\n").Message, StringComparison.Ordinal);

    [Fact]
    public void Given_an_alias_used_in_measure_it_is_read()
    {
        using var project = new TestProject(config: "migrations_directory: &d db\nseeds_directory: *d\n");

        Assert.Equal("db", project.Open().Settings["seeds_directory"]);
    }

    [Theory]
    [InlineData("admin_secret: *s3cret\n")]
    [InlineData("a: &a {b: *a}\n")]
    [InlineData("a: &a [*a]\n")]
    public void Given_an_alias_that_leads_nowhere_it_is_refused_and_not_quoted(string config) =>
        Assert.DoesNotContain("s3cret", Refused(config).ToString(), StringComparison.Ordinal);

    [Fact]
    public void Given_more_than_a_megabyte_it_is_refused()
    {
        using var project = new TestProject(config: new string('#', (1024 * 1024) + 1));

        Assert.Equal("FileTooLarge", Assert.Throws<HasuraMigrationException>(() => project.Open()).ErrorId);
    }

    [Fact]
    public void Given_bytes_that_are_no_text_it_is_refused()
    {
        using var project = new TestProject();
        File.WriteAllBytes(Path.Combine(project.Directory, "config.yaml"), [.. "endpoint: "u8, 0xE4]);

        Assert.Equal("FileEncodingInvalid", Assert.Throws<HasuraMigrationException>(() => project.Open()).ErrorId);
    }

    [Fact]
    public void Given_unknown_keys_each_is_told_with_its_place()
    {
        using var project = new TestProject(config: "version: 2\nendpoit: x\napi_paths:\n  qurey: y\nlist: [1]\nactions:\n  codegen:\n    extra: {deep: 1}\n");

        var findings = project.Open().Findings;

        Assert.All(findings, f => Assert.Equal("ProjectConfigKeyUnknown", f.Id));
        // What is likely misspelt is a warning, with what may be meant.
        Assert.Equal(
            ["Warning Did you mean 'endpoint'?", "Warning Did you mean 'api_paths.query'?", "Information ", "Information "],
            findings.Select(f => $"{f.Severity} {f.RecommendedAction}"));
        Assert.Equal([2, 4, 5, 8], findings.Select(f => f.Line));
        Assert.All(["'endpoit'", "'api_paths.qurey'", "'list'", "'actions.codegen.extra.deep'"], key => Assert.Contains(findings, f => f.Message.Contains(key, StringComparison.Ordinal)));
    }

    private static HasuraMigrationException Refused(string config)
    {
        using var project = new TestProject(config: config);

        var error = Assert.Throws<HasuraMigrationException>(() => project.Open());

        Assert.Equal("ProjectConfigInvalid", error.ErrorId);
        Assert.Equal(Path.Combine(project.Directory, "config.yaml"), error.File);
        return error;
    }

}
