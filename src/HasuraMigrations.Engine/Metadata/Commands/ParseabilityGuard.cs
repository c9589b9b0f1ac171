using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>
/// Refuses what a server could not read: arguments of the wrong shape that a command has taken over. A server parses the
/// whole of what is stored and does not start over what it cannot parse, so nothing of the kind may get in.
/// </summary>
internal static class ParseabilityGuard
{
    /// <summary>Looks at what changed, and at nothing else.</summary>
    /// <param name="before">The state that was there.</param>
    /// <param name="after">The document that a command made of it.</param>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal static void Require(MetadataState before, JsonObject after)
    {
        var known = before.Unreadable.Count == 0 ? [] : Errors(Changed(before.Root, after)).Select(p => p.Message).ToHashSet(StringComparer.Ordinal);
        if (Errors(Changed(after, before.Root)).FirstOrDefault(p => !known.Contains(p.Message)) is { } error)
        {
            throw MetadataCommandException.Parse(error.Message);
        }
    }

    /// <summary>Looks at a whole document that is given.</summary>
    /// <param name="document">The document, of any version.</param>
    /// <param name="era">The line of servers that is spoken for.</param>
    /// <param name="path">Where it stands in the arguments.</param>
    /// <exception cref="MetadataCommandException">parse-failed, with the place.</exception>
    internal static void RequireWhole(JsonObject document, MetadataEra era, string path)
    {
        var errors = Errors(document);
        if (errors.FirstOrDefault() is { } error)
        {
            throw MetadataCommandException.Parse(error.Key is null ? error.Message : UnknownKeys(errors, error.Where, era), $"{path}{error.Where.Path[1..]}");
        }
    }

    // Tables alone refuse keys that they do not have; the server names all of them.
    private static string UnknownKeys(IEnumerable<ShapeProblem> errors, InspectionNode where, MetadataEra era) =>
        $"unexpected keys when parsing TableMetadata{era.Colon}[{string.Join(",", errors.Where(e => e.Key is not null && e.Where.Path == where.Path).Select(e => $"\"{e.Key}\""))}]";

    private static List<ShapeProblem> Errors(JsonObject part)
    {
        var found = new List<ShapeProblem>();
        ShapeInspector.InspectDocument(new MetadataDocument(part) { RestsOnText = true }, p =>
        {
            if (p.IsError && p.Id != "MetadataNameConflict")
            {
                found.Add(p);
            }
        });
        return found;
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
