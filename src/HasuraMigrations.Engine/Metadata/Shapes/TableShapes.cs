using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using static HasuraMigrations.Engine.Metadata.Shapes.ShapeBuilder;
using static HasuraMigrations.Engine.Metadata.Shapes.ValueShapes;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>Tables, functions and what hangs on them.</summary>
internal static class TableShapes
{
    private static readonly Shape Header = new ObjectShape("header", Needed("name", Filled), Maybe("value", Shape.Text), Maybe("value_from_env", HeaderVariable))
    {
        IsAlphabetical = true,
        Rules = [ExactlyOne("value", "value_from_env")],
    };

    /// <summary>HTTP headers; a name may come twice.</summary>
    internal static readonly Shape Headers = new ListShape(Header, ListOrder.Set);

    private static readonly Shape Body = Either("a text, or a map with action", n => n.AsText() is not null, new ObjectShape(
        "body",
        Needed("action", OneOf("transform", "remove", "x_www_form_urlencoded")),
        Maybe("form_template", new MapShape(Shape.Text)),
        Maybe("template", Shape.Text))
    {
        Rules =
        [
            NeededWhere(b => b["action"].AsText() == "transform", "template", "where its action is transform"),
            NeededWhere(b => b["action"].AsText() == "x_www_form_urlencoded", "form_template", "where its action is x_www_form_urlencoded"),
        ],
    });

    private static readonly Shape QueryParameters = Either("a text, or a map of texts", n => n.AsText() is not null, new MapShape(Shape.Text));

    private static readonly Shape TransformVersion = new ValueShape("1 or 2", n => n.ToJsonString() is "1" or "2");

    private static readonly ObjectShape RequestTransform = new(
        "request transform",
        Maybe("body", new CheckedShape(() => Body)),
        Maybe("content_type", Shape.Text),
        Maybe("method", Shape.Text),
        Maybe("query_params", new CheckedShape(() => QueryParameters)),
        Maybe("request_headers", new ObjectShape("header changes", Maybe("add_headers", new MapShape(Shape.Text)), Maybe("remove_headers", Shape.TextSet)) { IsAlphabetical = true }),
        Maybe("template_engine", OneOf("Kriti")),
        Maybe("url", Shape.Text),
        Maybe("version", TransformVersion))
    { IsAlphabetical = true, Rules = [BodyOfVersion] };

    private static readonly ObjectShape ResponseTransform = new(
        "response transform",
        Maybe("body", new CheckedShape(() => Body)),
        Maybe("template_engine", OneOf("Kriti")),
        Maybe("version", TransformVersion))
    { IsAlphabetical = true, Rules = [BodyOfVersion] };

    /// <summary>What is done to a request and its answer.</summary>
    internal static readonly Member[] Transforms = [Maybe("request_transform", RequestTransform), Maybe("response_transform", ResponseTransform)];

    private static readonly ListShape ColumnSequence = new(Filled, ListOrder.Sequence) { IsFilled = true };

    private static readonly ObjectShape ForeignKey = new(
        "foreign key",
        Maybe("column", Filled),
        Maybe("columns", Either("a column, or a list of columns", n => n.AsText() is { Length: > 0 }, ColumnSequence)),
        Needed("table", Shape.Name))
    { IsAlphabetical = true, Rules = [ExactlyOne("column", "columns")] };

    // Data connectors take a list of pairs, too.
    private static readonly Shape ColumnMapping = ShapeBuilder.Either(new MapShape(Filled), new ListShape(Shape.Any, ListOrder.Sequence));

    private static readonly ObjectShape ManualConfiguration = new(
        "manual configuration",
        Needed("column_mapping", new CheckedShape(() => ColumnMapping)),
        Written("insertion_order", OneOf("before_parent", "after_parent"), null),
        Maybe("remote_native_query", Filled),
        Maybe("remote_table", Shape.Name))
    { IsAlphabetical = true, Rules = [ExactlyOne("remote_table", "remote_native_query")] };

