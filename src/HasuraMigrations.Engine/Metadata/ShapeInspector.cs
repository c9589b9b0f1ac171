using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata;

/// <summary>Checks a document against the shapes: keys, kinds of values, duplicates.</summary>
internal sealed class ShapeInspector(FindingWriter findings)
{
    /// <summary>Words for the document itself.</summary>
    internal const string Whole = "the metadata";

    /// <summary>Checks one part.</summary>
    /// <param name="node">The part.</param>
    /// <param name="shape">What it is to look like.</param>
    /// <param name="where">Words for it.</param>
    /// <param name="parent">The nearest node with a place, for JSON null.</param>
    internal void Inspect(JsonNode? node, Shape shape, string where, JsonNode? parent)
    {
        switch (shape, node)
        {
            case (_, null):
                break;
            case (ChoiceShape choice, _):
                Inspect(node, choice.For(node), where, parent);
                break;
            case (ObjectShape known, JsonObject map):
                InspectObject(map, known, where);
                break;
            case (ObjectShape, _):
                Expected(node, where, "a map");
                break;
            case (ListShape known, JsonArray list):
                InspectList(list, known, where);
                break;
            case (ListShape, _):
                Expected(node, where, "a list");
                break;
            case (MapShape known, JsonObject map):
                foreach (var (key, value) in map)
                {
                    Inspect(value, known.Value, $"'{key}' in {where}", map);
                }

                break;
            case (MapShape or ExpressionShape, not JsonObject):
                Expected(node, where, "a map");
                break;
            case (QualifiedNameShape, _) when QualifiedName.Read(node) is null:
                Expected(node, where, "a name: a text, or a map with name and schema");
                break;
            case (ValueShape { Expected: { } expected } known, _) when !known.Accepts(node):
                Expected(node, where, expected);
                break;
        }
    }

    private void InspectObject(JsonObject map, ObjectShape shape, string where)
    {
        foreach (var (key, value) in map)
        {
            if (shape.Find(key) is { } member)
            {
                var isPassed = (ShapeTree.ObjectsOf(member) is not null && value is JsonArray) || (ShapeTree.GroupOf(member) is not null && value is JsonObject);
                Inspect(value, member.Shape, isPassed ? where : $"'{key}' of {where}", map);
            }
            else if (!shape.IsOpen)
            {
                Unknown(map, key, value, shape, where);
            }
        }

        foreach (var missing in shape.Members.Where(m => m.IsRequired && m.Default is null && map[m.Name] is null && m.Shape is not ExpressionShape))
        {
            findings.Error("MetadataKeyMissing", map, $"The key '{missing.Name}' is missing in {where}.");
        }
    }

    private void Unknown(JsonObject map, string key, JsonNode? value, ObjectShape shape, string where)
    {
        var nearest = NearestName.Of(key, shape.Members.Select(m => m.Name).Where(n => !map.ContainsKey(n)));
        var action = nearest is null ? null : $"Did you mean '{nearest}'?";
        var message = $"The key '{key}' is not known in {where}.{(action is null ? "" : $" {action}")}";
        if (shape.RefusesUnknownKeys)
        {
            findings.Error("MetadataKeyUnknown", value ?? map, $"{message} A server refuses a {shape.Noun} with it.", action);
        }
        else
        {
            findings.Warning("MetadataKeyUnknown", value ?? map, message, action);
        }
    }

    private void InspectList(JsonArray list, ListShape shape, string where)
    {
        var seen = new Dictionary<EntryKey, JsonNode?>();
        for (var i = 0; i < list.Count; i++)
        {
            var entry = list[i];
            var key = EntryKey.Of(entry, shape);
            var what = Describe(entry, shape, key, i) + (where == Whole ? "" : $" of {where}");
            if (entry is null)
            {
                Expected(list, what, "not null");
                continue;
            }

            Inspect(entry, shape.Element, what, list);
            if ((shape.Key is not null || shape.Element is QualifiedNameShape) && !seen.TryAdd(key, entry))
            {
                findings.Error("MetadataDuplicate", entry, $"The {shape.Objects?.Noun ?? "name"} {key} stands twice in {where}.", "Remove one of them; a merge may have brought it.");
            }
        }
    }

    private static string Describe(JsonNode? entry, ListShape shape, EntryKey key, int index) =>
        shape.Key is not null && shape.Objects is { } known && entry.Get(shape.Key) is not null ? $"{known.Noun} {key}" : $"{shape.Objects?.Noun ?? "entry"} number {index + 1}";

    private void Expected(JsonNode node, string where, string expected) =>
        findings.Error("MetadataValueInvalid", node, $"The value of {where} must be {expected}.");
}
