using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Yaml;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HasuraMigrations.Engine.Tests.Yaml;

/// <summary>The fast parser gives what YamlDotNet gives, or leaves the text to it.</summary>
public sealed class PlainYamlParserTests
{
    private static readonly string[] Lines =
    [
        "a: b\n", "a:\n", "- a\n", "- a: b\n", "  a: b\n", "  - a\n", "  - a: b\n", "    c: d\n", "    - e\n", "b: {}\n", "b: []\n", "  b: 'x'\n", "  b: \"y\"\n",
        "# c\n", "\n", "      - x: 1\n", "      y: 2\n", "- b:\n", "    - b:\n", "  \n", "   z: 1\n", " - q\n", "- 'a'\n", "  e: -1\n", "  f: it's\n", "f: a:b\n",
        "- \"\"\n", "  g: ''\n", "h: .5\n", "- http://x\n", "a:  b\n", "a: b \n", "- - a\n", "...\n", "---\n", "-\n", "  -\n", "k: ...\n", "k: a#b\n", "k: a #b\n",
        "k: :\n", "k: a:\n", "- a:\r\n", "  b: c\r\n", "- k: ---\n", "<<: *a\n", "k: &a b\n", "k: !x y\n", "k: |\n", "k: \"a\\n\"\n", "\tk: a\n", "k: a\tb\n", "? a\n", "k: é\n",
        "# a\u2028b: c\n", "# a\rb: c\n", "null: ~\n", "k: \"a\" b\n", "k: 'it''s'\n", "k: [a]\n", "k: {a: b}\n", "0 3: a\n", "k: -\n", "k: a\n  b\n",
    ];

    [Theory]
    [InlineData("a: 1\n")]
    [InlineData("- \"!include public_a.yaml\"\n- \"!include public_b.yaml\"\n")]
    [InlineData("table:\n  name: a\n  schema: public\nselect_permissions:\n  - role: user\n    permission:\n      columns:\n        - id\n      filter: {}\n    comment: \"\"\n")]
    [InlineData("tables:\r\n- table:\r\n    name: a\r\n  is_enum: true\r\n\r\n# end\r\n")]
    [InlineData("a:\nb:\n  c:\n")]
    public void The_style_of_the_CLI_is_read(string text) => Assert.Equal(Events(new Parser(new StringReader(text))), Events(Assert.IsType<PlainYamlParser>(PlainYamlParser.Of(text))));

    [Theory]
    [InlineData("")]
    [InlineData("a\n")]
    [InlineData("---\na: 1\n")]
    [InlineData("a: |\n  text\n")]
    [InlineData("a: b\n  c\n")]
    [InlineData("a: \"\\x21include b\"\n")]
    [InlineData("a: {b: c}\n")]
    [InlineData("a: *b\n")]
    [InlineData("a: b # c\n")]
    [InlineData("a: 1\n b: 2\n")]
    [InlineData("- a\nb: c\n")]
    public void Anything_else_is_left_to_the_library(string text) => Assert.Null(PlainYamlParser.Of(text));

    [Fact]
    public void Any_text_that_is_taken_is_read_as_the_library_reads_it()
    {
        var random = new Random(20);
        var taken = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, 1 + random.Next(7)).Select(_ => Lines[random.Next(Lines.Length)]));
            taken += Compare(random.Next(4) == 0 ? text.TrimEnd('\n') : text) ? 1 : 0;
        }

        Assert.True(taken > 300, $"{taken} texts were taken.");
    }

    [Fact]
    public void Files_that_others_wrote_are_read_as_the_library_reads_them()
    {
        var corpus = SharedData.Find("corpus");
        SharedData.Needs(corpus is not null, "corpus");
        var files = Directory.EnumerateFiles(corpus!, "*.yaml", SearchOption.AllDirectories).Where(f => new FileInfo(f).Length < 1 << 18).ToList();

        var taken = files.Count(f => Compare(File.ReadAllText(f)));

        Assert.True(taken > files.Count / 2, $"{taken} of {files.Count} files were taken.");
    }

    private static bool Compare(string text)
    {
        if (PlainYamlParser.Of(text) is not { } parser)
        {
            return false;
        }

        Assert.Equal(Events(new Parser(new StringReader(text))), Events(parser));
        return true;
    }

    private static List<string> Events(IParser parser)
    {
        var events = new List<string>();
        while (parser.MoveNext())
        {
            events.Add(parser.Current switch
            {
                // Where nothing stands there is no place.
                Scalar { Value: "", Style: ScalarStyle.Plain } => "nothing",
                Scalar s => $"{s.Style} [{s.Value}] {s.Start} {s.End} {s.IsPlainImplicit} {s.IsQuotedImplicit} {s.Anchor.IsEmpty} {s.Tag.IsEmpty}",
                MappingStart m => $"map {m.Style} {m.Start} {m.IsImplicit}",
                SequenceStart l => $"list {l.Style} {l.Start} {l.IsImplicit}",
                var other => other!.GetType().Name,
            });
        }

        return events;
    }
}
