using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using static HasuraMigrations.Engine.Metadata.Shapes.ShapeBuilder;
using static HasuraMigrations.Engine.Metadata.Shapes.ValueShapes;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>The document of each metadata version, and what stands in it beside tables.</summary>
internal static class DocumentShapes
{
    private static readonly ObjectShape StoredQuery = new("query", Needed("name", Filled), Needed("query", Query)) { Kind = MetadataObjectKind.CollectionQuery };

    private static readonly ObjectShape QueryCollection = new(
        "query collection",
        Needed("name", Filled),
        Needed("definition", new ObjectShape("query collection definition", new Member("queries", new ListShape(StoredQuery, ListOrder.Set, "name")) { IsRequired = true, IsAlwaysWritten = true, Default = "[]" })),
        Maybe("comment", Shape.Text))
    { Kind = MetadataObjectKind.QueryCollection };

    private static readonly ListShape RoleSet = new(Filled, ListOrder.Set) { IsFilled = true };

    private static readonly ObjectShape Scope = new("scope", Needed("global", Shape.Boolean), Maybe("roles", RoleSet))
    {
        IsAlphabetical = true,
        Rules = [NeededWhere(scope => scope["global"] is JsonValue global && global.TryGetValue<bool>(out var isGlobal) && !isGlobal, "roles", "where it is not global")],
    };

    private static readonly ObjectShape AllowListEntry = new(
        "allow list entry",
        Needed("collection", Filled),
        Written("scope", Scope, """{"global":true}"""))
    { Kind = MetadataObjectKind.AllowListEntry, IsAlphabetical = true };

    private static readonly ObjectShape RemoteSchemaPermission = new(
        "remote schema permission",
        Needed("role", Filled),
        Needed("definition", new ObjectShape("remote schema permission definition", Needed("schema", GraphQLSchema))),
        Maybe("comment", Shape.Text))
    { Kind = MetadataObjectKind.RemoteSchemaPermission };

    private static readonly ObjectShape RemoteTypeRelationships = new(
        "remote schema relationships",
        Needed("relationships", new ListShape(TableShapes.RemoteRelationship, ListOrder.Set, "name")),
        Needed("type_name", GraphQLName))
    { Kind = MetadataObjectKind.RemoteSchemaRelationship, IsAlphabetical = true };

    private static readonly ObjectShape TypeNames = new("type names", Written("mapping", new MapShape(GraphQLName), "{}"), Maybe("prefix", GraphQLName), Maybe("suffix", GraphQLName)) { IsAlphabetical = true };

    private static readonly ObjectShape RemoteSchema = new(
        "remote schema",
        Needed("name", Filled),
        Needed("definition", new ObjectShape(
            "remote schema definition",
            Maybe("url", Shape.Text),
            Maybe("url_from_env", Shape.Text),
            Maybe("timeout_seconds", Whole),
            Maybe("customization", new ObjectShape(
                "remote schema customization",
                Maybe("field_names", new ListShape(new ObjectShape("field names", Written("mapping", new MapShape(GraphQLName), "{}"), Needed("parent_type", GraphQLName), Maybe("prefix", GraphQLName), Maybe("suffix", GraphQLName)) { IsAlphabetical = true }, ListOrder.Set, "parent_type")),
                Maybe("root_fields_namespace", GraphQLName),
                Maybe("type_names", TypeNames))
            { IsAlphabetical = true }),
            Maybe("headers", TableShapes.Headers, "[]"),
            Maybe("forward_client_headers", Shape.Boolean, "false"))
        { Rules = [ExactlyOne("url", "url_from_env")] }),
        Maybe("comment", Shape.Text),
        Kept("permissions", RemoteSchemaPermission, "role"),
        Kept("remote_relationships", RemoteTypeRelationships, "type_name"))
    { Kind = MetadataObjectKind.RemoteSchema };

    private static readonly ObjectShape Argument = new("argument", Needed("name", GraphQLName), Needed("type", GraphQLType), Maybe("description", Shape.Text));

    private static readonly ObjectShape ActionPermission = new("action permission", Needed("role", Filled), Maybe("comment", Shape.Text)) { Kind = MetadataObjectKind.ActionPermission };

    private static readonly ObjectShape Action = new(
        "action",
        Needed("name", GraphQLName),
        Needed("definition", new ObjectShape(
            "action definition",
            [
                Needed("handler", Shape.Text),
                Needed("output_type", GraphQLType),
                Maybe("forward_client_headers", Shape.Boolean, "false"),
                Maybe("ignored_client_headers", Shape.TextSet),
                Maybe("headers", TableShapes.Headers, "[]"),
                Kept("arguments", Argument, "name"),
                .. TableShapes.Transforms,
                Written("type", OneOf("mutation", "query"), "\"mutation\""),
                Maybe("kind", Shape.Text),
                Maybe("timeout", Whole, "30"),
            ])
        { Rules = [ActionKind] }),
        Maybe("comment", Shape.Text),
        Kept("permissions", ActionPermission, "role"))
    { Kind = MetadataObjectKind.Action };

