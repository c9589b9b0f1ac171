using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Refuses a document that has something twice in a list, as a server does before it looks at anything else.</summary>
internal static class DuplicateCheck
{
    private static readonly (string Key, string Name, string Things)[] OfDocument =
    [
        ("remote_schemas", "name", "remote schemas"),
        ("query_collections", "name", "query collections"),
        ("allowlist", "collection", "allow list"),
        ("actions", "name", "actions"),
        ("cron_triggers", "name", "cron triggers"),
    ];

    private static readonly (string Key, string Name, string Things)[] OfTable =
    [
        ("insert_permissions", "role", "insert permissions"),
        ("select_permissions", "role", "select permissions"),
        ("update_permissions", "role", "update permissions"),
        ("delete_permissions", "role", "delete permissions"),
        ("event_triggers", "name", "event triggers"),
        ("computed_fields", "name", "computed fields"),
        ("remote_relationships", "name", "remote relationships"),
    ];

    private static readonly (string Key, string Name, string Things)[] OfNewDocument =
    [
        .. OfDocument,
        ("sources", "name", "sources"),
        ("rest_endpoints", "name", "rest endpoints"),
        ("inherited_roles", "role_name", "inherited roles"),
    ];

    private static readonly (string Key, string Name, string Things)[] OfNewSource =
    [
        ("native_queries", "root_field_name", "native queries"),
        ("logical_models", "name", "logical models"),
    ];

    /// <summary>Looks at every list whose entries have names.</summary>
    /// <param name="era">The line of servers that is spoken for.</param>
    /// <param name="document">The document as it is given.</param>
    /// <param name="path">Where it stands in the arguments.</param>
    /// <exception cref="MetadataCommandException">already-exists in version 1, parse-failed in version 2.</exception>
    internal static void Refuse(MetadataEra era, JsonObject document, string path)
    {
        foreach (var (key, name, things) in era.IsVersion1 ? OfDocument : OfNewDocument)
        {
            Refuse(era, document[key].AsObjects().Select(e => e[name].AsText()), things, $"{path}.{key}");
        }

        if (document["sources"] is not JsonArray sources)
        {
            RefuseInSource(era, document, path);
            return;
        }

        for (var i = 0; i < sources.Count; i++)
        {
            RefuseInSource(era, sources[i] as JsonObject ?? [], $"{path}.sources[{i}]");
        }
    }

    private static void RefuseInSource(MetadataEra era, JsonObject source, string path)
    {
        Refuse(era, Names(source["tables"], "table"), "tables", $"{path}.tables");
        Refuse(era, Names(source["functions"], "function"), "functions", $"{path}.functions");
        foreach (var (key, name, things) in era.IsVersion1 ? [] : OfNewSource)
        {
            Refuse(era, source[key].AsObjects().Select(e => e[name].AsText()), things, $"{path}.{key}");
        }

        var tables = source["tables"] as JsonArray ?? [];
        for (var i = 0; i < tables.Count; i++)
        {
            // A copy: the document may rest on text, and the nodes of all permissions would stay beside it.
            RefuseInTable(era, tables[i]?.DeepClone() as JsonObject ?? [], $"{path}.tables[{i}]");
        }
    }

    private static void RefuseInTable(MetadataEra era, JsonObject table, string path)
    {
        var (objects, arrays) = (Named(table, "object_relationships"), Named(table, "array_relationships"));
        if (era.IsVersion1)
        {
            Refuse(era, objects.Concat(arrays), "relationships", path);
        }

        Refuse(era, objects, "object relationships", $"{path}.object_relationships");
        Refuse(era, arrays, "array relationships", $"{path}.array_relationships");
        foreach (var (key, name, things) in OfTable)
        {
            Refuse(era, table[key].AsObjects().Select(e => e[name].AsText()), things, $"{path}.{key}");
        }
    }

    private static IEnumerable<string?> Named(JsonObject table, string key) => table[key].AsObjects().Select(e => e["name"].AsText());

    private static IEnumerable<string?> Names(JsonNode? list, string key) =>
        (list as JsonArray ?? []).Select(e => QualifiedName.Read(e.Get(key) ?? e)?.InMessage());

    private static void Refuse(MetadataEra era, IEnumerable<string?> names, string things, string path)
    {
        var twice = names.OfType<string>().GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ToList();
        if (twice.Count == 0)
        {
            return;
        }

        throw era.IsVersion1
            ? new MetadataCommandException("already-exists", $"multiple declarations exist for the following {things} : [{string.Join(", ", twice.Select(n => $"\"{n}\""))}]", path)
            : MetadataCommandException.Parse($"multiple declarations exist for the following {things}: {string.Join(", ", twice)}", path);
    }
}
