using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Model;

/// <summary>Sources, tables, functions and list entries of a document that is read or changed.</summary>
internal static class MetadataTree
{
    /// <summary>The sources of a document; one of version 1 or 2 is a source itself.</summary>
    internal static IEnumerable<(string Name, JsonObject Node)> SourcesOf(JsonObject root) =>
        root["sources"] is JsonArray list ? list.OfType<JsonObject>().Select(s => (s["name"].AsText() ?? "", s))
        : root["version"].ToText() == "3" ? []
        : [(MetadataDocument.DefaultSource, root)];

    /// <summary>A source of a document.</summary>
    /// <exception cref="MetadataCommandException">not-exists.</exception>
    internal static JsonObject SourceOf(JsonObject root, string name) =>
        SourcesOf(root).FirstOrDefault(s => s.Name == name).Node ?? throw MetadataCommandException.NotExists($"source with name \"{name}\" does not exist");

    /// <summary>Tables of a source with their names.</summary>
    internal static IEnumerable<(QualifiedName Name, JsonObject Node)> TablesOf(JsonObject source) => NamedOf(source, "tables", "table");

    /// <summary>Functions of a source with their names.</summary>
    internal static IEnumerable<(QualifiedName Name, JsonObject Node)> FunctionsOf(JsonObject source)
    {
        foreach (var entry in source["functions"] as JsonArray ?? [])
        {
            if (QualifiedName.Read(entry.Get("function") ?? entry) is { } name)
            {
                yield return (name, entry as JsonObject ?? new JsonObject { ["function"] = name.Written() });
            }
        }
    }

    /// <summary>True for a cron trigger that no export shows and that every replacing keeps.</summary>
    internal static bool IsHiddenCronTrigger(JsonNode? trigger) =>
        trigger.Get("include_in_metadata") is JsonValue included && included.TryGetValue<bool>(out var isIncluded) && !isIncluded;

    /// <summary>The list at a key, made where there is none.</summary>
    internal static JsonArray ListAt(this JsonObject owner, string key)
    {
        if (owner[key] is not JsonArray list)
        {
            owner[key] = list = [];
        }

        return list;
    }

    /// <summary>The entry of a list with this text at a key; null where there is none.</summary>
    internal static JsonObject? EntryAt(this JsonNode? owner, string list, string key, string value) =>
        owner.Get(list).AsObjects().FirstOrDefault(o => o[key].AsText() == value);

    /// <summary>Takes an entry out of its list; an empty list goes with it.</summary>
    internal static void Detach(this JsonNode entry)
    {
        var list = entry.Parent!.AsArray();
        list.Remove(entry);
        if (list.Count == 0 && list.Parent is JsonObject owner && owner.First(m => ReferenceEquals(m.Value, list)).Key is var key && key is not ("tables" or "sources"))
        {
            owner.Remove(key);
        }
    }

    /// <summary>The columns a list names; null for <c>*</c> and for none.</summary>
    internal static IReadOnlyList<string>? ColumnList(JsonNode? node) => node is JsonArray list ? [.. list.AsTexts()] : null;

    private static IEnumerable<(QualifiedName Name, JsonObject Node)> NamedOf(JsonObject source, string list, string key)
    {
        foreach (var entry in source[list].AsObjects())
        {
            if (QualifiedName.Read(entry[key]) is { } name)
            {
                yield return (name, entry);
            }
        }
    }
}
