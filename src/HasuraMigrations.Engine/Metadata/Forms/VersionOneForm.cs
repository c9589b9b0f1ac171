using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Forms;

/// <summary>
/// The form in which servers of version 1.3 export: defaults are left out as by later ones, updates without a check say so, and
/// lists stay in the order of the catalog, and the keys of generic parts come in the order of the server's hash tables, which exports of many projects show.
/// </summary>
internal static class VersionOneForm
{
    // As far as it is known; other keys are in alphabetical order.
    private static readonly string[][] Orders =
    [
        ["schema", "name"],
        ["column", "table"],
        ["_where", "_table"],
        ["remote_table", "insertion_order", "column_mapping"],
        ["enable_manual", "insert", "delete", "update"],
        ["num_retries", "interval_sec", "timeout_sec"],
        ["num_retries", "timeout_seconds", "tolerance_seconds", "retry_interval_seconds"],
        ["value", "name"],
        ["name", "value_from_env"],
        ["custom_root_fields", "custom_column_names"],
        ["remote_field", "hasura_fields", "remote_schema"],
        ["remote_table", "name", "source", "type", "field_mapping"],
        ["value", "is_deprecated", "description"],
        ["insert", "select_aggregate", "insert_one", "select_by_pk", "select", "delete", "update", "delete_by_pk", "update_by_pk"],
    ];

    /// <summary>The document as such a server exports it.</summary>
    internal static JsonObject Of(JsonObject root)
    {
        var written = MetadataRewriter.ToServerFormInOrder(new MetadataDocument(root)).Root;
        var given = MetadataTree.SourcesOf(root).SelectMany(s => MetadataTree.TablesOf(s.Node)).ToLookup(t => t.Name, t => t.Node);
        foreach (var (name, table) in MetadataTree.SourcesOf(written).SelectMany(s => MetadataTree.TablesOf(s.Node)))
        {
            if (table["configuration"] is JsonObject configuration)
            {
                // Such a server does not know the newer map, which mirrors the old one.
                configuration.Remove("column_config");
            }

            foreach (var permission in table["insert_permissions"].AsObjects())
            {
                KeepBackendOnly(permission, given[name]);
            }

            foreach (var permission in table["update_permissions"].AsObjects())
            {
                permission["permission"] = WithCheck(permission["permission"] as JsonObject ?? []);
            }
        }

        return (JsonObject)Ordered(written)!;
    }

    // Such a server writes it wherever it was given.
    private static void KeepBackendOnly(JsonObject permission, IEnumerable<JsonObject> tables)
    {
        var role = permission["role"].AsText();
        var before = tables.SelectMany(t => t["insert_permissions"].AsObjects()).FirstOrDefault(p => p["role"].AsText() == role);
        if (before?["permission"].Get("backend_only") is { } flag && permission["permission"] is JsonObject body && !body.ContainsKey("backend_only"))
        {
            body["backend_only"] = flag.DeepClone();
        }
    }

    private static JsonObject WithCheck(JsonObject permission) => permission.ContainsKey("check")
        ? permission.DeepClone().AsObject()
        : new JsonObject(permission.SelectMany(m => m.Key == "filter" ? [Copy(m), new("check", null)] : new[] { Copy(m) }));

    private static KeyValuePair<string, JsonNode?> Copy(KeyValuePair<string, JsonNode?> member) => new(member.Key, member.Value?.DeepClone());

    private static JsonNode? Ordered(JsonNode? node) => node switch
    {
        JsonArray list => new JsonArray([.. list.Select(Ordered)]),
        JsonObject map => new JsonObject(InOrder(map).Select(m => new KeyValuePair<string, JsonNode?>(m.Key, Ordered(m.Value)))),
        _ => node?.DeepClone(),
    };

    private static IEnumerable<KeyValuePair<string, JsonNode?>> InOrder(JsonObject map) =>
        map.Count > 1 && Array.Find(Orders, o => map.All(m => o.Contains(m.Key))) is { } order ? map.OrderBy(m => Array.IndexOf(order, m.Key)) : map;
}