    private static readonly Shape EitherKey =
        Either("a column, a list of columns, or a map with table and column", n => n is JsonArray { Count: > 0 } list ? list.All(c => c.AsText() is { Length: > 0 }) : n.AsText() is { Length: > 0 }, ForeignKey);

    /// <summary>A table of another source that a relationship leads to.</summary>
    internal static readonly ObjectShape ToSource = new(
        "target of a remote relationship",
        Needed("field_mapping", new MapShape(Filled)),
        Needed("relationship_type", OneOf("object", "array")),
        Needed("source", Filled),
        Needed("table", Shape.Name))
    { IsAlphabetical = true };

    private static readonly ObjectShape RemoteFieldCall = new("field of a remote schema", Needed("arguments", new MapShape(Shape.Any)), Maybe("field", new CheckedShape(() => RemoteField!)));

    // A way through a remote schema, field by field.
    private static readonly MapShape RemoteField = new(RemoteFieldCall) { IsOfOne = true };

    private static readonly ObjectShape ToRemoteSchema = new(
        "target of a remote relationship",
        Needed("lhs_fields", Shape.TextSet),
        Needed("remote_field", new CheckedShape(() => RemoteField)),
        Needed("remote_schema", Filled))
    { IsAlphabetical = true };

    private static readonly ObjectShape RemoteDefinition = new(
        "remote relationship definition",
        Maybe("hasura_fields", Shape.TextSet),
        Maybe("remote_field", new CheckedShape(() => RemoteField)),
        Maybe("remote_schema", Filled),
        Maybe("to_remote_schema", ToRemoteSchema),
        Maybe("to_source", ToSource))
    { IsAlphabetical = true, Rules = [OneTarget] };

    /// <summary>A relationship that leaves the source.</summary>
    internal static readonly ObjectShape RemoteRelationship =
        new("remote relationship", Needed("definition", RemoteDefinition), Needed("name", Filled)) { IsAlphabetical = true, Kind = MetadataObjectKind.RemoteRelationship };

    private static readonly Shape ValidateInput = new ObjectShape(
        "input validation",
        Needed("definition", new ObjectShape(
            "input validation definition",
            Written("forward_client_headers", Shape.Boolean, "false"),
            Written("headers", Headers, "[]"),
            Written("timeout", Whole, "10"),
            Needed("url", Shape.Text))
        { IsAlphabetical = true }),
        Needed("type", OneOf("http")))
    { IsAlphabetical = true };

    private static readonly Member BackendOnly = Maybe("backend_only", Shape.Boolean, "false");
    private static readonly Member Set = Maybe("set", new MapShape(Shape.Any), "{}");
    private static readonly Member Validate = Maybe("validate_input", ValidateInput);

    private static readonly Shape ListenedColumns = Either("a list of columns, or \"*\" for all", n => n.AsText() == "*", new ListShape(Filled, ListOrder.Set) { IsFilled = true });

    private static readonly ObjectShape Operation = new("event", Needed("columns", ListenedColumns), Maybe("payload", ListenedColumns)) { IsAlphabetical = true };

    /// <summary>What an event trigger listens to.</summary>
    internal static readonly ObjectShape Triggers = new(
        "event trigger definition",
        Maybe("delete", Operation),
        Given("enable_manual", Shape.Boolean, "false"),
        Maybe("insert", Operation),
        Maybe("update", Operation))
    { IsAlphabetical = true };

    private static readonly ObjectShape RetryConf = new(
        "retry settings",
        Written("interval_sec", Whole, "10"),
        Written("num_retries", Whole, "0"),
        Written("timeout_sec", Whole, "60"))
    { IsAlphabetical = true };

    private static readonly ObjectShape CleanupConfig = new(
        "clean-up settings",
        Written("batch_size", Whole, "10000"),
        Written("clean_invocation_logs", Shape.Boolean, "false"),
        Needed("clear_older_than", Whole),
        Written("paused", Shape.Boolean, "false"),
        Needed("schedule", Schedule),
        Written("timeout", Whole, "60"))
    { IsAlphabetical = true };

