using System.Text;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>Puts the rows of a version 1 catalog together to a document of version 2, as a server of 1.3 exports it.</summary>
internal sealed class RowsToDocument(IReadOnlyDictionary<RowTable, List<string?[]>> rows)
{
    private static readonly string[] TableKeys =
    [
        "object_relationships", "array_relationships", "computed_fields", "remote_relationships",
        "insert_permissions", "select_permissions", "update_permissions", "delete_permissions", "event_triggers",
    ];

    private static readonly string[] PermissionKeys = ["check", "set", "columns", "computed_fields", "filter", "limit", "allow_aggregations", "backend_only"];
    private static readonly string[] UpdatePermissionKeys = ["columns", "filter", "check", "set"];
    private static readonly string[] EventTriggerKeys = ["name", "definition", "retry_conf", "webhook", "webhook_from_env", "headers"];
    private static readonly string[] RemoteSchemaKeys = ["url", "url_from_env", "timeout_seconds", "headers", "forward_client_headers"];
    private static readonly string[] ActionKeys = ["handler", "output_type", "forward_client_headers", "headers", "arguments", "type", "kind", "timeout"];
    private static readonly string[] TypeKeys = ["input_objects", "objects", "scalars", "enums"];

    private readonly Dictionary<(string Schema, string Table), Dictionary<string, JsonArray>> _parts = [];

    internal JsonObject Build()
    {
        AddParts();
        // A server always writes these two keys, and the others only if they are not empty (Hasura 1.3).
        var root = new JsonObject { ["version"] = 2, ["tables"] = new JsonArray([.. rows[RowTable.Tables].Select(Table)]) };
        AddList(root, "functions", RowTable.Functions, r => WithConfiguration(new JsonObject { ["function"] = Name(r[0]!, r[1]!) }, r[2]));
        AddList(root, "remote_schemas", RowTable.RemoteSchemas, r => Commented(new JsonObject { ["name"] = r[0], ["definition"] = Ordered(Json(r[1]), RemoteSchemaKeys) }, r[2]));
        AddList(root, "query_collections", RowTable.Collections, r => Commented(new JsonObject { ["name"] = r[0], ["definition"] = Json(r[1]) }, r[2]));
        AddList(root, "allowlist", RowTable.AllowList, r => new JsonObject { ["collection"] = r[0] });
        var permissions = rows[RowTable.ActionPermissions].ToLookup(r => r[0]);
        AddList(root, "actions", RowTable.Actions, r => Action(r, permissions[r[0]]));
        AddCustomTypes(root);
        AddList(root, "cron_triggers", RowTable.CronTriggers, CronTrigger);
        return root;
    }

    private void AddParts()
    {
        foreach (var row in rows[RowTable.Relationships])
        {
            AddPart(row, $"{row[3]}_relationships", Commented(new JsonObject { ["name"] = row[2], ["using"] = Json(row[4]) }, row[5]));
        }

        foreach (var row in rows[RowTable.ComputedFields])
        {
            AddPart(row, "computed_fields", Commented(new JsonObject { ["name"] = row[2], ["definition"] = Json(row[3]) }, row[4]));
        }

        foreach (var row in rows[RowTable.RemoteRelationships])
        {
            AddPart(row, "remote_relationships", new JsonObject { ["name"] = row[2], ["definition"] = Json(row[3]) });
        }

        foreach (var row in rows[RowTable.Permissions])
        {
            // A server writes the check of an update permission also if it is null (Hasura 1.3).
            var permission = Ordered(Json(row[4]), row[3] == "update" ? UpdatePermissionKeys : PermissionKeys, keepNull: "check");
            AddPart(row, $"{row[3]}_permissions", Commented(new JsonObject { ["role"] = row[2], ["permission"] = permission }, row[5]));
        }

        foreach (var row in rows[RowTable.EventTriggers])
        {
            // The column contains the whole event trigger with its name (Hasura 1.3).
            AddPart(row, "event_triggers", Ordered(Json(row[4]), EventTriggerKeys));
        }
    }

