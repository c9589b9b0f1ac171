using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Since which version servers have a command; those that are not named came before version 1.3 or have no date.</summary>
internal static class CommandVersions
{
    private static readonly Dictionary<string, string[]> Added = new(StringComparer.Ordinal)
    {
        ["2.0"] =
        [
            "set_table_customization", "create_function_permission", "drop_function_permission", "add_source", "drop_source", "rename_source",
            "update_remote_schema", "add_remote_schema_permissions", "drop_remote_schema_permissions", "create_rest_endpoint", "drop_rest_endpoint",
            "add_inherited_role", "drop_inherited_role", "set_api_limits", "remove_api_limits", "set_metrics_config", "remove_metrics_config",
            "set_graphql_schema_introspection_options", "get_catalog_state", "set_catalog_state", "delete_scheduled_event", "get_scheduled_events",
            "get_event_invocations", "get_scheduled_event_invocations", "dc_add_agent", "dc_delete_agent",
        ],
        ["2.0.8"] = ["add_host_to_tls_allowlist", "drop_host_from_tls_allowlist"],
        ["2.1"] = ["set_function_customization", "set_query_tags", "test_webhook_transform"],
        ["2.2"] = ["get_cron_triggers"],
        ["2.3"] = ["update_scope_of_collection_in_allowlist"],
        ["2.5"] = ["create_remote_schema_remote_relationship", "update_remote_schema_remote_relationship", "delete_remote_schema_remote_relationship"],
        ["2.10"] = ["update_source"],
        ["2.11"] = ["rename_query_collection", "list_source_kinds", "get_source_kind_capabilities", "set_apollo_federation_config"],
        ["2.12"] = ["get_source_tables", "get_table_info"],
        ["2.13"] = ["cleanup_event_trigger_logs", "pause_event_trigger_cleanups", "resume_event_trigger_cleanups"],
        ["2.16"] = ["set_opentelemetry_config", "set_opentelemetry_status"],
        ["2.17"] = ["suggest_relationships", "concurrent_bulk"],
        ["2.18"] =
        [
            "track_logical_model", "untrack_logical_model", "get_logical_model", "create_logical_model_select_permission", "drop_logical_model_select_permission",
            "track_native_query", "untrack_native_query", "get_native_query",
        ],
        ["2.24"] = ["bulk_keep_going"],
        ["2.25"] = ["get_event_logs", "get_event_invocation_logs", "get_event_by_id"],
        ["2.26"] = ["track_tables", "untrack_tables"],
        ["2.27"] = ["get_source_trackables"],
        ["2.28"] = ["bulk_atomic"],
    };

    private static readonly Dictionary<string, Version> Since =
        Added.SelectMany(v => v.Value.Select(name => (Name: name, Version: Version.Parse(v.Key)))).ToDictionary(v => v.Name, v => v.Version, StringComparer.Ordinal);

    // These are named with their version in the envelope, or not at all on /v1/metadata.
    private static readonly HashSet<string> Unprefixed = ["add_existing_table_or_view", "set_table_custom_fields"];

    private static readonly HashSet<string> WithoutFirstVersion = ["set_table_custom_fields"];

    private static readonly Dictionary<string, Version> SecondVersions = new(StringComparer.Ordinal)
    {
        ["track_table"] = new(1, 0),
        ["set_table_custom_fields"] = new(1, 0),
        ["track_function"] = new(1, 3),
        ["replace_metadata"] = new(2, 0),
        ["export_metadata"] = new(2, 0),
    };

    /// <summary>True where servers of the era have the command.</summary>
    /// <param name="era">The era.</param>
    /// <param name="name">The command, without a prefix.</param>
    internal static bool IsKnown(MetadataEra era, string name) => !Since.TryGetValue(name, out var since) || era.Version >= since;

    /// <summary>True where a command of sources is named with a prefix, too.</summary>
    /// <param name="era">The era.</param>
    /// <param name="name">The command, without a prefix.</param>
    internal static bool HasPrefix(MetadataEra era, string name) => !era.IsVersion1 && !Unprefixed.Contains(name);

    /// <summary>True where a command can be sent with this version of its arguments.</summary>
    /// <param name="era">The era.</param>
    /// <param name="name">The command, without a prefix.</param>
    /// <param name="version">1 or 2.</param>
    internal static bool HasVersion(MetadataEra era, string name, int version) =>
        version == 1 ? !WithoutFirstVersion.Contains(name) : SecondVersions.TryGetValue(name, out var since) && era.Version >= since;

    /// <summary>Since when servers have the command; null where they always had it.</summary>
    /// <param name="name">The command, without a prefix.</param>
    internal static string? SinceText(string name) => Since.TryGetValue(name, out var since) ? since.ToString(since.Build < 0 ? 2 : 3) : null;
}
