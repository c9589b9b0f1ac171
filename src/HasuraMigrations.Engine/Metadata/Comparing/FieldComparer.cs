using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Comparing;

/// <summary>Finds the members that two canonical objects differ in.</summary>
internal static class FieldComparer
{
    internal static IReadOnlyList<MetadataFieldChange> Compare(JsonNode? old, JsonNode? @new, Shape shape)
    {
        var fields = new List<MetadataFieldChange>();
        Compare("", (old, @new), (old is not null, @new is not null), shape, fields);
        return fields;
    }

    private static void Compare(string path, (JsonNode? Old, JsonNode? New) pair, (bool Old, bool New) isThere, Shape shape, List<MetadataFieldChange> fields)
    {
        if (isThere is (true, true) && pair.Old.SameAs(pair.New))
        {
            return;
        }

        // An expression is read as a whole; its parts alone say nothing.
        if (pair is (JsonObject old, JsonObject @new) && shape is not (ExpressionShape or QualifiedNameShape))
        {
            foreach (var key in old.Select(m => m.Key).Union(@new.Select(m => m.Key), StringComparer.Ordinal))
            {
                Compare(
                    path.Length == 0 ? key : $"{path}.{key}",
                    (old[key], @new[key]),
                    (old.ContainsKey(key), @new.ContainsKey(key)),
                    ShapeOf(shape, key, @new[key] ?? old[key]),
                    fields);
            }

            return;
        }

        var last = path[(path.LastIndexOf('.') + 1)..];
        fields.Add(new MetadataFieldChange(path, isThere.Old ? SecretMask.ToText(pair.Old, last) : null, isThere.New ? SecretMask.ToText(pair.New, last) : null));
    }

    private static Shape ShapeOf(Shape shape, string key, JsonNode? value)
    {
        var below = shape switch
        {
            ObjectShape known => known.Find(key)?.Shape ?? Shape.Any,
            MapShape map => map.Value,
            _ => Shape.Any,
        };
        return below is ChoiceShape choice && value is not null ? choice.For(value) : below;
    }
}
