using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Removes an object of any kind from a document.</summary>
internal static class ObjectRemover
{
    private static readonly string[] Relationships = ["object_relationships", "array_relationships"];

    /// <summary>Removes an object; nothing happens where it is not there.</summary>
    internal static void Remove(JsonObject root, ObjectId id)
    {
        if (id.IsInheritance)
        {
            // What cannot be inherited is not in the document.
            return;
        }

        if (id.Source.Length == 0)
        {
            RemoveGlobal(root, id);
            return;
        }

        var source = MetadataTree.SourcesOf(root).FirstOrDefault(s => s.Name == id.Source).Node;
        if (source is null)
        {
            return;
        }

        if (id.Kind == ObjectKind.Source)
        {
            source.Detach();
            return;
        }

        var function = MetadataTree.FunctionsOf(source).FirstOrDefault(f => f.Name == id.Table).Node;
        var table = MetadataTree.TablesOf(source).FirstOrDefault(t => t.Name == id.Table).Node;
        switch (id.Kind)
        {
            case ObjectKind.Function:
                RemoveFunction(source, id.Table);
                break;
            case ObjectKind.FunctionPermission:
                function.EntryAt("permissions", "role", id.Role)?.Detach();
                break;
            case ObjectKind.Table:
                table?.Detach();
                break;
            case ObjectKind.NativeQuery:
                source.EntryAt("native_queries", "root_field_name", id.Name)?.Detach();
                break;
            default:
                RemoveMember(table, id);
                break;
        }
    }

    /// <summary>Removes a tracked function; old documents name it without an object.</summary>
    internal static void RemoveFunction(JsonObject source, QualifiedName name) =>
        (source["functions"] as JsonArray)?.FirstOrDefault(f => QualifiedName.Read(f.Get("function") ?? f) == name)?.Detach();

    private static void RemoveMember(JsonObject? table, ObjectId id)
    {
        var entries = id.Kind switch
        {
            ObjectKind.Relationship => Relationships.Select(l => table.EntryAt(l, "name", id.Name)),
            ObjectKind.ComputedField => [table.EntryAt("computed_fields", "name", id.Name)],
            ObjectKind.RemoteRelationship => [table.EntryAt("remote_relationships", "name", id.Name)],
            ObjectKind.EventTrigger => [table.EntryAt("event_triggers", "name", id.Name)],
            ObjectKind.Permission => [table.EntryAt($"{id.Name}_permissions", "role", id.Role)],
            _ => Array.Empty<JsonObject?>(),
        };
        foreach (var entry in entries.ToList())
        {
            entry?.Detach();
        }
    }

    // An endpoint is nothing without its query. The list stays, though it may be empty.
    private static void RemoveQuery(JsonObject root, string collection, string query)
    {
        foreach (var endpoint in root["rest_endpoints"].AsObjects().Where(e => e["definition"].Get("query") is { } used && used.Get("collection_name").AsText() == collection && used.Get("query_name").AsText() == query).ToList())
        {
            endpoint.Detach();
        }

        var found = root.EntryAt("query_collections", "name", collection)?["definition"].EntryAt("queries", "name", query);
        found?.Parent!.AsArray().Remove(found);
    }

    private static void RemoveGlobal(JsonObject root, ObjectId id)
    {
        if (id.Kind == ObjectKind.CollectionQuery)
        {
            RemoveQuery(root, id.Name, id.Role);
            return;
        }

        var entry = id.Kind switch
        {
            ObjectKind.RemoteSchema => root.EntryAt("remote_schemas", "name", id.Name),
            ObjectKind.RemoteSchemaPermission => root.EntryAt("remote_schemas", "name", id.Name).EntryAt("permissions", "role", id.Role),
            ObjectKind.Action => root.EntryAt("actions", "name", id.Name),
            ObjectKind.ActionPermission => root.EntryAt("actions", "name", id.Name).EntryAt("permissions", "role", id.Role),
            ObjectKind.CronTrigger => root.EntryAt("cron_triggers", "name", id.Name),
            ObjectKind.RestEndpoint => root.EntryAt("rest_endpoints", "name", id.Name),
            ObjectKind.InheritedRole => root.EntryAt("inherited_roles", "role_name", id.Name),
            _ => null,
        };
        entry?.Detach();
        if (id.Kind == ObjectKind.CustomTypes)
        {
            root.Remove("custom_types");
        }
    }
}
