using static HasuraMigrations.Engine.Metadata.Shapes.ShapeWords;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>A source and what only sources hold.</summary>
internal static class SourceShapes
{
    private static readonly ObjectShape ConnectionInfo = new(
        "connection",
        Maybe("database_url", Shape.Any),
        Given("isolation_level", Shape.Text, "\"read-committed\""),
        Maybe("pool_settings", Shape.Any),
        Maybe("ssl_configuration", Shape.Any),
        Given("use_prepared_statements", Shape.Boolean, "false"))
    { IsAlphabetical = true, IsOpen = true };

    private static readonly ObjectShape Configuration = new(
        "source configuration",
        Maybe("connection_info", ConnectionInfo),
        Maybe("connection_set", Shape.Any),
        Maybe("connection_template", Shape.Any),
        Maybe("extensions_schema", Shape.Text, "\"public\""),
        Maybe("read_replicas", Shape.Any))
    { IsAlphabetical = true, IsOpen = true };

    private static readonly ObjectShape Customization = new(
        "source customization",
        Maybe("naming_convention", Shape.Text),
        Maybe("root_fields", new ObjectShape("root field names", Maybe("namespace", Shape.Text), Maybe("prefix", Shape.Text), Maybe("suffix", Shape.Text)) { IsAlphabetical = true }),
        Maybe("type_names", new ObjectShape("type names", Maybe("prefix", Shape.Text), Maybe("suffix", Shape.Text)) { IsAlphabetical = true }))
    { IsAlphabetical = true };

    private static readonly ObjectShape NativeQuery = new(
        "native query",
        Written("arguments", new MapShape(Shape.Any), "{}"),
        TableShapes.QueryRelationships("array_relationships"),
        Needed("code", Shape.Text),
        Maybe("description", Shape.Text),
        TableShapes.QueryRelationships("object_relationships"),
        Needed("returns", Shape.Any),
        Needed("root_field_name", Shape.Text))
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
        Needed("permission", new ObjectShape("select permission", Needed("columns", Either(Shape.Text, Shape.TextSet)), Needed("filter", Shape.Expression)) { IsAlphabetical = true, IsOpen = true }),
        Needed("role", Shape.Text))
    { Kind = MetadataObjectKind.LogicalModelPermission, IsAlphabetical = true };

    private static readonly ObjectShape LogicalModel = new(
        "logical model",
        Maybe("description", Shape.Text),
        Needed("fields", new ListShape(new ObjectShape("field", Maybe("description", Shape.Text), Needed("name", Shape.Text), Needed("type", Shape.Any)) { IsAlphabetical = true }, ListOrder.Set, "name")),
        Needed("name", Shape.Text),
        Listed("select_permissions", LogicalModelPermission, "role"))
    { Kind = MetadataObjectKind.LogicalModel, IsAlphabetical = true };

    /// <summary>A source.</summary>
    internal static readonly ObjectShape Source = new(
        "source",
        Needed("name", Shape.Text),
        Needed("kind", Shape.Text),
        Needed("tables", new ListShape(TableShapes.Table, ListOrder.Sorted, "table")),
        Listed("functions", TableShapes.Function, "function"),
        Listed("native_queries", NativeQuery, "root_field_name"),
        Listed("stored_procedures", StoredProcedure, "stored_procedure"),
        Listed("logical_models", LogicalModel, "name"),
        Needed("configuration", Configuration),
        Maybe("query_tags", new ObjectShape("query tags", Maybe("disabled", Shape.Boolean, "false"), Maybe("format", Shape.Text), Maybe("omit_request_id", Shape.Boolean)) { IsAlphabetical = true }),
        Maybe("customization", Customization, "{}"),
        Maybe("health_check", Shape.Any))
    { Kind = MetadataObjectKind.Source };
}
