using System.Text;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Tests.Yaml;

/// <summary>What is written as JSON without a tree is what the reader reads, places included.</summary>
public sealed class PlainYamlJsonTests
{
    private static readonly string[] Lines =
    [
        "a: b\n", "a:\n", "- a\n", "- a: b\n", "  a: b\n", "  - a\n", "  - a: b\n", "    c: d\n", "    - e\n", "b: {}\n", "b: []\n", "  b: 'x'\n", "  b: \"y\"\n",
        "# c\n", "\n", "      - x: 1\n", "      y: 2\n", "- b:\n", "    - b:\n", "  - {}\n", "  - []\n", "  - null\n", "- 'a'\n", "  e: -1\n", "  f: it's\n", "f: a:b\n",
        "c: 'a \"b\" c'\n", "d: 012\n", "e: 1.50\n", "f: 1e3\n", "g: 0x1F\n", "h: true\n", "i: ~\n", "j: .inf\n", "k: \"!include x\"\n", "l: yes\n", "m: 12345678901234567890\n", "n: 1_000\n",
        "o: False\n", "p: 2024-01-01\n", "q: -\n", "r: +1\n", "s: 0\n", "t: .5\n", "u: 00\n", "v: Null\n", "w: 9007199254740993\n", "x: 'true'\n", "y: \"\"\n", "z: nulls\n",
    ];

    [Theory]
    [InlineData("table:\n  name: a\n  schema: public\nselect_permissions:\n  - role: user\n    permission:\n      columns:\n        - id\n        - name\n      filter: {}\n      limit: 10\n    comment: \"\"\n", true)]
    [InlineData("a: 1\na: 2\n", false)]
    [InlineData("- a\n", false)]
    [InlineData("a: \"!include b\"\n", false)]
    [InlineData("a: .nan\n", false)]
    [InlineData("", false)]
    public void A_map_in_the_style_of_the_CLI_is_taken(string text, bool isTaken)
    {
        using var json = PlainYamlJson.Of(text, keepsPlaces: true);

        Assert.Equal(isTaken, json is not null);
    }

    [Fact]
    public void What_is_nested_too_deep_is_left_to_the_reader()
    {
        static string Nested(int levels) => string.Concat(Enumerable.Range(0, levels).Select(i => new string(' ', 2 * i) + "a:\n"));
        using var deepest = PlainYamlJson.Of(Nested(YamlLimits.MaximumDepth), keepsPlaces: false);
        using var deeper = PlainYamlJson.Of(Nested(YamlLimits.MaximumDepth + 1), keepsPlaces: false);

        Assert.NotNull(deepest);
        Assert.Null(deeper);
    }

    [Fact]
    public void A_map_of_many_keys_is_left_to_the_reader()
    {
        using var many = PlainYamlJson.Of(string.Concat(Enumerable.Range(0, 1500).Select(i => $"k{i}: 1\n")), keepsPlaces: true);

        Assert.Null(many);
    }

    [Fact]
    public void Any_text_that_is_taken_says_what_the_reader_reads()
    {
        var random = new Random(29);
        var taken = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, 1 + random.Next(8)).Select(_ => Lines[random.Next(Lines.Length)]));
            taken += Compare(random.Next(4) == 0 ? text.TrimEnd('\n') : text) ? 1 : 0;
        }

        Assert.True(taken > 1000, $"{taken} texts were taken.");
    }

    [Fact]
    public void Files_that_others_wrote_say_what_the_reader_reads()
    {
        var corpus = SharedData.Find("corpus");
        SharedData.Needs(corpus is not null, "corpus");
        var files = Directory.EnumerateFiles(corpus!, "*.yaml", SearchOption.AllDirectories).Where(f => new FileInfo(f).Length < 1 << 18).ToList();

        var taken = files.Count(f => Compare(File.ReadAllText(f)));

        Assert.True(taken > files.Count / 10, $"{taken} of {files.Count} files were taken.");
    }

    private static bool Compare(string text)
    {
        using var json = PlainYamlJson.Of(text, keepsPlaces: true);
        if (json is null)
        {
            return false;
        }

        var positions = new MetadataPositions();
        var includes = new List<YamlInclude>();
        var read = Assert.IsType<JsonObject>(YamlReader.Read(text, "/x.yaml", positions, includes));
        Assert.Empty(includes);
        Assert.Equal(read.ToText(), Encoding.UTF8.GetString(json.Json));
        Assert.Equal(Places(TreePlaces.Of(read, positions), read), Places(json.PlacesIn("/x.yaml"), read));
        return true;
    }

    private static List<SourcePosition?> Places(TreePlaces places, JsonNode root)
    {
        var found = new List<SourcePosition?>();
        void Add(JsonNode? node)
        {
            found.Add(node is null ? null : places.At(places.Number(root, 0, node)!.Value));
            foreach (var child in node switch { JsonObject map => map.Select(m => m.Value), JsonArray list => list, _ => [] })
            {
                Add(child);
            }
        }

        Add(root);
        return found;
    }
}
