using static HasuraMigrations.Engine.Metadata.Shapes.ShapeWords;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>Tables, functions and what hangs on them.</summary>
internal static class TableShapes
{
    private static readonly Shape Header = new ObjectShape("header", Needed("name", Shape.Text), Maybe("value", Shape.Text), Maybe("value_from_env", Shape.Text)) { IsAlphabetical = true };

    /// <summary>HTTP headers; a name may come twice.</summary>
    internal static readonly Shape Headers = new ListShape(Header, ListOrder.Set);

    private static readonly Shape Columns = Either(Shape.Text, Shape.TextSet);

    private static readonly ObjectShape RequestTransform = new(
        "request transform",
        Maybe("body", Shape.Any),
        Maybe("content_type", Shape.Text),
        Maybe("method", Shape.Text),
        Maybe("query_params", Shape.Any),
        Maybe("request_headers", new ObjectShape("header changes", Maybe("add_headers", new MapShape(Shape.Text)), Maybe("remove_headers", Shape.TextSet)) { IsAlphabetical = true }),
        Maybe("template_engine", Shape.Text),
        Maybe("url", Shape.Text),
        Maybe("version", Shape.Number))
    { IsAlphabetical = true };

    private static readonly ObjectShape ResponseTransform = new(
        "response transform",
        Maybe("body", Shape.Any),
        Maybe("template_engine", Shape.Text),
        Maybe("version", Shape.Number))
    { IsAlphabetical = true };

    /// <summary>What is done to a request and its answer.</summary>
    internal static readonly Member[] Transforms = [Maybe("request_transform", RequestTransform), Maybe("response_transform", ResponseTransform)];

    private static readonly ObjectShape ForeignKey = new(
        "foreign key",
        Maybe("column", Shape.Text),
        Maybe("columns", Either(Shape.Text, Shape.TextSequence)),
        Needed("table", Shape.Name))
    { IsAlphabetical = true };

    private static readonly ObjectShape ManualConfiguration = new(
        "manual configuration",
        Needed("column_mapping", Shape.Any),
        Written("insertion_order", Shape.Text, null),
        Maybe("remote_native_query", Shape.Text),
        Maybe("remote_table", Shape.Name))
    { IsAlphabetical = true };

    private static readonly ObjectShape Using = new(
        "relationship definition",
        Maybe("foreign_key_constraint_on", Either(Shape.Any, ForeignKey)),
        Maybe("manual_configuration", ManualConfiguration))
    { IsAlphabetical = true };

    private static readonly ObjectShape ToSource = new(
        "target of a remote relationship",
        Needed("field_mapping", new MapShape(Shape.Any)),
        Needed("relationship_type", Shape.Text),
        Needed("source", Shape.Text),
        Needed("table", Shape.Name))
    { IsAlphabetical = true };

    private static readonly ObjectShape ToRemoteSchema = new(
        "target of a remote relationship",
        Maybe("lhs_fields", Shape.TextSet),
        Needed("remote_field", Shape.Any),
        Needed("remote_schema", Shape.Text))
    { IsAlphabetical = true };

    private static readonly ObjectShape RemoteDefinition = new(
        "remote relationship definition",
        Maybe("hasura_fields", Shape.TextSet),
        Maybe("remote_field", Shape.Any),
        Maybe("remote_schema", Shape.Text),
        Maybe("to_remote_schema", ToRemoteSchema),
        Maybe("to_source", ToSource))
    { IsAlphabetical = true };

    /// <summary>A relationship that leaves the source.</summary>
    internal static readonly ObjectShape RemoteRelationship =
        new("remote relationship", Needed("definition", RemoteDefinition), Needed("name", Shape.Text)) { IsAlphabetical = true, Kind = MetadataObjectKind.RemoteRelationship };

    private static readonly Shape ValidateInput = new ObjectShape(
        "input validation",
        Needed("definition", new ObjectShape(
            "input validation definition",
            Written("forward_client_headers", Shape.Boolean, "false"),
            Written("headers", Headers, "[]"),
            Written("timeout", Shape.Number, "10"),
            Needed("url", Shape.Text))
        { IsAlphabetical = true }),
        Needed("type", Shape.Text))
    { IsAlphabetical = true };

    private static readonly Member BackendOnly = Maybe("backend_only", Shape.Boolean, "false");
    private static readonly Member Set = Maybe("set", new MapShape(Shape.Any), "{}");
    private static readonly Member Validate = Maybe("validate_input", ValidateInput);

