using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Tests.Json;

public sealed class TreePlacesTests
{
    private const string Text = """
        table:
          name: a
          schema: null
        columns:
          - id
          - null
          - {x: 1}
          - [2, 3]
        shared: &s
          - one
        again: *s
        filter:
          <<: {b: 1}
          _and:
            - id:
                _eq: 1
        """;

    private readonly MetadataPositions _positions = new();
    private readonly JsonObject _read;

    public TreePlacesTests() => _read = YamlReader.Read(Text, "a.yaml", _positions)!.AsObject();

    [Fact]
    public void Every_node_of_a_copy_stands_where_that_of_the_tree_did()
    {
        var (kept, copy) = Rest();
        var places = Nodes(_read).Select(_positions.Of).ToList();

        Assert.Contains(places, p => p?.Line == 7);
        Assert.Equal(places, Nodes(copy).Select(kept.Of));
        Assert.Equal(places, Nodes(kept.LookAt(copy)).Select(kept.Of));
    }

    [Fact]
    public void Every_node_of_a_copied_part_stands_where_that_of_the_part_did()
    {
        var (kept, copy) = Rest();

        Assert.Equal(Nodes(_read["filter"]).Select(_positions.Of), Nodes(kept.LookAt(copy["filter"]!.AsObject())).Select(kept.Of));
    }

    [Fact]
    public void A_node_that_was_added_has_no_place_and_one_near_it()
    {
        var (kept, copy) = Rest();
        copy["new"] = new JsonArray(1, 2, 3);

        Assert.Null(kept.Of(copy["new"]));
        Assert.Equal(kept.Of(copy), kept.Near(copy["new"]![2]));
    }

    // A tree that says the same and has no place of its own.
    private (MetadataPositions Positions, JsonObject Copy) Rest()
    {
        var (kept, copy) = (new MetadataPositions(), JsonNode.Parse(_read.ToJsonString())!.AsObject());
        kept.Set(copy, TreePlaces.Of(_read, _positions));
        return (kept, copy);
    }

    private static IEnumerable<JsonNode?> Nodes(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(m => Nodes(m.Value)).Prepend(node),
        JsonArray list => list.SelectMany(Nodes).Prepend(node),
        _ => [node],
    };
}