    /// <summary>A relationship of a custom type to a table.</summary>
    internal static readonly ObjectShape TypeRelationship = new(
        "relationship of a type",
        Needed("field_mapping", new MapShape(Filled)),
        Needed("name", GraphQLName),
        Needed("remote_table", Shape.Name),
        Written("source", Filled, "\"default\""),
        Needed("type", OneOf("object", "array")))
    { IsAlphabetical = true };

    private static readonly ObjectShape Field = new("field", Needed("name", GraphQLName), Needed("type", GraphQLType), Maybe("arguments", Shape.Any), Maybe("description", Shape.Text));

    private static readonly ObjectShape CustomTypes = new(
        "custom types",
        Kept("input_objects", new ObjectShape("input object type", Needed("name", GraphQLName), new Member("fields", new ListShape(Argument, ListOrder.Set, "name")) { IsRequired = true, IsAlwaysWritten = true }, Maybe("description", Shape.Text)) { Kind = MetadataObjectKind.InputObjectType }, "name"),
        Kept("objects", new ObjectShape("object type", Needed("name", GraphQLName), Needed("fields", new ListShape(Field, ListOrder.Set, "name")), Maybe("description", Shape.Text), Maybe("relationships", new ListShape(TypeRelationship, ListOrder.Set, "name"), "[]")) { Kind = MetadataObjectKind.ObjectType }, "name"),
        Kept("scalars", new ObjectShape("scalar type", Needed("name", GraphQLName), Maybe("description", Shape.Text)) { Kind = MetadataObjectKind.ScalarType }, "name"),
        Kept("enums", new ObjectShape("enum type", Needed("name", GraphQLName), Needed("values", new ListShape(new ObjectShape("enum value", Written("description", Shape.Text, null), Written("is_deprecated", Shape.Boolean, null), Needed("value", EnumValue)) { IsAlphabetical = true }, ListOrder.Set, "value")), Maybe("description", Shape.Text)) { Kind = MetadataObjectKind.EnumType }, "name"));

    /// <summary>A cron trigger.</summary>
    internal static readonly ObjectShape CronTrigger = new(
        "cron trigger",
        [
            Needed("name", Filled),
            Needed("webhook", Shape.Text),
            Needed("schedule", Schedule),
            Needed("include_in_metadata", Shape.Boolean),
            Maybe("payload", Shape.Any),
            Maybe("retry_conf", new ObjectShape("retry settings", Written("num_retries", Count, "0"), Written("retry_interval_seconds", Duration, "10"), Written("timeout_seconds", Duration, "60"), Written("tolerance_seconds", Duration, "21600")) { IsAlphabetical = true }, """{"num_retries":0,"retry_interval_seconds":10,"timeout_seconds":60,"tolerance_seconds":21600}"""),
            Maybe("headers", TableShapes.Headers, "[]"),
            Maybe("comment", Shape.Text),
            .. TableShapes.Transforms,
        ])
    { Kind = MetadataObjectKind.CronTrigger };

    private static readonly ObjectShape RestEndpoint = new(
        "REST endpoint",
        Written("comment", Shape.Text, null),
        Needed("definition", new ObjectShape("REST endpoint definition", Needed("query", new ObjectShape("query of a REST endpoint", Needed("collection_name", Filled), Needed("query_name", Filled)) { IsAlphabetical = true })) { IsAlphabetical = true }),
        Needed("methods", new ListShape(OneOf("GET", "POST", "PUT", "DELETE", "PATCH"), ListOrder.Set) { IsFilled = true, IsDistinct = true }),
        Needed("name", Filled),
        Needed("url", EndpointPath))
    { Kind = MetadataObjectKind.RestEndpoint, IsAlphabetical = true };

    private static readonly ObjectShape InheritedRole = new("inherited role", Needed("role_name", Filled), Needed("role_set", RoleSet)) { Kind = MetadataObjectKind.InheritedRole };

    private static readonly ObjectShape Rate = new("rate", Needed("max_reqs_per_min", Whole), Maybe("unique_params", Either("\"IP\", or a list of session variables", n => n.AsText() == "IP", Shape.TextSet)));

    private static readonly ObjectShape ApiLimits = new(
        "API limits",
        Maybe("batch_limit", Limit(Whole)),
        Maybe("depth_limit", Limit(Whole)),
        Written("disabled", Shape.Boolean, "false"),
        Maybe("node_limit", Limit(Whole)),
        Maybe("rate_limit", Limit(new CheckedShape(() => Rate))),
        Maybe("time_limit", Limit(Duration)))
    { Kind = MetadataObjectKind.ApiLimits, IsAlphabetical = true };

    private static readonly ObjectShape Network = new(
        "network settings",
        Maybe("tls_allowlist", new ListShape(new ObjectShape("TLS allow list entry", Needed("host", Filled), Maybe("permissions", new ListShape(OneOf("self-signed"), ListOrder.Set)), Maybe("suffix", Shape.Text)) { IsAlphabetical = true }, ListOrder.Set), "[]"))
    { Kind = MetadataObjectKind.Network, IsAlphabetical = true };

    private static readonly ObjectShape BatchSpanProcessor = new("batch span processor", Maybe("max_export_batch_size", Whole));