    private void AddCustomTypes(JsonObject root)
    {
        // The table has one row at most. A server leaves out empty lists, and the key too if all are empty (Hasura 1.3).
        if (rows[RowTable.CustomTypes] is [var types, ..] && Ordered(Json(types[0]), TypeKeys) is { } map && map.Any(p => p.Value is not JsonArray { Count: 0 }))
        {
            foreach (var key in map.Where(p => p.Value is JsonArray { Count: 0 }).Select(p => p.Key).ToList())
            {
                map.Remove(key);
            }

            root["custom_types"] = map;
        }
    }

    private JsonObject Table(string?[] row)
    {
        var table = new JsonObject { ["table"] = Name(row[0]!, row[1]!) };
        if (row[2] is "true")
        {
            table["is_enum"] = true;
        }

        WithConfiguration(table, row[3]);
        if (_parts.TryGetValue((row[0]!, row[1]!), out var parts))
        {
            foreach (var key in TableKeys.Where(parts.ContainsKey))
            {
                table[key] = parts[key];
            }
        }

        return table;
    }

    private static JsonObject Action(string?[] row, IEnumerable<string?[]> permissions)
    {
        var action = Commented(new JsonObject { ["name"] = row[0], ["definition"] = Ordered(Json(row[1]), ActionKeys) }, row[2]);
        var roles = permissions.Select(p =>
        {
            var permission = Commented(new JsonObject { ["role"] = p[1] }, p[3]);
            if (Json(p[2]) is JsonObject { Count: > 0 } definition)
            {
                permission["definition"] = definition;
            }

            return permission;
        }).ToArray<JsonNode>();
        if (roles.Length > 0)
        {
            action["permissions"] = new JsonArray(roles);
        }

        return action;
    }

    private static JsonObject CronTrigger(string?[] row)
    {
        var trigger = new JsonObject { ["name"] = row[0], ["webhook"] = Json(row[1]), ["schedule"] = row[2], ["include_in_metadata"] = row[6] is "true" };
        void Add(string key, JsonNode? value)
        {
            if (value is not (null or JsonArray { Count: 0 }))
            {
                trigger[key] = value;
            }
        }

        Add("payload", Json(row[3]));
        // Rows always have it; an export has it only if it differs from the default.
        Add("retry_conf", Json(row[4]) is { } retry && !JsonNode.DeepEquals(retry, JsonNode.Parse(DocumentToRows.DefaultRetry)) ? retry : null);
        Add("headers", Json(row[5]));
        return Commented(trigger, row[7]);
    }

    private void AddPart(string?[] row, string key, JsonNode? part)
    {
        ref var parts = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_parts, (row[0]!, row[1]!), out _);
        parts ??= [];
        (parts.TryGetValue(key, out var list) ? list : parts[key] = []).Add(part);
    }

    private void AddList(JsonObject root, string key, RowTable table, Func<string?[], JsonNode> build)
    {
        if (rows[table].Count > 0)
        {
            root[key] = new JsonArray([.. rows[table].Select(build)]);
        }
    }

    /// <summary>A column of jsonb has lost the order of keys: the server's keys come first, in its order, without nulls.</summary>
    private static JsonObject? Ordered(JsonNode? node, string[] keys, string? keepNull = null)
    {
        if (node is not JsonObject map)
        {
            return null;
        }

        var ordered = new JsonObject();
        foreach (var key in keys.Where(map.ContainsKey).Concat(map.Select(p => p.Key).Except(keys)).ToList())
        {
            var value = map[key];
            map.Remove(key);
            if (value is not null || key == keepNull || !keys.Contains(key))
            {
                ordered[key] = value;
            }
        }

        return ordered;
    }

    private static JsonObject WithConfiguration(JsonObject node, string? configuration)
    {
        // For a table or function without configuration, a server may have stored an object whose members are empty.
        if (Json(configuration) is JsonObject map && map.Any(p => p.Value is not (null or JsonObject { Count: 0 })))
        {
            node["configuration"] = map;
        }

        return node;
    }

    private static JsonObject Commented(JsonObject node, string? comment)
    {
        if (comment is not null)
        {
            node["comment"] = comment;
        }

        return node;
    }

    private static JsonObject Name(string schema, string name) => new() { ["schema"] = schema, ["name"] = name };

    private static JsonNode? Json(string? text) => text is null ? null : StoredJson.Stored(() => StoredJson.Parse(Encoding.UTF8.GetBytes(text)));
}
