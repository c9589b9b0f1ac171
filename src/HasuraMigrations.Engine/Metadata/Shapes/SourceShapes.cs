using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using static HasuraMigrations.Engine.Metadata.Shapes.ShapeBuilder;
using static HasuraMigrations.Engine.Metadata.Shapes.ValueShapes;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>A source and what only sources hold.</summary>
internal static class SourceShapes
{
    private static readonly ObjectShape FromVariable = new("reference to a variable", Needed("from_env", Filled)) { IsOpen = true };

    private static readonly Shape VariableOrText = Either("a text, or a map with from_env", n => n.AsText() is not null, FromVariable);

    private static readonly ObjectShape ConnectionParameters = new(
        "connection parameters",
        Needed("database", Shape.Text),
        Needed("host", Shape.Text),
        Maybe("password", Shape.Text),
        Needed("port", Whole),
        Needed("username", Shape.Text));

    private static readonly Shape DatabaseUrl = Either("a text, or a map with from_env, connection_parameters or dynamic_from_file", n => n.AsText() is not null, new ObjectShape(
        "database URL",
        Maybe("connection_parameters", ConnectionParameters),
        Maybe("dynamic_from_file", Filled),
        Maybe("from_env", Filled))
    { Rules = [map => new[] { "from_env", "connection_parameters", "dynamic_from_file" }.Count(k => map[k] is not null) == 1 ? null : "must have exactly one of 'from_env', 'connection_parameters' and 'dynamic_from_file'"] });

    // null says as much as none.
    private static readonly ObjectShape PoolSettings = new(
        "pool settings",
        [.. new[] { "connection_lifetime", "idle_timeout", "max_connections", "pool_timeout", "retries", "total_max_connections" }.Select(k => Maybe(k, Whole))])
    { IsOpen = true };

    private static readonly ObjectShape SslConfiguration = new(
        "SSL configuration",
        Maybe("sslcert", FromVariable),
        Maybe("sslkey", FromVariable),
        Needed("sslmode", OneOf("disable", "allow", "prefer", "require", "verify-ca", "verify-full")),
        Maybe("sslpassword", VariableOrText),
        Maybe("sslrootcert", FromVariable));

    private static readonly ObjectShape HealthCheck = new(
        "health check",
        Needed("interval", Whole),
        Maybe("retries", Whole),
        Maybe("retry_interval", Whole),
        Maybe("test", new ObjectShape("health check test", Maybe("sql", Shape.Text))),
        Maybe("timeout", Whole));

    /// <summary>How PostgreSQL is connected to; other kinds have other settings.</summary>
    internal static readonly ObjectShape ConnectionInfo = new(
        "connection",
        Maybe("database_url", new CheckedShape(() => DatabaseUrl)),
        Given("isolation_level", OneOf("read-committed", "repeatable-read", "serializable"), "\"read-committed\""),
        Maybe("pool_settings", new CheckedShape(() => PoolSettings)),
        Maybe("ssl_configuration", new CheckedShape(() => SslConfiguration)),
        Given("use_prepared_statements", Shape.Boolean, "false"))
    { IsAlphabetical = true, IsOpen = true };

    private static readonly ObjectShape Configuration = new(
        "source configuration",
        Maybe("connection_info", ConnectionInfo),
        Maybe("connection_set", Shape.Any),
        Maybe("connection_template", Shape.Any),
        Maybe("extensions_schema", Shape.Text, "\"public\""),
        Maybe("read_replicas", new CheckedShape(() => new ListShape(ConnectionInfo!, ListOrder.Sequence) { IsFilled = true })))
    { IsAlphabetical = true, IsOpen = true };

    // An empty text adds nothing.
    private static readonly Shape NamePart = new ValueShape("letters, digits and _, and no digit first", n => n.AsText() is { } text && (text.Length == 0 || GraphQLText.IsName(text)));

    private static readonly ObjectShape Customization = new(
        "source customization",
        Maybe("naming_convention", OneOf("hasura-default", "graphql-default")),
        Maybe("root_fields", new ObjectShape("root field names", Maybe("namespace", GraphQLName), Maybe("prefix", NamePart), Maybe("suffix", NamePart)) { IsAlphabetical = true }),
        Maybe("type_names", new ObjectShape("type names", Maybe("prefix", NamePart), Maybe("suffix", NamePart)) { IsAlphabetical = true }))
    { IsAlphabetical = true };

