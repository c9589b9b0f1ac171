using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>What <c>databases.yaml</c> of a directory names at present: which file holds which table or function.</summary>
internal sealed class ExistingTree
{
    private readonly Dictionary<(string Source, string List), LoadedInclude> _indexes = [];
    private readonly Dictionary<(string Source, string List, string Object), LoadedInclude> _objects = [];
    private readonly Dictionary<(string Source, string List), JsonArray> _inline = [];

    internal ExistingTree(LoadedFile? databases)
    {
        Databases = databases;
        foreach (var include in databases?.Includes ?? [])
        {
            if (include.Parent is JsonObject source && include.Key is "tables" or "functions" && include.Target.Root is JsonArray)
            {
                Take((JsonObject)include.Parent, include.Key, include);
            }
        }

        foreach (var source in databases?.Raw.AsObjects() ?? [])
        {
            foreach (var list in new[] { "tables", "functions" })
            {
                if (source[list] is JsonArray inline)
                {
                    _inline[(source["name"].AsText() ?? "", list)] = inline;
                }
            }
        }
    }

    internal LoadedFile? Databases { get; }

    /// <summary>The include of the index of a list; null where there is none.</summary>
    internal LoadedInclude? Index(string source, string list) => _indexes.GetValueOrDefault((source, list));

    /// <summary>The include of an object in its index; null where it is new.</summary>
    internal LoadedInclude? Object(string source, string list, string key) => _objects.GetValueOrDefault((source, list, key));

    /// <summary>True where a list stands in <c>databases.yaml</c> itself, without includes.</summary>
    internal bool IsInline(string source, string list) =>
        _inline.TryGetValue((source, list), out var inline) && inline.Count > 0 && inline.All(n => n is JsonObject);

    private void Take(JsonObject source, string list, LoadedInclude index)
    {
        var name = source["name"].AsText() ?? "";
        _indexes[(name, list)] = index;
        foreach (var include in index.Target.Includes)
        {
            if (include.Parent is JsonArray && include.Target.LookAt() is JsonObject found)
            {
                _objects.TryAdd((name, list, MetadataFileNames.Key(found[list == "tables" ? "table" : "function"], source["kind"].AsText() ?? "")), include);
            }
        }
    }
}
