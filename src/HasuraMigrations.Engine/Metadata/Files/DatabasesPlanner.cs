using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;
using HasuraMigrations.Engine.Processes;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>Lays the sources out below <c>databases/</c>: one file a table and function, an index for each list.</summary>
internal sealed class DatabasesPlanner(MetadataPlanner planner, MetadataDocument document, string root, ExistingTree existing, bool forces)
{
    private readonly HashSet<string> _directories = new(StringComparer.OrdinalIgnoreCase) { "databases.yaml" };
    private readonly HashSet<JsonNode> _includes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, JsonNode> _planned = new(StringComparer.Ordinal);

    private string DatabasesDirectory => Path.Combine(root, "databases");

    internal void Plan()
    {
        var entries = new JsonArray();
        foreach (var node in document.Root["sources"]!.AsArray())
        {
            entries.Add(node is JsonObject source ? Source(source) : node?.DeepClone());
        }

        var path = Path.Combine(DatabasesDirectory, "databases.yaml");
        var old = existing.Databases;
        var relative = Path.Combine("databases", "databases.yaml");
        planner.Add(path, old?.Text ?? MetadataPlanner.TextOf(path), !forces && old is not null && IsSame(old, entries),
            () => planner.Yaml(relative, entries, old, _includes));
    }

    private JsonObject Source(JsonObject source)
    {
        var entry = new JsonObject();
        var name = source["name"].AsText() ?? "";
        var directory = SourceDirectory(name);
        foreach (var key in MetadataSection.SourceOrder.Where(k => source.ContainsKey(k) || k == "tables").Concat(source.Select(p => p.Key).Where(k => !MetadataSection.SourceOrder.Contains(k))))
        {
            var isSplit = key == "tables" ? source[key] is null or JsonArray : key == "functions" && source[key] is JsonArray;
            entry[key] = isSplit && !existing.IsInline(name, key) ? List(source, key, directory) : source[key]?.DeepClone();
        }

        return entry;
    }

    private string SourceDirectory(string name)
    {
        var safe = MetadataFileNames.Safe(name);
        for (var number = 2; !_directories.Add(safe); number++)
        {
            safe = $"{MetadataFileNames.Safe(name)}~{number}";
        }

        return safe;
    }

    private JsonValue List(JsonObject source, string list, string directory)
    {
        var name = source["name"].AsText() ?? "";
        var kind = source["kind"].AsText() ?? "";
        var index = existing.Index(name, list) is { } found && !_planned.ContainsKey(found.Target.Path) ? existing.Index(name, list) : null;
        var written = index?.Path ?? $"{directory}/{list}/{list}.yaml";
        var path = index?.Target.Path ?? Path.GetFullPath(Path.Combine(DatabasesDirectory, written));
        var folder = Path.GetDirectoryName(path)!;
        var objects = (source[list] as JsonArray)?.ToList() ?? [];
        var (member, includes) = (list == "tables" ? "table" : "function", new JsonArray());
        var named = new HashSet<JsonNode>(ReferenceEqualityComparer.Instance);
        var names = new MetadataFileNames(Path.GetFileName(path));
        var olds = objects.Select(o => o is JsonObject value ? existing.Object(name, list, MetadataFileNames.Key(value[member], kind)) : null).ToList();
        var taken = Keep(olds, names);
        var files = new List<(string Path, LoadedFile? Old, JsonObject Entry)>(objects.Count);
        for (var i = 0; i < objects.Count; i++)
        {
            if (objects[i] is not JsonObject entry)
            {
                includes.Add(objects[i]?.DeepClone());
                continue;
            }

            var value = document.LookAt(entry);
            var old = taken[i] && IsFree(olds[i]!.Target.Path, value) ? olds[i] : null;
            var file = old?.Path ?? names.Take(value[member], kind, list == "functions");
            var place = Path.GetFullPath(Path.Combine(folder, file));
            if (_planned.TryAdd(place, entry))
            {
                files.Add((place, old?.Target ?? planner.Load(place), entry));
            }

            var include = JsonValue.Create(YamlInclude.Prefix + file);
            named.Add(include);
            includes.Add((JsonNode)include);
        }

        Objects(files, list == "tables" ? TableShapes.Table : TableShapes.Function);
        _planned[path] = includes;
        var relative = Path.GetRelativePath(root, path);
        planner.Add(path, index?.Target, index?.Target.Raw, includes, Shape.TextSet, () => planner.Yaml(relative, includes, index?.Target, named));
        var here = JsonValue.Create(YamlInclude.Prefix + written);
        _includes.Add(here);
        return here;
    }

    // Names that are there are taken first, so that a new object never gets one of them.
    private static List<bool> Keep(List<LoadedInclude?> olds, MetadataFileNames names) =>
        [.. olds.Select(o => o is not null && names.Keep(o.Path))];

    // Two sources may include one file, but only while it says the same for both.
    private bool IsFree(string path, JsonObject value) => !_planned.TryGetValue(path, out var other) || (other is JsonObject entry && document.LookAt(entry).SameAs(value));

    // Each file is compared and written for itself, and there may be many.
    private void Objects(List<(string Path, LoadedFile? Old, JsonObject Entry)> files, Shape shape)
    {
        document.Positions.Settle();
        foreach (var change in WorkAhead.Select(files, WorkAhead.ProcessorsFor(files.Count), file =>
        {
            var relative = Path.GetRelativePath(root, file.Path);
            return planner.Decide(file.Path, file.Old, file.Old?.LookAt(), document.LookAt(file.Entry), shape, () => planner.Yaml(relative, document.LookAt(file.Entry), file.Old));
        }))
        {
            planner.Add(change);
        }
    }

    // The lists are compared as written: which file each names. Everything else is compared with its includes resolved.
    private static bool IsSame(LoadedFile old, JsonArray entries)
    {
        if (old.Raw is not JsonArray raw || old.Root is not JsonArray resolved || raw.Count != entries.Count || resolved.Count != raw.Count)
        {
            return false;
        }

        for (var i = 0; i < entries.Count; i++)
        {
            if (!IsSame(raw[i], resolved[i], entries[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsSame(JsonNode? raw, JsonNode? resolved, JsonNode? entry) =>
        raw is JsonObject before && entry is JsonObject after && resolved is JsonObject full
            ? before.Count == after.Count && after.All(p => before.ContainsKey(p.Key) && (p.Key is "tables" or "functions" ? before[p.Key] : full[p.Key]).SameAs(p.Value))
            : resolved.SameAs(entry);
}
