using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>
/// Refuses what a server could not read: arguments of the wrong shape that a command has taken over. A server parses the
/// whole of what is stored and does not start over what it cannot parse, so nothing of the kind may get in.
/// </summary>
internal static class ReadableChanges
{
    private static readonly string[] Unreadable = ["MetadataKeyUnknown", "MetadataKeyMissing", "MetadataValueInvalid", "MetadataDuplicate"];

    /// <summary>Looks at what changed, and at nothing else.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal static void Demand(JsonObject before, JsonObject after)
    {
        var known = Errors(Changed(before, after)).Select(f => f.Message).ToHashSet(StringComparer.Ordinal);
        if (Errors(Changed(after, before)).FirstOrDefault(f => !known.Contains(f.Message)) is { } error)
        {
            throw MetadataCommandException.Parse(error.Message);
        }
    }

    // Types that stand twice can be read; the rules for custom types find them.
    private static IEnumerable<Finding> Errors(JsonObject part)
    {
        if (part["custom_types"] is not { } types)
        {
            return Inspect(part);
        }

        part.Remove("custom_types");
        var alone = new JsonObject { ["version"] = part["version"]?.DeepClone(), [part.ContainsKey("sources") ? "sources" : "tables"] = new JsonArray(), ["custom_types"] = types };
        return Inspect(part).Concat(Inspect(alone).Where(f => f.Id != "MetadataDuplicate"));
    }

    private static IEnumerable<Finding> Inspect(JsonObject part)
    {
        var document = new MetadataDocument(part);
        var findings = new FindingWriter(document);
        new ShapeInspector(findings).Inspect(part, DocumentShapes.Of(document.Version), InspectedPart.Whole);
        return findings.Findings.Where(f => f.Severity == FindingSeverity.Error && Unreadable.Contains(f.Id));
    }

    // The parts of a document that the other has not, or not like this; sources keep what tells them.
    private static JsonObject Changed(JsonObject root, JsonObject other)
    {
        var changed = new JsonObject();
        foreach (var (key, value) in root)
        {
            if (key == "sources" && value is JsonArray sources)
            {
                changed[key] = new JsonArray([.. sources.Select(s => s is JsonObject map ? Source(map, other.EntryAt("sources", "name", map["name"].AsText() ?? "")) : s?.DeepClone())]);
            }
            else if (key == "tables")
            {
                changed[key] = Tables(value, other[key]);
            }
            else if (key == "version" || !value.SameAs(other[key]))
            {
                changed[key] = value?.DeepClone();
            }
        }

        return changed;
    }

    private static JsonObject Source(JsonObject source, JsonObject? other) =>
        new(source.Select(m => KeyValuePair.Create(m.Key, m.Key == "tables" ? Tables(m.Value, other?["tables"]) : m.Value?.DeepClone())));

    private static JsonNode? Tables(JsonNode? tables, JsonNode? others)
    {
        if (tables is not JsonArray list)
        {
            return tables?.DeepClone();
        }

        var known = others.AsObjects().Select(t => (Name: QualifiedName.Read(t["table"]), Node: t)).Where(t => t.Name is not null).ToLookup(t => t.Name!.Value, t => t.Node);
        return new JsonArray([.. list.Where(t => QualifiedName.Read(t.Get("table")) is not { } name || !known[name].Any(k => k.SameAs(t))).Select(t => t?.DeepClone())]);
    }
}