    private static readonly ObjectShape EventTrigger = new(
        "event trigger",
        [
            Needed("name", Filled),
            Needed("definition", Triggers),
            Written("retry_conf", RetryConf, """{"interval_sec":10,"num_retries":0,"timeout_sec":60}"""),
            Maybe("webhook", Shape.Text),
            Maybe("webhook_from_env", Shape.Text),
            Maybe("headers", Headers, "[]"),
            .. Transforms,
            Maybe("cleanup_config", CleanupConfig),
            Maybe("trigger_on_replication", Shape.Boolean),
        ])
    { Kind = MetadataObjectKind.EventTrigger, Rules = [ExactlyOne("webhook", "webhook_from_env")] };

    private static readonly Shape RootField = ShapeBuilder.Either(GraphQLName, new ObjectShape("root field", Maybe("comment", Shape.Text), Written("name", GraphQLName, null)) { IsAlphabetical = true });

    private static readonly ObjectShape Configuration = new(
        "table configuration",
        Written("column_config", new MapShape(new ObjectShape("column configuration", Maybe("comment", Shape.Text), Maybe("custom_name", GraphQLName)) { IsAlphabetical = true }), "{}"),
        Maybe("comment", Shape.Text),
        Written("custom_column_names", new MapShape(GraphQLName), "{}"),
        Maybe("custom_name", GraphQLName),
        Written("custom_root_fields", RootFields("insert", "select", "update", "delete", "insert_one", "select_by_pk", "select_aggregate", "select_stream", "update_by_pk", "update_many", "delete_by_pk"), "{}"))
    { IsAlphabetical = true };

    private static readonly ObjectShape ComputedFieldDefinition = new(
        "computed field definition",
        Maybe("argument_mapping", new MapShape(Shape.Any)),
        Needed("function", Shape.Name),
        Maybe("return_table", Shape.Name),
        Maybe("session_argument", Shape.Text),
        Maybe("table_argument", Shape.Text))
    { IsAlphabetical = true };

    private static readonly ObjectShape ComputedField = new(
        "computed field",
        Needed("name", Filled),
        Needed("definition", ComputedFieldDefinition),
        Maybe("comment", Shape.Text))
    { Kind = MetadataObjectKind.ComputedField };

    private static readonly ObjectShape Federation = new("federation settings", Needed("enable", OneOf("v1"))) { IsOpen = true };

    private static readonly ListShape QueryRoots = new(OneOf("select", "select_by_pk", "select_aggregate"), ListOrder.Set);
    private static readonly ListShape SubscriptionRoots = new(OneOf("select", "select_by_pk", "select_aggregate", "select_stream"), ListOrder.Set);

    /// <summary>A table.</summary>
    internal static readonly ObjectShape Table = new(
        "table",
        Needed("table", Shape.Name),
        Maybe("is_enum", Shape.Boolean, "false"),
        Maybe("configuration", Configuration, """{"column_config":{},"custom_column_names":{},"custom_root_fields":{}}"""),
        Listed("object_relationships", Relationship("object relationship", MetadataObjectKind.ObjectRelationship, EitherKey), "name"),
        Listed("array_relationships", Relationship("array relationship", MetadataObjectKind.ArrayRelationship, ForeignKey), "name"),
        Listed("computed_fields", ComputedField, "name"),
        Listed("remote_relationships", RemoteRelationship, "name"),
        Listed("insert_permissions", Permission(MetadataObjectKind.InsertPermission, "insert", Needed("check", Shape.Expression), Set, Maybe("columns", Columns), BackendOnly, Validate), "role"),
        Listed("select_permissions", Permission(MetadataObjectKind.SelectPermission, "select", Needed("columns", Columns), Maybe("computed_fields", Shape.TextSet, "[]"), Needed("filter", Shape.Expression), Maybe("limit", Whole), Maybe("allow_aggregations", Shape.Boolean, "false"), Maybe("query_root_fields", QueryRoots), Maybe("subscription_root_fields", SubscriptionRoots)), "role"),
        Listed("update_permissions", Permission(MetadataObjectKind.UpdatePermission, "update", Needed("columns", Columns), Needed("filter", Shape.Expression), Written("check", Shape.Expression, null), Set, BackendOnly, Validate), "role"),
        Listed("delete_permissions", Permission(MetadataObjectKind.DeletePermission, "delete", Needed("filter", Shape.Expression), BackendOnly, Validate), "role"),
        Listed("event_triggers", EventTrigger, "name"),
        Maybe("apollo_federation_config", new CheckedShape(() => Federation)),
        Maybe("logical_model", Shape.Text))
    { Kind = MetadataObjectKind.Table, RefusesUnknownKeys = true };

