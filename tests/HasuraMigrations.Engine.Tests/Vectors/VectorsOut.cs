using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Tests.Vectors;

/// <summary>Cases that are not run, each with its reason.</summary>
internal static class VectorsOut
{
    /// <summary>Such cases run where the server has the extension.</summary>
    internal const string NoPostGis = "The server has no PostGIS.";

    private const string Remote = "Remote schemas are not introspected.";
    private const string Transforms = "Templates of webhooks are not evaluated.";
    private const string Internal = "The internal state of a server is its own.";
    private const string Stale = "The expectation contradicts what is known of servers of this version.";

    private static readonly (string Flag, string Reason)[] ByFlag =
    [
        ("postgis", NoPostGis),
        ("needs-pg_dump", "The text of pg_dump depends on its version."),
    ];

    private static readonly (string End, string Reason)[] ByEnd =
    [
        ("horizontal_scale/basic/steps.yaml", "It talks to two servers at once."),
        ("remote_schemas/permissions/inheritance/conflicting_parent_permissions.yaml", Remote),
        ("remote_schemas/validation/interface_field_validation.yaml", Remote),
        ("metadata/dump_internal_state.yaml", Internal),
        ("v1/metadata/pg_add_source_with_parameters.yaml", "It names a database at an address."),
        ("v2.0/v1/metadata_order/export_metadata.yaml", Stale),
        ("v2.48/v1/metadata_order/export_metadata.yaml", Stale),
        ("v2.48/v1/metadata/export_metadata.yaml", Stale),
        ("v2.0/v1/set_table_configuration/rename_original_table_with_identifier.yaml", "Servers have no command set_table_configuration."),
        ("v2.0/inconsistent_objects/test.yaml", Stale),
        ("v2.0/query_cache/setup.yaml", "Its teardown is not valid SQL."),
        ("v1.3.3/remote_schemas/remote_relationships/drop_table_with_remote_rel_dependency.yaml", Stale),
        ("v2.48/graphql_query/basic/select_query_user_col_change_postgres.yaml", "It needs the locale en_US.utf-8."),
        ("event_triggers/data_format/setup.yaml", NoPostGis),
        ("v2.48/graphql_validation/setup.yaml", NoPostGis),
    ];

    private static readonly (string Part, string Reason)[] ByPart =
    [
        ("/remote_schemas/add_remote_schema_err_", Remote),
        ("/remote_schemas/add_remote_schema_iface_err_", Remote),
        ("/remote_schemas/add_remote_schema_with_iface_err_", Remote),
        ("/remote_schemas/add_remote_schema_with_union_err_", Remote),
        ("/remote_schemas/permissions/role_based_schema_", Remote),
        ("/metadata/test_webhook_transform_", Transforms),
        ("v2.48/endpoints/endpoint_", NoPostGis),
    ];

    private static readonly string[] OnOtherDatabases = ["create_and_reset_non_default_source.yaml", "pg_track_function_with_comment_teardown.yaml"];

    /// <summary>True for a case whose configurations name other databases by variables.</summary>
    public static bool NeedsOtherDatabases(VectorCase vector) => vector.Flags.Contains("needs-second-postgres") || OnOtherDatabases.Any(e => vector.Id.EndsWith(e, StringComparison.Ordinal));

    /// <summary>The source on another database that a case finds there; null for none.</summary>
    public static string? SourceBefore(VectorCase vector) =>
        vector.Id.Contains("/naming_conventions/", StringComparison.Ordinal) ? "pg1"
        : vector.Id.EndsWith("create_and_reset_non_default_source.yaml", StringComparison.Ordinal) ? "postgres"
        : null;

    /// <summary>How the source that a case finds there is customized; null for not at all.</summary>
    public static JsonNode? CustomizationBefore(VectorCase vector) => vector.OfSchemas?["sources"]?[0].Get("customization");

    /// <summary>The settings of the server of a case that names things by conventions.</summary>
    public static Dictionary<string, string> Settings(VectorCase vector)
    {
        if (!vector.Id.Contains("/naming_conventions/", StringComparison.Ordinal))
        {
            return [];
        }

        // Only the cases of schemas say which features are on; all of these cases were made with the one of naming conventions.
        var settings = (vector.OfSchemas?["server_env"] ?? vector.Entry["server_env"])!.AsObject().ToDictionary(v => v.Key, v => v.Value!.ToString());
        settings["HASURA_GRAPHQL_EXPERIMENTAL_FEATURES"] = "naming_convention";
        return settings;
    }

    /// <summary>Why a case is not run; null where it is.</summary>
    public static string? Reason(VectorCase vector) =>
        ByFlag.Where(f => vector.Flags.Contains(f.Flag)).Select(f => f.Reason).FirstOrDefault()
        ?? ByEnd.Where(e => vector.Id.EndsWith(e.End, StringComparison.Ordinal)).Select(e => e.Reason).FirstOrDefault()
        ?? ByPart.Where(p => vector.Id.Contains(p.Part, StringComparison.Ordinal)).Select(p => p.Reason).FirstOrDefault();
}
