using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>Finds the entries of objects in a document.</summary>
internal static class ObjectFinder
{
    private static readonly string[] Relationships = ["object_relationships", "array_relationships"];

    /// <summary>The entries of an object: of a relationship there may be two; none where it is not in the document.</summary>
    internal static IEnumerable<JsonNode> Find(JsonObject root, ObjectId id)
    {
        // What cannot be inherited is not in the document.
        if (id.IsInheritance)
        {
            return [];
        }

        var found = id.Source.Length == 0 ? [Global(root, id)] : MetadataTree.SourcesOf(root).Where(s => s.Name == id.Source).Take(1).SelectMany(s => InSource(s.Node, id));
        return found.OfType<JsonNode>();
    }

    /// <summary>The entry of a tracked function; old documents name it without an object.</summary>
    internal static JsonNode? Function(JsonObject source, QualifiedName name) =>
        (source["functions"] as JsonArray)?.FirstOrDefault(f => QualifiedName.Read(f.Get("function") ?? f) == name);

    private static IEnumerable<JsonNode?> InSource(JsonObject source, ObjectId id)
    {
        JsonObject? Table() => MetadataTree.TablesOf(source).FirstOrDefault(t => t.Name == id.Table).Node;
        return id.Kind switch
        {
            ObjectKind.Source => [source],
            ObjectKind.Function => [Function(source, id.Table)],
            ObjectKind.FunctionPermission => [Function(source, id.Table).EntryAt("permissions", "role", id.Role)],
            ObjectKind.NativeQuery => [source.EntryAt("native_queries", "root_field_name", id.Name)],
            ObjectKind.LogicalModel => [source.EntryAt("logical_models", "name", id.Name)],
            ObjectKind.Table => [Table()],
            ObjectKind.Relationship => Table() is { } table ? Relationships.Select(l => table.EntryAt(l, "name", id.Name)) : [],
            ObjectKind.ComputedField => [Table().EntryAt("computed_fields", "name", id.Name)],
            ObjectKind.RemoteRelationship => [Table().EntryAt("remote_relationships", "name", id.Name)],
            ObjectKind.EventTrigger => [Table().EntryAt("event_triggers", "name", id.Name)],
            ObjectKind.Permission => [Table().EntryAt($"{id.Name}_permissions", "role", id.Role)],
            _ => [],
        };
    }

    private static JsonNode? Global(JsonObject root, ObjectId id) => id.Kind switch
    {
        ObjectKind.CollectionQuery => root.EntryAt("query_collections", "name", id.Name)?["definition"].EntryAt("queries", "name", id.Role),
        ObjectKind.RemoteSchema => root.EntryAt("remote_schemas", "name", id.Name),
        ObjectKind.RemoteSchemaPermission => root.EntryAt("remote_schemas", "name", id.Name).EntryAt("permissions", "role", id.Role),
        ObjectKind.Action => root.EntryAt("actions", "name", id.Name),
        ObjectKind.ActionPermission => root.EntryAt("actions", "name", id.Name).EntryAt("permissions", "role", id.Role),
        ObjectKind.CronTrigger => root.EntryAt("cron_triggers", "name", id.Name),
        ObjectKind.RestEndpoint => root.EntryAt("rest_endpoints", "name", id.Name),
        ObjectKind.InheritedRole => root.EntryAt("inherited_roles", "role_name", id.Name),
        ObjectKind.CustomTypes => root["custom_types"],
        ObjectKind.OpenTelemetry => root["opentelemetry"],
        _ => null,
    };
}
