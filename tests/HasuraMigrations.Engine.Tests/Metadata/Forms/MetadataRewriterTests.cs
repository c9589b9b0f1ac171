using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Forms;

public sealed class MetadataRewriterTests
{
    [Theory]
    [InlineData("v3-directory/expected.json")]
    [InlineData("v3-directory-cli-2.0/apply-payload.json")]
    [InlineData("v2-directory/expected.json")]
    [InlineData("v1-single-file/expected.json")]
    public void Sorts_every_permutation_to_one_text(string example)
    {
        var document = MetadataExamples.Document(example);
        var expected = MetadataRewriter.Sort(document).ToJson(isIndented: true);
        for (var seed = 0; seed < 100; seed++)
        {
            var shuffled = new MetadataDocument(MetadataShuffle.Of(document.Root, new Random(seed))!.AsObject());

            Assert.Equal(expected, MetadataRewriter.Sort(shuffled).ToJson(isIndented: true));
        }
    }

    [Theory]
    [InlineData("v3-directory/expected.json")]
    [InlineData("v1-single-file/expected.json")]
    public void Sorting_adds_and_loses_nothing(string example)
    {
        var document = MetadataExamples.Document(example);

        var sorted = MetadataRewriter.Sort(document);

        Assert.Equal(Leaves(document.Root), Leaves(sorted.Root));
    }

    [Fact]
    public void Server_form_of_an_export_is_the_export()
    {
        var document = MetadataExamples.Document("v3-directory/expected.json");

        Assert.Equal(document.ToJson(isIndented: true), MetadataRewriter.ToServerForm(document).ToJson(isIndented: true));
    }

    [Fact]
    public void Sorting_carries_positions()
    {
        var document = MetadataExamples.Small("""[{"table":"b"},{"table":"a"}]""");
        var table = document.Root["sources"]![0]!["tables"]![1]!;
        document.Positions.Set(table, new SourcePosition("tables.yaml", 7, 3));

        var sorted = MetadataRewriter.Sort(document);

        Assert.Equal(new SourcePosition("tables.yaml", 7, 3), sorted.Positions.Of(sorted.Root["sources"]![0]!["tables"]![0]));
    }

    private static List<string> Leaves(System.Text.Json.Nodes.JsonNode? node, string path = "") => node switch
    {
        System.Text.Json.Nodes.JsonObject map => [.. map.SelectMany(m => Leaves(m.Value, $"{path}.{m.Key}")).Order(StringComparer.Ordinal)],
        System.Text.Json.Nodes.JsonArray list => [.. list.SelectMany(e => Leaves(e, $"{path}[]")).Order(StringComparer.Ordinal), $"{path}#{list.Count}"],
        _ => [$"{path}={node?.ToJsonString() ?? "null"}"],
    };
}
