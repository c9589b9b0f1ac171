using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>
/// An object that is stored and that no server can read. A server does not start over it; here it is an inconsistent object, so
/// that the metadata can be exported, replaced and repaired.
/// </summary>
/// <param name="Steps">Keys and indexes that lead to it.</param>
/// <param name="Type">Its type in lists of inconsistent objects.</param>
/// <param name="Name">Words for it.</param>
/// <param name="Definition">The object as it is stored.</param>
/// <param name="Reason">What is wrong with it.</param>
internal sealed record UnreadableObject(IReadOnlyList<object> Steps, string Type, string Name, JsonNode? Definition, string Reason)
{
    /// <summary>Tells it from others; indexes move when something before it goes.</summary>
    internal ObjectId Id => ObjectId.OfGlobal(ObjectKind.Unreadable, $"{Type} {Definition.ToText()}");
}

/// <summary>Finds what no server can read, and leaves it out.</summary>
internal static class UnreadableObjects
{
    /// <summary>Looks at a whole document.</summary>
    internal static IReadOnlyList<UnreadableObject> Find(JsonObject root)
    {
        var found = new List<UnreadableObject>();
        ShapeInspector.InspectDocument(new MetadataDocument(root) { RestsOnText = true }, problem =>
        {
            var owner = problem.Where.Owner;
            if (problem.IsError && IsUnreadable(problem) && !found.Exists(f => f.Steps.SequenceEqual(owner.Steps)))
            {
                found.Add(new UnreadableObject(owner.Steps, TypeOf(owner), owner.ToString(), At(root, owner.Steps)?.DeepClone(), problem.Message));
            }
        });
        return found;
    }

    /// <summary>The document without these objects; itself where there are none.</summary>
    internal static JsonObject Without(JsonObject root, IReadOnlyList<UnreadableObject> objects)
    {
        if (objects.Count == 0)
        {
            return root;
        }

        var copy = root.DeepClone().AsObject();
        Remove(copy, objects);
        return copy;
    }

    /// <summary>Takes these objects out of a document that has them all.</summary>
    internal static void Remove(JsonObject root, IReadOnlyList<UnreadableObject> objects)
    {
        // From the end, so that no index moves before it is used.
        foreach (var steps in objects.Select(o => o.Steps).OrderDescending(ByPlace))
        {
            switch (At(root, [.. steps.SkipLast(1)]), steps.LastOrDefault())
            {
                case (JsonArray list, int index) when index < list.Count:
                    list.RemoveAt(index);
                    break;
                // A document contains these lists even when they are empty (Hasura, metadata format).
                case (JsonObject map, string key) when key is "tables" or "sources":
                    map[key] = new JsonArray();
                    break;
                case (JsonObject map, string key):
                    map.Remove(key);
                    break;
            }
        }

        if (root["sources"] is null && root["tables"] is null)
        {
            root[new MetadataDocument(root).Version == 3 ? "sources" : "tables"] = new JsonArray();
        }
    }

    private static readonly Comparer<IReadOnlyList<object>> ByPlace = Comparer<IReadOnlyList<object>>.Create((a, b) =>
        a.Zip(b).Select(p => (p.First, p.Second) switch
        {
            (int left, int right) => left.CompareTo(right),
            var (left, right) => string.CompareOrdinal(left.ToString(), right.ToString()),
        }).FirstOrDefault(c => c != 0) is var order and not 0 ? order : a.Count.CompareTo(b.Count));

    private static JsonNode? At(JsonNode? node, IReadOnlyList<object> steps) => steps.Aggregate(node, (at, step) => (at, step) switch
    {
        (JsonObject map, string key) => map[key],
        (JsonArray list, int index) when index < list.Count => list[index],
        _ => null,
    });

    // Names that clash, and tables that stand twice, are told by the rules of a build.
    private static bool IsUnreadable(ShapeProblem problem) =>
        // In servers 2.x an object and an array relationship of one name can be read, and conflict only in the build (Hasura 2.48).
        problem.Id != "MetadataNameConflict" && !(problem.Id == "MetadataDuplicate" && problem.Where.Kind == MetadataObjectKind.Table);

    private static string TypeOf(InspectionNode owner) => owner.Kind switch
    {
        null => owner.Steps is [string key, ..] ? key : "metadata",
        // Lists of inconsistent objects shorten the names of these two types (Hasura 1.3.3 and 2.48).
        MetadataObjectKind.ObjectRelationship => "object_relation",
        MetadataObjectKind.ArrayRelationship => "array_relation",
        { } kind => string.Concat(kind.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}")),
    };
}
