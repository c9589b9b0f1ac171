using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>Changes one value in each metadata file of the sample projects and looks at what else changes in the text.</summary>
public sealed class MetadataMergeCorpusTests
{
    [Fact]
    public void A_change_of_one_value_leaves_the_other_lines()
    {
        SharedData.Needs(CorpusCase.Root is not null, "corpus");
        var (count, failed) = (0, new List<string>());
        foreach (var file in Directory.EnumerateFiles(CorpusCase.Root!, "*.yaml", SearchOption.AllDirectories).Where(IsMetadata).Order())
        {
            var text = File.ReadAllText(file);
            var before = YamlReader.Read(text, file, new MetadataPositions(), []);
            var now = before?.DeepClone();
            if (now is null || !Change(now, new Random(count)) || now is JsonArray { Count: 0 })
            {
                continue;
            }

            count++;
            var merged = YamlMerger.Merge(text, before, now, YamlStyleDetector.Detect(text) ?? MetadataFileStyle.Cli25, YamlWriteOptions.Default);
            if (merged is null || Lines(text).Except(Lines(merged)).Count() > 12)
            {
                failed.Add($"{file}: {(merged is null ? "written anew" : string.Join(" | ", Lines(text).Except(Lines(merged)).Take(20)))}");
            }
        }

        Assert.True(count > 500);
        Assert.True(failed.Count == 0, string.Join('\n', failed));
    }

    private static bool IsMetadata(string file) =>
        file.Contains("metadata", StringComparison.Ordinal) && !Path.GetRelativePath(CorpusCase.Root!, file).Contains("/migrations/", StringComparison.Ordinal) || Path.GetFileName(file) == "metadata.yaml";

    private static IEnumerable<string> Lines(string text) => text.ReplaceLineEndings("\n").Split('\n');

    // A text, number or boolean somewhere becomes another text; a list of texts loses its last one.
    private static bool Change(JsonNode root, Random random)
    {
        var values = Walk(root).OfType<JsonValue>().Where(v => v.Parent is not null).ToList();
        if (values.Count == 0)
        {
            return false;
        }

        var value = values[random.Next(values.Count)];
        if (value.Parent is JsonArray list && random.Next(2) == 0)
        {
            list.RemoveAt(list.IndexOf(value));
        }
        else
        {
            value.ReplaceWith("changed: now");
        }

        return true;
    }

    private static IEnumerable<JsonNode> Walk(JsonNode node) => node switch
    {
        JsonObject map => map.Select(p => p.Value).OfType<JsonNode>().SelectMany(Walk),
        JsonArray list => list.OfType<JsonNode>().SelectMany(Walk),
        _ => [node],
    };
}
