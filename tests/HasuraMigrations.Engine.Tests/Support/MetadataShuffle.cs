using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Changes the order of everything in a document whose order means nothing to Hasura.</summary>
internal static class MetadataShuffle
{
    // Lists whose order Hasura documents as its own sorting, or as stored without meaning.
    private static readonly HashSet<string> Sets =
    [
        "sources", "tables", "functions", "native_queries", "logical_models", "stored_procedures",
        "object_relationships", "array_relationships", "remote_relationships", "computed_fields", "event_triggers",
        "insert_permissions", "select_permissions", "update_permissions", "delete_permissions", "permissions",
        "remote_schemas", "query_collections", "actions", "cron_triggers", "allowlist", "inherited_roles", "rest_endpoints",
        "columns", "role_set", "roles", "methods", "disabled_for_roles", "query_root_fields", "subscription_root_fields",
        "input_objects", "objects", "scalars", "enums", "queries", "headers", "relationships", "tls_allowlist", "arguments", "fields", "values",
    ];

    public static JsonNode? Of(JsonNode? node, Random random, string key = "") => node switch
    {
        JsonObject map => new JsonObject(Mix(map.ToList(), random).Select(m => new KeyValuePair<string, JsonNode?>(m.Key, Of(m.Value, random, m.Key)))),
        JsonArray list => new JsonArray([.. (Sets.Contains(key) && !IsForeignKey(list) ? Mix(list.ToList(), random) : list.ToList()).Select(e => Of(e, random))]),
        _ => node?.DeepClone(),
    };

    // The columns of a foreign key are its columns in order.
    private static bool IsForeignKey(JsonArray list) => list.Parent is JsonObject map && map.ContainsKey("table") && map.Count == 2;

    private static List<T> Mix<T>(List<T> list, Random random)
    {
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(list));
        return list;
    }
}