    private static readonly ObjectShape Response = new("response", Maybe("table", Shape.Name), Needed("type", OneOf("table", "inferred"))) { Rules = [NeededWhere(r => r["type"].AsText() == "table", "table", "where its type is table")] };

    private static readonly ObjectShape FunctionConfiguration = new(
        "function configuration",
        Maybe("custom_name", GraphQLName),
        Written("custom_root_fields", RootFields("function", "function_aggregate"), "{}"),
        Maybe("exposed_as", OneOf("query", "mutation")),
        Maybe("response", new CheckedShape(() => Response)),
        Maybe("session_argument", Shape.Text))
    { IsAlphabetical = true };

    private static readonly ObjectShape FunctionPermission = new("function permission", Needed("role", Filled)) { Kind = MetadataObjectKind.FunctionPermission };

    /// <summary>A function.</summary>
    internal static readonly ObjectShape Function = new(
        "function",
        Needed("function", Shape.Name),
        Maybe("configuration", FunctionConfiguration, """{"custom_root_fields":{}}"""),
        Kept("permissions", FunctionPermission, "role"),
        Maybe("comment", Shape.Text))
    { Kind = MetadataObjectKind.Function };

    /// <summary>A relationship of a native query.</summary>
    internal static Member QueryRelationships(string name) => Maybe(name, new ListShape(
        new ObjectShape("relationship", Needed("name", Filled), Needed("using", ManualConfiguration)) { IsAlphabetical = true },
        ListOrder.Sorted,
        "name"));

    private static ObjectShape Using(Shape key) => new(
        "relationship definition",
        Maybe("foreign_key_constraint_on", key),
        Maybe("manual_configuration", ManualConfiguration))
    { IsAlphabetical = true, Rules = [ExactlyOne("foreign_key_constraint_on", "manual_configuration")] };

    private static ObjectShape Relationship(string noun, MetadataObjectKind kind, Shape key) => new(
        noun,
        Needed("name", Filled),
        Needed("using", Using(key)),
        Maybe("comment", Shape.Text))
    { Kind = kind };

    private static ObjectShape Permission(MetadataObjectKind kind, string verb, params Member[] members) => new(
        $"{verb} permission",
        Needed("role", Filled),
        Needed("permission", new ObjectShape($"{verb} permission", members) { IsRepeated = true }),
        Maybe("comment", Shape.Text))
    { Kind = kind };

    private static string? OneTarget(JsonObject definition)
    {
        var isOld = definition["remote_schema"] is not null || definition["remote_field"] is not null || definition["hasura_fields"] is not null;
        return (definition["to_source"] is null ? 0 : 1) + (definition["to_remote_schema"] is null ? 0 : 1) + (isOld ? 1 : 0) != 1 ? "must have exactly one of 'to_source', 'to_remote_schema' and the old form with 'remote_schema'"
            : isOld && (definition["remote_schema"] is null || definition["remote_field"] is null || definition["hasura_fields"] is null) ? "must have 'remote_schema', 'hasura_fields' and 'remote_field'"
            : null;
    }

    // Version 1 is a text, version 2 a map.
    private static string? BodyOfVersion(JsonObject transform) =>
        transform["body"] is not { } body || (transform["version"]?.ToJsonString() == "2") == body is JsonObject ? null : $"must have a 'body' that is {(body is JsonObject ? "a text in version 1" : "a map in version 2")}";

    private static ObjectShape RootFields(params string[] names) =>
        new("root fields", [.. names.Order(StringComparer.Ordinal).Select(n => Maybe(n, RootField))]) { IsAlphabetical = true };
}