    private static readonly ObjectShape Operation = new("event", Needed("columns", Columns), Maybe("payload", Columns)) { IsAlphabetical = true };

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
        Written("interval_sec", Shape.Number, "10"),
        Written("num_retries", Shape.Number, "0"),
        Written("timeout_sec", Shape.Number, "60"))
    { IsAlphabetical = true };

    private static readonly ObjectShape CleanupConfig = new(
        "clean-up settings",
        Written("batch_size", Shape.Number, "10000"),
        Written("clean_invocation_logs", Shape.Boolean, "false"),
        Needed("clear_older_than", Shape.Number),
        Written("paused", Shape.Boolean, "false"),
        Needed("schedule", Shape.Text),
        Written("timeout", Shape.Number, "60"))
    { IsAlphabetical = true };

    private static readonly ObjectShape EventTrigger = new(
        "event trigger",
        [
            Needed("name", Shape.Text),
            Needed("definition", Triggers),
            Written("retry_conf", RetryConf, """{"interval_sec":10,"num_retries":0,"timeout_sec":60}"""),
            Maybe("webhook", Shape.Text),
            Maybe("webhook_from_env", Shape.Text),
            Maybe("headers", Headers, "[]"),
            .. Transforms,
            Maybe("cleanup_config", CleanupConfig),
            Maybe("trigger_on_replication", Shape.Boolean),
        ])
    { Kind = MetadataObjectKind.EventTrigger };

    private static readonly Shape RootField = Either(Shape.Text, new ObjectShape("root field", Maybe("comment", Shape.Text), Maybe("name", Shape.Text)) { IsAlphabetical = true });

    private static readonly ObjectShape Configuration = new(
        "table configuration",
        Written("column_config", new MapShape(new ObjectShape("column configuration", Maybe("comment", Shape.Text), Maybe("custom_name", Shape.Text)) { IsAlphabetical = true }), "{}"),
        Maybe("comment", Shape.Text),
        Written("custom_column_names", new MapShape(Shape.Text), "{}"),
        Maybe("custom_name", Shape.Text),
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
        Needed("name", Shape.Text),
        Needed("definition", ComputedFieldDefinition),
        Maybe("comment", Shape.Text))
    { Kind = MetadataObjectKind.ComputedField };

    /// <summary>A table.</summary>
    internal static readonly ObjectShape Table = new(
        "table",
        Needed("table", Shape.Name),
        Maybe("is_enum", Shape.Boolean, "false"),
        Maybe("configuration", Configuration, """{"column_config":{},"custom_column_names":{},"custom_root_fields":{}}"""),
        Listed("object_relationships", Relationship("object relationship", MetadataObjectKind.ObjectRelationship), "name"),
        Listed("array_relationships", Relationship("array relationship", MetadataObjectKind.ArrayRelationship), "name"),
        Listed("computed_fields", ComputedField, "name"),
        Listed("remote_relationships", RemoteRelationship, "name"),
        Listed("insert_permissions", Permission(MetadataObjectKind.InsertPermission, "insert", Needed("check", Shape.Expression), Set, Maybe("columns", Columns), BackendOnly, Validate), "role"),
        Listed("select_permissions", Permission(MetadataObjectKind.SelectPermission, "select", Needed("columns", Columns), Maybe("computed_fields", Shape.TextSet, "[]"), Needed("filter", Shape.Expression), Maybe("limit", Shape.Number), Maybe("allow_aggregations", Shape.Boolean, "false"), Maybe("query_root_fields", Shape.TextSet), Maybe("subscription_root_fields", Shape.TextSet)), "role"),
        Listed("update_permissions", Permission(MetadataObjectKind.UpdatePermission, "update", Needed("columns", Columns), Needed("filter", Shape.Expression), Written("check", Shape.Expression, null), Set, BackendOnly, Validate), "role"),
        Listed("delete_permissions", Permission(MetadataObjectKind.DeletePermission, "delete", Needed("filter", Shape.Expression), BackendOnly, Validate), "role"),
        Listed("event_triggers", EventTrigger, "name"),
        Maybe("apollo_federation_config", Shape.Any),
        Maybe("logical_model", Shape.Text))
    { Kind = MetadataObjectKind.Table, RefusesUnknownKeys = true };

    private static readonly ObjectShape FunctionConfiguration = new(
        "function configuration",
        Maybe("custom_name", Shape.Text),
        Written("custom_root_fields", RootFields("function", "function_aggregate"), "{}"),
        Maybe("exposed_as", Shape.Text),
        Maybe("response", Shape.Any),
        Maybe("session_argument", Shape.Text))
    { IsAlphabetical = true };

    private static readonly ObjectShape FunctionPermission = new("function permission", Needed("role", Shape.Text)) { Kind = MetadataObjectKind.FunctionPermission };

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
        new ObjectShape("relationship", Needed("name", Shape.Text), Needed("using", ManualConfiguration)) { IsAlphabetical = true },
        ListOrder.Sorted,
        "name"));

    private static ObjectShape Relationship(string noun, MetadataObjectKind kind) => new(
        noun,
        Needed("name", Shape.Text),
        Needed("using", Using),
        Maybe("comment", Shape.Text))
    { Kind = kind };

    private static ObjectShape Permission(MetadataObjectKind kind, string verb, params Member[] members) => new(
        $"{verb} permission",
        Needed("role", Shape.Text),
        Needed("permission", new ObjectShape($"{verb} permission", members)),
        Maybe("comment", Shape.Text))
    { Kind = kind };

    private static ObjectShape RootFields(params string[] names) =>
        new("root fields", [.. names.Order(StringComparer.Ordinal).Select(n => Maybe(n, RootField))]) { IsAlphabetical = true };
}