    private static readonly Shape Status = new ValueShape("enabled, disabled, or a {{VARIABLE}}", n => n.AsText() is "enabled" or "disabled" || n.AsText()?.Contains("{{", StringComparison.Ordinal) == true);

    private static readonly ObjectShape OpenTelemetry = new(
        "OpenTelemetry settings",
        Written("status", Status, "\"disabled\""),
        Maybe("data_types", new ListShape(OneOf("traces", "metrics", "logs"), ListOrder.Set)),
        Maybe("exporter_otlp", new ObjectShape(
            "OTLP exporter",
            Maybe("headers", TableShapes.Headers),
            Maybe("otlp_logs_endpoint", Shape.Text),
            Maybe("otlp_metrics_endpoint", Shape.Text),
            Maybe("otlp_traces_endpoint", Shape.Text),
            Maybe("protocol", OneOf("http/protobuf")),
            Maybe("resource_attributes", new ListShape(new ObjectShape("resource attribute", Needed("name", Filled), Needed("value", Shape.Text)) { IsAlphabetical = true }, ListOrder.Set)),
            Maybe("traces_propagators", new ListShape(OneOf("b3", "tracecontext"), ListOrder.Sequence)))
        { IsAlphabetical = true }),
        Maybe("batch_span_processor", new CheckedShape(() => BatchSpanProcessor)))
    { Kind = MetadataObjectKind.OpenTelemetry };

    private static readonly ObjectShape Agent = new("agent", Needed("uri", Filled), Maybe("display_name", Shape.Text));

    // What every version may hold beside tables and functions; older ones hold less.
    private static readonly Member[] Common =
    [
        Listed("remote_schemas", RemoteSchema, "name"),
        Listed("query_collections", QueryCollection, "name"),
        Listed("allowlist", AllowListEntry, "collection"),
        Listed("actions", Action, "name"),
        Maybe("custom_types", CustomTypes, "{}"),
        Listed("cron_triggers", CronTrigger, "name"),
    ];

    private static readonly Shape FunctionOrName = Either(Shape.Name, TableShapes.Function);

    /// <summary>Version 1: functions are names.</summary>
    internal static readonly ObjectShape Version1 = new(
        "metadata",
        [Maybe("version", Shape.Number, "1"), Needed("tables", new ListShape(TableShapes.Table, ListOrder.Sorted, "table")), Maybe("functions", new ListShape(Shape.Name, ListOrder.Sorted), "[]"), .. Common, Maybe("query_templates", Shape.Any)])
    { Kind = MetadataObjectKind.Document };

    /// <summary>Version 2: functions are objects.</summary>
    internal static readonly ObjectShape Version2 = new(
        "metadata",
        [Needed("version", Shape.Number), Needed("tables", new ListShape(TableShapes.Table, ListOrder.Sorted, "table")), Listed("functions", TableShapes.Function, "function"), .. Common])
    { Kind = MetadataObjectKind.Document };

    /// <summary>Version 3: tables and functions belong to sources.</summary>
    internal static readonly ObjectShape Version3 = new(
        "metadata",
        [
            Needed("version", Shape.Number),
            Needed("sources", new ListShape(SourceShapes.Source, ListOrder.Sorted, "name")),
            .. Common,
            Maybe("rest_endpoints", new ListShape(RestEndpoint, ListOrder.Sorted, "name") { SortKey = "url" }, "[]"),
            Maybe("api_limits", ApiLimits, """{"disabled":false}"""),
            Maybe("metrics_config", new ObjectShape("metrics settings", Needed("analyze_query_variables", Shape.Boolean), Needed("analyze_response_body", Shape.Boolean)) { Kind = MetadataObjectKind.MetricsConfig, IsAlphabetical = true }, """{"analyze_query_variables":false,"analyze_response_body":false}"""),
            Listed("inherited_roles", InheritedRole, "role_name"),
            Maybe("graphql_schema_introspection", new ObjectShape("introspection settings", Maybe("disabled_for_roles", Shape.TextSet, "[]")) { Kind = MetadataObjectKind.SchemaIntrospection }, "{}"),
            Maybe("network", Network, "{}"),
            Maybe("backend_configs", new ObjectShape("backend settings", Maybe("dataconnector", new MapShape(new CheckedShape(() => Agent)), "{}")) { Kind = MetadataObjectKind.BackendConfigs }, "{}"),
            Maybe("opentelemetry", OpenTelemetry, """{"status":"disabled"}"""),
        ])
    { Kind = MetadataObjectKind.Document };

    /// <summary>The document of a version.</summary>
    internal static ObjectShape Of(int version) => version switch
    {
        1 => Version1,
        2 => Version2,
        _ => Version3,
    };

    private static ObjectShape Limit(Shape value) => new("limit", Maybe("global", value), Written("per_role", new MapShape(value), "{}")) { IsAlphabetical = true };

    // That of a query means nothing, whatever it is.
    private static string? ActionKind(JsonObject action) =>
        action["type"].AsText() == "query" || action["kind"] is null || action["kind"].AsText() is "synchronous" or "asynchronous" ? null : "must have 'kind' synchronous or asynchronous";
}
