using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>
/// What a command gives for an object may hold keys a server does not know, such as those an old console sent along. A server
/// ignores them, so they are not in any export.
/// </summary>
internal static class KnownKeys
{
    /// <summary>A copy with the keys a shape knows.</summary>
    internal static JsonNode? Only(JsonNode? node, Shape shape) => (node, shape) switch
    {
        (null, _) => null,
        (_, ChoiceShape choice) => Only(node, choice.For(node)),
        (JsonObject map, ObjectShape { IsOpen: false } known) => new JsonObject(map.Where(m => known.Find(m.Key) is not null).Select(m => KeyValuePair.Create(m.Key, Only(m.Value, known.Find(m.Key)!.Shape)))),
        (JsonObject map, MapShape values) => new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, Only(m.Value, values.Value)))),
        (JsonArray list, ListShape elements) => new JsonArray([.. list.Select(e => Only(e, elements.Element))]),
        _ => node.DeepClone(),
    };

    /// <summary>A copy of a member of a table, or of an entry of one that is a list, with the keys that are known.</summary>
    internal static JsonNode OfTable(JsonNode node, string member) => Of(TableShapes.Table, node, member);

    /// <summary>The same of a source.</summary>
    internal static JsonNode OfSource(JsonNode node, string member) => Of(SourceShapes.Source, node, member);

    /// <summary>The same of a document.</summary>
    internal static JsonNode OfDocument(JsonNode node, string member) => Of(DocumentShapes.Version3, node, member);

    private static JsonNode Of(ObjectShape owner, JsonNode node, string member) =>
        Only(node, owner.Find(member)!.Shape is ListShape list ? list.Element : owner.Find(member)!.Shape)!;
}
