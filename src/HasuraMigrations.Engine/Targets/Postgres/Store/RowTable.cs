namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>A table of the catalog of servers of version 1 that holds metadata, and how its rows are read and written.</summary>
/// <param name="Name">Name in schema hdb_catalog.</param>
/// <param name="Columns">Columns that hold metadata, with their types.</param>
/// <param name="Order">
/// Columns that rows are sorted by, in the collation of the database, as exports of such servers are; empty where they come in
/// the order of the table.
/// </param>
/// <param name="OnlyUser">The condition that leaves out rows of the system; null where there are none.</param>
internal sealed record RowTable(string Name, (string Column, string Type)[] Columns, string[] Order, string? OnlyUser = null)
{
    internal static readonly RowTable Tables = new("hdb_table", [("table_schema", "name"), ("table_name", "name"), ("is_enum", "boolean"), ("configuration", "jsonb")], ["table_schema", "table_name"], "is_system_defined");
    internal static readonly RowTable Relationships = new("hdb_relationship", [("table_schema", "name"), ("table_name", "name"), ("rel_name", "text"), ("rel_type", "text"), ("rel_def", "jsonb"), ("comment", "text")], ["table_schema", "table_name", "rel_name"], "is_system_defined");
    internal static readonly RowTable ComputedFields = new("hdb_computed_field", [("table_schema", "text"), ("table_name", "text"), ("computed_field_name", "text"), ("definition", "jsonb"), ("comment", "text")], []);
    internal static readonly RowTable RemoteRelationships = new("hdb_remote_relationship", [("table_schema", "name"), ("table_name", "name"), ("remote_relationship_name", "text"), ("definition", "jsonb")], []);
    internal static readonly RowTable Permissions = new("hdb_permission", [("table_schema", "name"), ("table_name", "name"), ("role_name", "text"), ("perm_type", "text"), ("perm_def", "jsonb"), ("comment", "text")], ["table_schema", "table_name", "role_name", "perm_type"], "is_system_defined");
    internal static readonly RowTable EventTriggers = new("event_triggers", [("schema_name", "text"), ("table_name", "text"), ("name", "text"), ("type", "text"), ("configuration", "json"), ("comment", "text")], ["schema_name", "table_name", "name"]);
    internal static readonly RowTable Functions = new("hdb_function", [("function_schema", "text"), ("function_name", "text"), ("configuration", "jsonb")], ["function_schema", "function_name"], "is_system_defined");
    internal static readonly RowTable RemoteSchemas = new("remote_schemas", [("name", "text"), ("definition", "json"), ("comment", "text")], ["name"]);
    internal static readonly RowTable Collections = new("hdb_query_collection", [("collection_name", "text"), ("collection_defn", "jsonb"), ("comment", "text")], ["collection_name"], "is_system_defined");
    internal static readonly RowTable AllowList = new("hdb_allowlist", [("collection_name", "text")], ["collection_name"]);
    internal static readonly RowTable CustomTypes = new("hdb_custom_types", [("custom_types", "jsonb")], []);
    internal static readonly RowTable Actions = new("hdb_action", [("action_name", "text"), ("action_defn", "jsonb"), ("comment", "text")], [], "is_system_defined");
    internal static readonly RowTable ActionPermissions = new("hdb_action_permission", [("action_name", "text"), ("role_name", "text"), ("definition", "jsonb"), ("comment", "text")], []);
    internal static readonly RowTable CronTriggers = new("hdb_cron_triggers", [("name", "text"), ("webhook_conf", "json"), ("cron_schedule", "text"), ("payload", "json"), ("retry_conf", "json"), ("header_conf", "json"), ("include_in_metadata", "boolean"), ("comment", "text")], []);

    /// <summary>All of them, each behind those it refers to.</summary>
    internal static readonly RowTable[] All = [Tables, Relationships, ComputedFields, RemoteRelationships, Permissions, EventTriggers, Functions, Collections, AllowList, RemoteSchemas, CustomTypes, Actions, ActionPermissions, CronTriggers];

    // A server reads rows of users with "= false" and deletes them with "<> true" (Hasura 1.3). Null would be neither, so rows are always
    // inserted with false.
    internal string Select =>
        $"SELECT {string.Join(", ", Columns.Select(c => $"{c.Column}::pg_catalog.text"))} FROM hdb_catalog.{Name}"
        + (OnlyUser is null ? "" : $" WHERE {OnlyUser} = false")
        + (Order.Length == 0 ? "" : $" ORDER BY {string.Join(", ", Order)}");

    internal string DeleteAll => $"DELETE FROM hdb_catalog.{Name}{(OnlyUser is null ? "" : $" WHERE {OnlyUser} <> true")}";

    /// <summary>Inserts rows that come as one list of texts for each column.</summary>
    internal string Insert =>
        $"INSERT INTO hdb_catalog.{Name} ({string.Join(", ", Columns.Select(c => c.Column))}{(OnlyUser is null ? "" : $", {OnlyUser}")}) "
        // "boolean" is a keyword of the grammar; in pg_catalog the type is named bool.
        + $"SELECT {string.Join(", ", Columns.Select((c, i) => $"u.c{i}::pg_catalog.{(c.Type == "boolean" ? "bool" : c.Type)}"))}{(OnlyUser is null ? "" : ", false")} "
        // One array for each column, for any number of rows; parameters are limited to 65,535 (PostgreSQL manual, PostgreSQL Limits).
        + $"FROM ROWS FROM ({string.Join(", ", Columns.Select((_, i) => $"pg_catalog.unnest(${i + 1}::pg_catalog.text[])"))}) AS u({string.Join(", ", Columns.Select((_, i) => $"c{i}"))})";
}
