using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata;

/// <summary>Checks a document against the shapes: keys, kinds of values, duplicates.</summary>
internal sealed class ShapeInspector(FindingWriter findings)
{
    /// <summary>Checks one part.</summary>
    /// <param name="node">The part.</param>
    /// <param name="shape">What it is to look like.</param>
    /// <param name="where">Which part it is.</param>
    internal void Inspect(JsonNode? node, Shape shape, InspectedPart where)
    {
        switch (shape, node)
        {
            case (_, null):
                break;
            case (ChoiceShape choice, _):
                Inspect(node, choice.For(node), where);
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
                    Inspect(value, known.Value, where.Value(key));
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

    private void InspectObject(JsonObject map, ObjectShape shape, InspectedPart where)
    {
        foreach (var (key, value) in map)
        {
            if (shape.Find(key) is { } member)
            {
                var isPassed = (ShapeTree.ObjectsOf(member) is not null && value is JsonArray) || (ShapeTree.GroupOf(member) is not null && value is JsonObject);
                Inspect(value, member.Shape, isPassed ? where : where.Member(key));
            }
            else if (!shape.IsOpen)
            {
                Unknown(map, key, value, shape, where);
            }
        }

        foreach (var member in shape.Members)
        {
            if (member.IsRequired && member.Default is null && !IsGiven(map, member))
            {
                findings.Error("MetadataKeyMissing", map, $"The key '{member.Name}' is missing in {where}.");
            }
        }
    }

    // An expression may be null where it is given: servers of version 1 wrote it so.
    private static bool IsGiven(JsonObject map, Member member) =>
        map.TryGetPropertyValue(member.Name, out var value) && (value is not null || member.Shape is ExpressionShape);

    private void Unknown(JsonObject map, string key, JsonNode? value, ObjectShape shape, InspectedPart where)
    {
        var nearest = NearestName.Of(key, shape.Members.Select(m => m.Name));
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

    private void InspectList(JsonArray list, ListShape shape, InspectedPart where)
    {
        var seen = shape.Key is not null || shape.Element is QualifiedNameShape ? new HashSet<EntryKey>() : null;
        for (var i = 0; i < list.Count; i++)
        {
            var part = where.Entry(shape, list[i], i);
            if (list[i] is not { } entry)
            {
                Expected(list, part, "not null");
                continue;
            }

            Inspect(entry, shape.Element, part);
            if (seen is not null && !seen.Add(EntryKey.Of(entry, shape)))
            {
                findings.Error("MetadataDuplicate", entry, $"The {shape.Objects?.Noun ?? "name"} {EntryKey.Of(entry, shape)} stands twice in {where}.", "Remove one of them; a merge may have brought it.");
            }
        }
    }

    private void Expected(JsonNode node, InspectedPart where, string expected) =>
        findings.Error("MetadataValueInvalid", node, $"The value of {where} must be {expected}.");
}