    private static readonly ObjectShape QueryArgument = new("argument of a native query", Maybe("description", Shape.Text), Written("nullable", Shape.Boolean, "false"), Needed("type", Filled)) { IsAlphabetical = true, IsOpen = true };

    private static readonly ObjectShape NativeQuery = new(
        "native query",
        Written("arguments", new MapShape(QueryArgument), "{}"),
        TableShapes.QueryRelationships("array_relationships"),
        Needed("code", Shape.Text),
        Maybe("description", Shape.Text),
        TableShapes.QueryRelationships("object_relationships"),
        Needed("returns", new CheckedShape(() => Returned!)),
        Needed("root_field_name", GraphQLName))
    { Kind = MetadataObjectKind.NativeQuery, IsAlphabetical = true };

    private static readonly ObjectShape StoredProcedure = new(
        "stored procedure",
        Maybe("arguments", Shape.Any),
        Maybe("configuration", Shape.Any),
        Maybe("description", Shape.Text),
        Maybe("returns", Shape.Any),
        Needed("stored_procedure", Shape.Name))
    { Kind = MetadataObjectKind.StoredProcedure, IsAlphabetical = true };

    private static readonly ObjectShape LogicalModelPermission = new(
        "logical model permission",
        Maybe("comment", Shape.Text),
        Needed("permission", new ObjectShape("select permission", Needed("columns", Columns), Needed("filter", Shape.Expression)) { IsAlphabetical = true, IsOpen = true }),
        Needed("role", Filled))
    { Kind = MetadataObjectKind.LogicalModelPermission, IsAlphabetical = true };

    private static readonly Shape FieldType = Either("a text, or a map with scalar, logical_model or array", n => n.AsText() is { Length: > 0 }, new ObjectShape(
        "type of a field",
        Maybe("array", new CheckedShape(() => FieldType!)),
        Maybe("logical_model", Filled),
        Maybe("nullable", Shape.Boolean),
        Maybe("scalar", Filled))
    { IsOpen = true, Rules = [map => new[] { "scalar", "logical_model", "array" }.Count(k => map[k] is not null) == 1 ? null : "must have exactly one of 'scalar', 'logical_model' and 'array'"] });

    private static readonly ObjectShape Field = new("field", Maybe("description", Shape.Text), Needed("name", Filled), Needed("type", new CheckedShape(() => FieldType!))) { IsAlphabetical = true };

    private static readonly ObjectShape LogicalModel = new(
        "logical model",
        Maybe("description", Shape.Text),
        Needed("fields", new ListShape(Field, ListOrder.Set, "name")),
        Needed("name", GraphQLName),
        Listed("select_permissions", LogicalModelPermission, "role"))
    { Kind = MetadataObjectKind.LogicalModel, IsAlphabetical = true };

    // A query may bring its own model.
    private static readonly Shape Returned = Either("the name of a logical model, or a map with its fields", n => n.AsText() is { Length: > 0 }, new ObjectShape("logical model", Needed("fields", new ListShape(Field, ListOrder.Set, "name"))) { IsOpen = true });

    /// <summary>A source.</summary>
    internal static readonly ObjectShape Source = new(
        "source",
        Needed("name", Filled),
        Needed("kind", Filled),
        Needed("tables", new ListShape(TableShapes.Table, ListOrder.Sorted, "table")),
        Listed("functions", TableShapes.Function, "function"),
        Listed("native_queries", NativeQuery, "root_field_name"),
        Listed("stored_procedures", StoredProcedure, "stored_procedure"),
        Listed("logical_models", LogicalModel, "name"),
        Needed("configuration", Configuration),
        Maybe("query_tags", new ObjectShape("query tags", Maybe("disabled", Shape.Boolean, "false"), Maybe("format", OneOf("standard", "standard_prepended", "sqlcommenter")), Maybe("omit_request_id", Shape.Boolean)) { IsAlphabetical = true }),
        Maybe("customization", Customization, "{}"),
        Maybe("health_check", new CheckedShape(() => HealthCheck)))
    {
        Kind = MetadataObjectKind.Source,
        Rules = [NeedsDatabase],
    };

    // What other kinds of databases need, their agents decide.
    private static string? NeedsDatabase(JsonObject source) =>
        source["kind"].AsText() is { } kind && SourceKinds.IsPostgres(kind) && source["configuration"] is JsonObject configuration && configuration["connection_info"].Get("database_url") is null
            ? "must have 'configuration' with 'connection_info' and its 'database_url'"
            : null;
}
