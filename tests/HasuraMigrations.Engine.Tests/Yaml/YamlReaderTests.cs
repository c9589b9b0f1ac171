using System.Text;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Tests.Yaml;

public sealed class YamlReaderTests
{
    [Theory]
    [InlineData("012", "10")]
    [InlineData("0o7", "7")]
    [InlineData("0x1F", "31")]
    [InlineData("0b11", "3")]
    [InlineData("1_000", "1000")]
    [InlineData("1.50", "1.50")]
    [InlineData("1e3", "1e3")]
    [InlineData("+1", "1")]
    [InlineData("1.", "1.0")]
    [InlineData("-.5", "-0.5")]
    [InlineData("089", "89")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567890")]
    [InlineData("True", "true")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("yes", "\"yes\"")]
    [InlineData("12:30", "\"12:30\"")]
    [InlineData("2020-01-01", "\"2020-01-01\"")]
    [InlineData("'1'", "\"1\"")]
    [InlineData("!!str 1", "\"1\"")]
    [InlineData("0x52908400098527886E0F7030069857D2E4169EE7", "\"0x52908400098527886E0F7030069857D2E4169EE7\"")]
    public void A_scalar_reads_as(string yaml, string json) => Assert.Equal(json, Read($"key: {yaml}\n")!["key"]?.ToJsonString() ?? "null");

    [Fact]
    public void Aliases_and_merge_keys_are_expanded()
    {
        var read = Read("a: &a {x: 1, y: [2]}\nb:\n  <<: *a\n  x: 3\nc: *a\n")!;

        Assert.Equal("""{"a":{"x":1,"y":[2]},"b":{"x":3,"y":[2]},"c":{"x":1,"y":[2]}}""", read.ToJsonString());
        Assert.NotSame(read["a"], read["c"]);
    }

    [Fact]
    [Trait("Case", "16.2")]
    public void Aliases_of_a_long_text_are_refused_at_once() =>
        Assert.Contains("HASURA_MIGRATIONS_MAX_YAML_ALIASES", Assert.Throws<HasuraMigrationException>(() => Read($"a: &a {new string('x', 1 << 20)}\nb: [{string.Join(", ", Enumerable.Repeat("*a", 80_000))}]\n")).Message);

    [Theory]
    [Trait("Case", "8")]
    [InlineData("a:\n  b: \"first\n  second\"\n  c: 1\n", """{"a":{"b":"first second","c":1}}""")]
    [InlineData("a:\r\n  b: \"first\r\n  second\"\r\n", """{"a":{"b":"first second"}}""")]
    [InlineData("b: \"first\nsecond\"\n", """{"b":"first second"}""")]
    [InlineData("a:\n- b: \"first\n\n  \\\"second\\\"\n  third\"\n  c: \"x\ny\"\n", """{"a":[{"b":"first\n\u0022second\u0022 third","c":"x y"}]}""")]
    [InlineData("- \"a \\\n  b\"\n", """["a b"]""")]
    [InlineData("a: [\"x\ny\", \"z\"]\n", """{"a":["x y","z"]}""")]
    public void A_quoted_text_may_go_on_at_the_column_of_its_key_as_in_Go(string yaml, string json) => Assert.Equal(json, Read(yaml)!.ToJsonString());

    [Fact]
    public void Only_the_first_document_is_read() => Assert.Equal("{\"a\":1}", Read("---\na: 1\n---\nb: 2\n")!.ToJsonString());

    [Fact]
    public void Nodes_know_their_places()
    {
        var positions = new MetadataPositions();
        var root = YamlReader.Read("a:\n  - b: 1\n    c: x\n", "f", positions)!;

        Assert.Equal(new SourcePosition("f", 1, 1), positions.Of(root));
        Assert.Equal(new SourcePosition("f", 2, 5), positions.Of(root["a"]![0]));
        Assert.Equal(new SourcePosition("f", 3, 8), positions.Of(root["a"]![0]!["c"]));
    }

    [Theory]
    [InlineData("a: 1\nb:\n\t- x\n", 3, "tab")]
    [InlineData("a: 1\nhandler: {{X}}/a\n", 2, "Quote")]
    [InlineData("a: 1\nhandler: {{X}}\n", 2, "Quote")]
    [InlineData("a: 1\ncolumns: *\n", 2, "Quote")]
    [InlineData("a: 1\nb: @x\n", 2, "Quote")]
    [InlineData("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n", 2, "merge")]
    [InlineData("a: 1\nb: 2\na: 3\n", 3, "Correct")]
    [InlineData("a: [1, 2\n", 2, "Correct")]
    [InlineData("- a: 1\n b: 2\n", 2, "indentation")]
    [InlineData("a: 1\nb: 2\n   c: 3\n", 3, "indentation")]
    [InlineData("a: 1\nb: 2\n\0c: 3\n", 3, "Correct")]
    [InlineData("a: .inf\n", 1, "Correct")]
    [InlineData("a: !x 1\n", 1, "Correct")]
    [InlineData("a: *nothing\n", 1, "Quote")]
    public void A_mistake_is_told_with_its_line(string yaml, int line, string action)
    {
        var error = Assert.Throws<HasuraMigrationException>(() => Read(yaml));

        Assert.Equal(("MetadataFileInvalid", "f", (int?)line), (error.ErrorId, error.File, error.Line));
        Assert.Contains(action, error.RecommendedAction, StringComparison.Ordinal);
        // The recommendation follows the message, in findings on the same line.
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_lines_of_a_key_given_twice_are_told() =>
        Assert.Contains("on line 1 and on line 3", Assert.Throws<HasuraMigrationException>(() => Read("a: 1\nb: 2\na: 3\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_key_given_twice_with_one_value_is_taken_once()
    {
        const string Yaml = "a:\n  b: [1, {c: x}]\n  d: 2\n  b: [1, {c: x}]\n";

        Assert.Equal("""{"a":{"b":[1,{"c":"x"}],"d":2}}""", YamlReader.Read(Yaml, "f", new MetadataPositions(), [])!.ToJsonString());
        Assert.Throws<HasuraMigrationException>(() => YamlReader.Read(Yaml.Replace("c: x}]\n  d", "c: y}]\n  d", StringComparison.Ordinal), "f", new MetadataPositions(), []));
        Assert.Equal("""{"a":{"b":[1,{"c":"x"}],"d":2}}""", Read(Yaml)!.ToJsonString());
    }

    [Fact]
    public void A_bomb_is_refused_quickly()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++)
        {
            bomb.Append($"a{i}: &a{i} [").AppendJoin(", ", Enumerable.Repeat($"*a{i - 1}", 10)).Append("]\n");
        }

        var tower = "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 200).Select(i => $"a{i}: &a{i} [*a{i - 1}]\n"));
        foreach (var text in new[] { bomb.ToString(), tower, string.Concat(Enumerable.Repeat("[", 1000)), string.Concat(Enumerable.Range(0, 1000).Select(i => new string(' ', i) + "a:\n")) })
        {
            Assert.Equal("MetadataFileInvalid", Promptly.Run(() => Assert.Throws<HasuraMigrationException>(() => Read(text))).ErrorId);
        }
    }

    [Theory]
    [InlineData("a: !include x.yaml\n")]
    [InlineData("a: !include \"x.yaml\"\n")]
    [InlineData("a: \"!include x.yaml\"\n")]
    [InlineData("a: '!include x.yaml'\n")]
    [InlineData("a: &z '!include x.yaml'\n")]
    [InlineData("a: '!include \"x.yaml\"'\n")]
    [InlineData("a: \"!include\n  x.yaml\"\n")]
    [InlineData("a: '!include x.yaml'\na: \"!include x.yaml\"\n")]
    public void An_include_is_found(string yaml)
    {
        var includes = new List<YamlInclude>();
        YamlReader.Read(yaml, "f", new MetadataPositions(), includes);

        Assert.Equal("x.yaml", Assert.Single(includes).Path);
    }

    [Theory]
    [InlineData("a: \"\\x21include x.yaml\"\n")]
    [InlineData("a: |-\n  !include x.yaml\n")]
    [InlineData("a: we use !include x.yaml\n")]
    public void Other_text_is_no_include(string yaml)
    {
        var includes = new List<YamlInclude>();
        YamlReader.Read(yaml, "f", new MetadataPositions(), includes);

        Assert.Empty(includes);
    }

    [Fact]
    public void Text_of_a_server_that_looks_like_an_include_stays_text()
    {
        var includes = new List<YamlInclude>();
        var written = YamlWriter.Write(new JsonObject { ["a"] = "!include x.yaml" }, MetadataFileStyle.Cli25, new YamlWriteOptions { EscapesIncludes = true });

        Assert.Equal("!include x.yaml", (string?)YamlReader.Read(written, "f", new MetadataPositions(), includes)!["a"]);
        Assert.Empty(includes);
    }

    [Theory]
    [InlineData(MetadataFileStyle.Cli25)]
    [InlineData(MetadataFileStyle.Cli11)]
    [InlineData(MetadataFileStyle.Cli10)]
    public void Random_documents_read_back(MetadataFileStyle style)
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var node = Node(new Random(seed), 0);
            var text = YamlWriter.Write(node, style);

            var read = Record.Exception(() => Assert.True(node.SameAs(Read(text)), "other content"));
            Assert.True(read is null, $"seed {seed}: {read?.Message}\n{text}\n{node?.ToJsonString()}");
        }
    }

    [Theory]
    [InlineData("1e3", MetadataFileStyle.Cli25, "1.0e+3")]
    [InlineData("1.50", MetadataFileStyle.Cli25, "1.50")]
    [InlineData("1.0", MetadataFileStyle.Cli11, "1")]
    [InlineData("1e10", MetadataFileStyle.Cli11, "1e+10")]
    [InlineData("2592000", MetadataFileStyle.Cli11, "2592000")]
    [InlineData("0.00001", MetadataFileStyle.Cli11, "1e-05")]
    public void A_number_is_written_as(string json, MetadataFileStyle style, string text) => Assert.Equal(text + "\n", YamlWriter.Write(JsonNode.Parse(json), style));

    [Theory]
    [InlineData("a:\n  - b\n", MetadataFileStyle.Cli25)]
    [InlineData("a:\n- b\n", MetadataFileStyle.Cli11)]
    [InlineData("a: |\n  x:\n  - y\nb:\n  - c\n", MetadataFileStyle.Cli25)]
    [InlineData("[]\n", null)]
    [InlineData("version: 2\n", null)]
    public void The_style_of_a_text_is_found(string text, MetadataFileStyle? style) => Assert.Equal(style, YamlStyleDetector.Detect(text));

    [Theory]
    [InlineData("a: !foo []", 4)]
    [InlineData("a: !foo\n  b: 1", 4)]
    [InlineData("a: !foo text", 4)]
    public void A_tag_that_means_nothing_here_is_refused(string yaml, int column)
    {
        var e = Assert.Throws<HasuraMigrationException>(() => Read(yaml));

        Assert.Equal(("MetadataFileInvalid", 1, column), (e.ErrorId, e.Line, e.Column));
        Assert.Contains("'!foo'", e.Message);
    }

    private static JsonNode? Read(string yaml) => YamlReader.Read(yaml, "f", new MetadataPositions());

    private static JsonNode? Node(Random random, int depth) => random.Next(depth > 3 ? 6 : 9) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => JsonNode.Parse(random.Next(3) switch { 0 => $"{random.Next()}", 1 => $"{random.Next(1000)}.50", _ => "12345678901234567890123" }),
        3 or 4 or 5 => Text(random),
        6 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Node(random, depth + 1))]),
        _ => Map(random, depth),
    };

    private static JsonObject Map(Random random, int depth)
    {
        var map = new JsonObject();
        for (var i = random.Next(4); i > 0; i--)
        {
            map[Text(random)] = Node(random, depth + 1);
        }

        return map;
    }

    private static string Text(Random random)
    {
        string[] parts = ["a", "b c", " ", "\n", "\t", ":", "#", "-", "'", "\"", "{", "}", "*", "!", "1", "e", ".", "é", "😀", "\u2028", "\u0085", "\uFEFF", "\r", "\\", "true", "y", "<<", "?", ",", "@", "word word word word word word word word word word word word word word word word word"];
        return string.Concat(Enumerable.Range(0, random.Next(7)).Select(_ => parts[random.Next(parts.Length)]));
    }
}
