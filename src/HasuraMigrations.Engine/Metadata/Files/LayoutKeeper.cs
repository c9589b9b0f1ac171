using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Shapes;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>
/// Writes the sources into the files that hold them: a part that stands in a file of its own stays there, at any depth, and one that
/// stands in another file stays in that. Lists keep their order.
/// </summary>
internal sealed class LayoutKeeper(MetadataPlanner planner, string root)
{
    // What tells the entries of a list apart (Hasura, metadata format).
    private static readonly string[] Names = ["table", "function", "name", "role", "root_field_name"];

    private readonly Dictionary<string, JsonNode?> _planned = new(StringComparer.Ordinal);

    /// <summary>Plans the files.</summary>
    /// <param name="databases"><c>databases.yaml</c> as it is.</param>
    /// <param name="sources">The sources as they are to be.</param>
    internal void Plan(LoadedFile databases, JsonNode sources)
    {
        _ = Put(databases, sources);
        foreach (var path in databases.All().Select(f => f.Path).Distinct().Where(p => !_planned.ContainsKey(p)))
        {
            planner.Add(new MetadataFileChange(path, MetadataFileChangeKind.Deleted));
        }
    }

    // False where the file already holds something else, for another place that names it.
    private bool Put(LoadedFile file, JsonNode? content)
    {
        if (_planned.TryGetValue(file.Path, out var other))
        {
            return other.SameAs(content);
        }

        _planned[file.Path] = content;
        var includes = new Dictionary<JsonNode, LoadedInclude>(ReferenceEqualityComparer.Instance);
        foreach (var include in file.Includes.Where(i => i.Target.Root is not null))
        {
            includes[include.Target.Root!] = include;
        }

        var named = new HashSet<JsonNode>(ReferenceEqualityComparer.Instance);
        var written = Fold(file.Root, content, includes, named);
        planner.Add(file.Path, file, file.Raw, written ?? new JsonObject(), Shape.Any, () => planner.Yaml(Path.GetRelativePath(root, file.Path), written ?? new JsonObject(), file, named));
        return true;
    }

    private JsonNode? Fold(JsonNode? old, JsonNode? now, Dictionary<JsonNode, LoadedInclude> includes, HashSet<JsonNode> named)
    {
        if (old is not null && now is not null && includes.TryGetValue(old, out var include) && Put(include.Target, now))
        {
            var place = JsonValue.Create(YamlInclude.Prefix + include.Path);
            named.Add(place);
            return place;
        }

        return (old, now) switch
        {
            (JsonObject before, JsonObject after) => new JsonObject(after.Select(p => KeyValuePair.Create(p.Key, Fold(before[p.Key], p.Value, includes, named)))),
            (JsonArray before, JsonArray after) => new JsonArray([.. Pairs(before, after).Select(p => Fold(p.Old, p.Now, includes, named))]),
            _ => now?.DeepClone(),
        };
    }

    private static IEnumerable<(JsonNode? Old, JsonNode? Now)> Pairs(JsonArray before, JsonArray after)
    {
        var (pairs, left) = (new JsonNode?[before.Count], after.ToList());
        var isPaired = new bool[before.Count];
        foreach (var isSame in new Func<JsonNode?, JsonNode?, bool>[] { (o, n) => o.SameAs(n), HaveOneName })
        {
            for (var i = 0; i < before.Count; i++)
            {
                if (!isPaired[i] && left.FindIndex(n => isSame(before[i], n)) is var found and >= 0)
                {
                    (pairs[i], isPaired[i]) = (left[found], true);
                    left.RemoveAt(found);
                }
            }
        }

        // Entries that got another name.
        if (isPaired.Count(p => !p) == left.Count)
        {
            var next = 0;
            return before.Select((o, i) => (o, isPaired[i] ? pairs[i] : left[next++])).ToList();
        }

        return before.Select((o, i) => (o, pairs[i])).Where((_, i) => isPaired[i]).Concat(left.Select(n => ((JsonNode?)null, n)));
    }

    private static bool HaveOneName(JsonNode? old, JsonNode? now) =>
        old is JsonObject before && now is JsonObject after && Names.FirstOrDefault(before.ContainsKey) is { } name && before[name].SameAs(after[name]);
}
