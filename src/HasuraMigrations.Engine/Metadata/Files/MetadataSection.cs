using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>A key of the document that has a file of its own in a directory.</summary>
/// <param name="Key">The key.</param>
/// <param name="File">The file name.</param>
/// <param name="IsList">True where the value is a list.</param>
/// <param name="IsCore">True for a file that every CLI of the layout writes; a missing one is worth a warning.</param>
internal sealed record MetadataSection(string Key, string File, bool IsList, bool IsCore)
{
    /// <summary>Keys that have no place in the layout stand together in this file, which Hasura's CLI does not look at.</summary>
    internal const string OtherFile = "other_keys.yaml";

    private const string Introspection = "graphql_schema_introspection";

    internal static readonly IReadOnlyList<MetadataSection> V3 =
    [
        new("remote_schemas", "remote_schemas.yaml", true, true),
        new("query_collections", "query_collections.yaml", true, true),
        new("allowlist", "allow_list.yaml", true, true),
        new("cron_triggers", "cron_triggers.yaml", true, true),
        new("rest_endpoints", "rest_endpoints.yaml", true, false),
        new("api_limits", "api_limits.yaml", false, false),
        new("metrics_config", "metrics_config.yaml", false, false),
        new("inherited_roles", "inherited_roles.yaml", true, false),
        new(Introspection, "graphql_schema_introspection.yaml", false, false),
        new("network", "network.yaml", false, false),
        new("backend_configs", "backend_configs.yaml", false, false),
        new("opentelemetry", "opentelemetry.yaml", false, false),
    ];

    internal static readonly IReadOnlyList<MetadataSection> V2 =
    [
        new("tables", "tables.yaml", true, true),
        new("functions", "functions.yaml", true, true),
        new("remote_schemas", "remote_schemas.yaml", true, true),
        new("query_collections", "query_collections.yaml", true, true),
        new("allowlist", "allow_list.yaml", true, true),
        new("cron_triggers", "cron_triggers.yaml", true, true),
        new("network", "network.yaml", false, false),
    ];

    /// <summary>The order in which servers write the keys of a document.</summary>
    internal static readonly IReadOnlyList<string> ServerOrder =
    [
        "version", "sources", "tables", "functions", "remote_schemas", "query_collections", "allowlist", "actions", "custom_types", "cron_triggers",
        "rest_endpoints", "api_limits", "metrics_config", "inherited_roles", Introspection, "network", "backend_configs", "opentelemetry",
    ];

    /// <summary>The order in which CLI 2.1 and newer writes the keys of a single file.</summary>
    internal static readonly IReadOnlyList<string> SingleFileOrder =
    [
        "version", "sources", "tables", "functions", "actions", "custom_types", "remote_schemas", "query_collections", "allowlist", "cron_triggers",
        "network", "api_limits", "rest_endpoints", "inherited_roles", "opentelemetry", "backend_configs", Introspection, "metrics_config",
    ];

    internal static readonly IReadOnlyList<string> SourceOrder =
    [
        "name", "kind", "configuration", "query_tags", "customization", "health_check", "logical_models", "native_queries", "stored_procedures", "tables", "functions",
    ];

    /// <summary>The fields that CLI 2.5 and newer handles as text of Go, by file.</summary>
    internal static YamlFieldPaths? GoText(string file) => file switch
    {
        "actions.yaml" => Actions,
        "remote_schemas.yaml" => RemoteSchemas,
        "query_collections.yaml" => QueryCollections,
        _ => null,
    };

    private static readonly YamlFieldPaths Actions = new(
        "actions/*/name", "actions/*/comment", "actions/*/definition/kind", "actions/*/definition/handler", "custom_types/*/*/name", "custom_types/*/*/description");

    private static readonly YamlFieldPaths RemoteSchemas = new(
        "*/name", "*/comment", "*/permissions/*/role", "*/permissions/*/definition/schema");

    private static readonly YamlFieldPaths QueryCollections = new(
        "*/name", "*/comment", "*/definition/queries/*/name", "*/definition/queries/*/query");

    /// <summary>What a file holds where the document has no such key.</summary>
    internal JsonNode Empty() =>
        Key == Introspection ? new JsonObject { ["disabled_for_roles"] = new JsonArray() }
        : IsList ? new JsonArray()
        : new JsonObject();

    /// <summary>True where a value says no more than an absent key.</summary>
    internal bool IsNothing(JsonNode? value) => value is null or JsonArray { Count: 0 } or JsonObject { Count: 0 } || value.SameAs(Empty());

    /// <summary>A map with known keys first, in their order, and then the others.</summary>
    internal static JsonObject Ordered(JsonObject map, IReadOnlyList<string> order)
    {
        var ordered = new JsonObject();
        foreach (var key in order.Where(map.ContainsKey).Concat(map.Select(p => p.Key).Where(k => !order.Contains(k))))
        {
            ordered[key] = map[key]?.DeepClone();
        }

        return ordered;
    }
}
