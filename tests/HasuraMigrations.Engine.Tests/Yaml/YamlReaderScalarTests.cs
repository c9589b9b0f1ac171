using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Tests.Yaml;

/// <summary>Single values against the text that real builds of Hasura's CLI wrote for them.</summary>
public sealed class YamlReaderScalarTests
{
    private static readonly HashSet<string> DamagedByCli25 = ["\na", "\n", "\n\n", "<<", "\uFEFF", "\ta\nb"];

    [Fact]
    public void A_value_is_written_as_CLI_2_5_writes_it()
    {
        var equal = 0;
        foreach (var row in Rows())
        {
            var text = Written(row.Value, MetadataFileStyle.Cli25);
            if (DamagedByCli25.Contains(row.Value))
            {
                Assert.NotEqual(row.Cli25, text);
                continue;
            }

            Assert.Equal(row.Cli25, text);
            equal++;
        }

        Assert.Equal(164, equal);
    }

    [Fact]
    public void A_value_is_written_as_CLI_1_1_writes_it()
    {
        var equal = 0;
        foreach (var row in Rows())
        {
            Assert.Equal(row.Cli11, Written(row.Value, MetadataFileStyle.Cli11));
            equal++;
        }

        Assert.Equal(170, equal);
    }

    [Theory]
    [InlineData(MetadataFileStyle.Cli25)]
    [InlineData(MetadataFileStyle.Cli11)]
    public void What_is_written_reads_back(MetadataFileStyle style)
    {
        foreach (var row in Rows())
        {
            Assert.Equal(row.Value, Read($"key: {Written(row.Value, style)}\n"));
            var asKey = new JsonObject { [row.Value] = new JsonObject { ["a"] = 1, ["b"] = new JsonArray(2, 3) } };
            var text = YamlWriter.Write(asKey, style);
            var failure = Record.Exception(() => Assert.True(JsonNode.DeepEquals(asKey, YamlReader.Read(text, "f", new MetadataPositions()))));
            Assert.True(failure is null, text + failure?.Message);
        }
    }

    [Fact]
    public void What_the_CLI_wrote_reads_as_the_value()
    {
        foreach (var row in Rows())
        {
            if (!DamagedByCli25.Contains(row.Value))
            {
                Assert.Equal(row.Value, Read($"key: {row.Cli25}\n"));
            }

            Assert.Equal(row.Value, Read($"key: {row.Cli11}\n"));
        }
    }

    private static string? Read(string yaml) => YamlReader.Read(yaml, "f", new MetadataPositions())!["key"]?.GetValue<string>();

    // The folded rows were written behind a key of one letter.
    private static string Written(string value, MetadataFileStyle style) =>
        YamlWriter.Write(new JsonObject { ["k"] = value }, style)["k: ".Length..^1];

    private static List<Row> Rows()
    {
        SharedData.Needs(MetadataExamples.Root is not null, "reference/examples");
        var rows = JsonNode.Parse(File.ReadAllText(Path.Combine(MetadataExamples.Root, "yaml-scalars.json")))!.AsArray();
        Assert.Equal(170, rows.Count);
        return [.. rows.Select(r => new Row((string)r!["value"]!, (string?)r["cli25"], (string?)r["cli11"]))];
    }

    private sealed record Row(string Value, string? Cli25, string? Cli11);
}
