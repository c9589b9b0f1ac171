using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>
/// Tables that servers of version 1 track themselves, so that their console and CLI can query the catalog (Hasura 1.3.3, system
/// metadata). No document contains them.
/// </summary>
internal static class SystemTables
{
    private static readonly HashSet<string> InformationSchema = ["tables", "schemata", "views", "columns"];

    private static readonly HashSet<string> Catalog =
    [
        "hdb_table", "hdb_primary_key", "hdb_foreign_key_constraint", "hdb_relationship", "hdb_permission_agg", "hdb_computed_field",
        "hdb_check_constraint", "hdb_unique_constraint", "hdb_remote_relationship", "event_triggers", "event_log", "event_invocation_logs",
        "hdb_function", "hdb_function_agg", "remote_schemas", "hdb_version", "hdb_query_collection", "hdb_allowlist", "hdb_custom_types",
        "hdb_action_permission", "hdb_action", "hdb_action_log", "hdb_role", "hdb_cron_triggers", "hdb_cron_events",
        "hdb_cron_event_invocation_logs", "hdb_scheduled_events", "hdb_scheduled_event_invocation_logs",
    ];

    /// <summary>True for a table that a server of this era tracks itself.</summary>
    internal static bool Contains(MetadataEra era, QualifiedName table) =>
        era.IsVersion1 && table.Schema switch
        {
            "hdb_catalog" => Catalog.Contains(table.Name),
            "information_schema" => InformationSchema.Contains(table.Name),
            _ => false,
        };
}
