using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>Which object an entry in a list of inconsistent objects is about, whoever made the list.</summary>
internal static class InconsistencyIds
{
    private const string SourceSuffix = " in source ";
    private const string PermissionSuffix = "_permission";

    /// <summary>The object; null where the entry does not tell.</summary>
    /// <param name="type">The member <c>type</c>; null where several objects conflict.</param>
    /// <param name="name">The member <c>name</c>.</param>
    /// <param name="definition">The definition, or the objects that conflict.</param>
    internal static ObjectId? Of(string? type, string? name, JsonNode? definition)
    {
        if (type is null)
        {
            return definition.AsObjects().FirstOrDefault() is { } first ? Of(first["type"].AsText(), first["name"].AsText(), first["definition"]) : null;
        }

        var source = definition.Get("source").AsText() ?? SourceIn(name) ?? MetadataDocument.DefaultSource;
        ObjectId? OnTable(ObjectKind kind, string? member, string role = "") => QualifiedName.Read(definition.Get("table")) is { } table ? new ObjectId(kind, source, table, member ?? "", role) : null;
        var own = definition.Get("name").AsText();
        return type switch
        {
            "source" => new ObjectId(ObjectKind.Source, definition.AsText() ?? source, default, ""),
            "table" => QualifiedName.Read(definition) is { } table ? ObjectId.OfTable(source, table) : null,
            "function" => QualifiedName.Read(definition) is { } function ? ObjectId.OfFunction(source, function) : null,
            "object_relation" or "array_relation" => OnTable(ObjectKind.Relationship, own),
            "computed_field" => OnTable(ObjectKind.ComputedField, own),
            "remote_relationship" => OnTable(ObjectKind.RemoteRelationship, own),
            "event_trigger" => OnTable(ObjectKind.EventTrigger, definition.Get("configuration").Get("name").AsText() ?? own),
            "function_permission" => QualifiedName.Read(definition.Get("function")) is { } function ? new ObjectId(ObjectKind.FunctionPermission, source, function, "", definition.Get("role").AsText() ?? "") : null,
            "native_query" => new ObjectId(ObjectKind.NativeQuery, source, default, definition.Get("root_field_name").AsText() ?? ""),
            "logical_model" => new ObjectId(ObjectKind.LogicalModel, source, default, own ?? ""),
            "remote_schema" => ObjectId.OfGlobal(ObjectKind.RemoteSchema, own ?? ""),
            "custom_types" => ObjectId.OfGlobal(ObjectKind.CustomTypes, ""),
            "open_telemetry" => TelemetryRules.Id,
            "action" => ObjectId.OfGlobal(ObjectKind.Action, own ?? ""),
            "cron_trigger" => ObjectId.OfGlobal(ObjectKind.CronTrigger, own ?? ""),
            "rest_endpoint" or "endpoint" => ObjectId.OfGlobal(ObjectKind.RestEndpoint, own ?? ""),
            "inherited_role" => ObjectId.OfGlobal(ObjectKind.InheritedRole, definition.Get("role_name").AsText() ?? ""),
            "query_collections" => InCollection(name, own),
            _ when type.EndsWith(PermissionSuffix, StringComparison.Ordinal) => OnTable(ObjectKind.Permission, type[..^PermissionSuffix.Length], definition.Get("role").AsText() ?? ""),
            _ => null,
        };
    }

    private static string? SourceIn(string? name) =>
        name?.LastIndexOf(SourceSuffix, StringComparison.Ordinal) is { } at and >= 0 ? name[(at + SourceSuffix.Length)..] : null;

    // The collection is in the name only: "query_collections q in c".
    private static ObjectId? InCollection(string? name, string? query) =>
        query is not null && name?.IndexOf($" {query} in ", StringComparison.Ordinal) is { } at and >= 0
            ? ObjectId.OfGlobal(ObjectKind.CollectionQuery, name[(at + query.Length + " in ".Length + 1)..], query)
            : null;
}
