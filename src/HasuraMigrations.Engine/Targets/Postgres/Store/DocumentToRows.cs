using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>Takes a document of version 1 or 2 apart to the rows of a version 1 catalog. What no row can hold is listed.</summary>
internal sealed class DocumentToRows
{
    /// <summary>How a server retries a cron trigger that says nothing of it; its rows always say.</summary>
    internal const string DefaultRetry = """{"num_retries":0,"retry_interval_seconds":10,"timeout_seconds":60,"tolerance_seconds":21600}""";
    private static readonly string[] Operations = ["insert", "select", "update", "delete"];

    private readonly HashSet<string> _relations;

    /// <summary>Takes a document apart.</summary>
    /// <param name="root">The document.</param>
    /// <param name="relations">The tables the catalog has; older ones have fewer.</param>
    internal DocumentToRows(JsonObject root, HashSet<string> relations)
    {
        _relations = relations;
        CheckKeys(root, "", "version", "tables", "functions", "remote_schemas", "query_collections", "allowlist", "custom_types", "actions", "cron_triggers");
        Each(root, "tables", "", AddTable);
        Each(root, "functions", "", AddFunction, allowsText: true);
        Each(root, "remote_schemas", "", (n, p) => AddNamed(RowTable.RemoteSchemas, n, p));
        Each(root, "query_collections", "", (n, p) => AddNamed(RowTable.Collections, n, p));
        Each(root, "allowlist", "", AddAllowed);
        Each(root, "actions", "", AddAction);
        Each(root, "cron_triggers", "", AddCronTrigger);
        if (root["custom_types"] is JsonObject types && types.Any(p => p.Value is not (null or JsonArray { Count: 0 })))
        {
            Add(RowTable.CustomTypes, "custom_types", Text(types));
        }
    }

    /// <summary>Rows for each table.</summary>
    internal Dictionary<RowTable, List<string?[]>> Rows { get; } = RowTable.All.ToDictionary(t => t, _ => new List<string?[]>());

    /// <summary>Paths of what has no place.</summary>
    internal List<string> NotStorable { get; } = [];

    private void AddTable(JsonObject table, string path)
    {
        CheckKeys(table, path, "table", "is_enum", "configuration", "object_relationships", "array_relationships", "computed_fields", "remote_relationships", "insert_permissions", "select_permissions", "update_permissions", "delete_permissions", "event_triggers");
        var (schema, name) = Name(table["table"], $"{path}.table");
        Add(RowTable.Tables, path, schema, name, table["is_enum"]?.ToString() == "true" ? "true" : "false", Text(table["configuration"]));
        foreach (var type in new[] { "object", "array" })
        {
            Each(table, $"{type}_relationships", path, (n, p) =>
            {
                CheckKeys(n, p, "name", "using", "comment");
                Add(RowTable.Relationships, p, schema, name, String(n, "name", p), type, Text(n["using"]), Comment(n));
            });
        }

        Each(table, "computed_fields", path, (n, p) =>
        {
            CheckKeys(n, p, "name", "definition", "comment");
            Add(RowTable.ComputedFields, p, schema, name, String(n, "name", p), Text(n["definition"]), Comment(n));
        });
        Each(table, "remote_relationships", path, (n, p) =>
        {
            CheckKeys(n, p, "name", "definition");
            Add(RowTable.RemoteRelationships, p, schema, name, String(n, "name", p), Text(n["definition"]));
        });
        foreach (var operation in Operations)
        {
            Each(table, $"{operation}_permissions", path, (n, p) =>
            {
                CheckKeys(n, p, "role", "permission", "comment");
                Add(RowTable.Permissions, p, schema, name, String(n, "role", p), operation, Text(n["permission"]), Comment(n));
            });
        }

        // The column takes the whole event trigger, so that every key has a place and none is checked.
        Each(table, "event_triggers", path, (n, p) => Add(RowTable.EventTriggers, p, schema, name, String(n, "name", p), "table", Text(n), null));
    }

    private void AddFunction(JsonObject function, string path)
    {
        // Version 1 lists names, version 2 objects that hold one.
        if (function["function"] is null)
        {
            var (only, simple) = Name(function, path);
            Add(RowTable.Functions, path, only, simple, "{}");
            return;
        }

        CheckKeys(function, path, "function", "configuration");
        var (schema, name) = Name(function["function"], $"{path}.function");
        // The column is NOT NULL with the default '{}' (Hasura 1.3); that of hdb_table may be null.
        Add(RowTable.Functions, path, schema, name, Text(function["configuration"]) ?? "{}");
    }

    private void AddNamed(RowTable table, JsonObject node, string path)
    {
        CheckKeys(node, path, "name", "definition", "comment");
        Add(table, path, String(node, "name", path), Text(node["definition"]), Comment(node));
    }

    private void AddAllowed(JsonObject node, string path)
    {
        // An entry for everybody is what version 1 means anyway.
        var isGlobal = node["scope"] is JsonObject { Count: 1 } scope && scope["global"]?.ToString() == "true";
        CheckKeys(node, path, isGlobal ? ["collection", "scope"] : ["collection"]);
        Add(RowTable.AllowList, path, String(node, "collection", path));
    }

    private void AddAction(JsonObject action, string path)
    {
        CheckKeys(action, path, "name", "definition", "comment", "permissions");
        var name = String(action, "name", path);
        Add(RowTable.Actions, path, name, Text(action["definition"]), Comment(action));
        Each(action, "permissions", path, (n, p) =>
        {
            CheckKeys(n, p, "role", "comment", "definition");
            Add(RowTable.ActionPermissions, p, name, String(n, "role", p), Text(n["definition"]) ?? "{}", Comment(n));
        });
    }

    private void AddCronTrigger(JsonObject trigger, string path)
    {
        CheckKeys(trigger, path, "name", "webhook", "schedule", "include_in_metadata", "payload", "retry_conf", "headers", "comment");
        // webhook_conf is of type json: the webhook is stored as a JSON string, in quotes (Hasura 1.3).
        Add(RowTable.CronTriggers, path, String(trigger, "name", path), Text(trigger["webhook"]), String(trigger, "schedule", path), Text(trigger["payload"]),
            Text(trigger["retry_conf"]) ?? DefaultRetry, Text(trigger["headers"]) ?? "[]", MetadataTree.IsHiddenCronTrigger(trigger) ? "false" : "true", Comment(trigger));
    }

    private void Each(JsonObject parent, string key, string path, Action<JsonObject, string> add, bool allowsText = false)
    {
        var list = parent[key] as JsonArray ?? [];
        var here = path.Length == 0 ? key : $"{path}.{key}";
        if (parent[key] is not (null or JsonArray))
        {
            NotStorable.Add(here);
        }

        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is JsonObject node)
            {
                add(node, $"{here}[{i}]");
            }
            else if (allowsText && list[i] is JsonValue text && text.GetValueKind() == JsonValueKind.String)
            {
                add(new JsonObject { ["name"] = text.GetValue<string>() }, $"{here}[{i}]");
            }
            else
            {
                NotStorable.Add($"{here}[{i}]");
            }
        }
    }

    private void Add(RowTable table, string path, params string?[] values)
    {
        if (!_relations.Contains(table.Name))
        {
            NotStorable.Add($"{path} (this catalog has no table {table.Name})");
        }

        Rows[table].Add(values);
    }

    private void CheckKeys(JsonObject node, string path, params string[] keys)
    {
        foreach (var (key, value) in node)
        {
            // An export leaves out null and empty values, so they mean the same as no key.
            if (!keys.Contains(key) && value is not (null or JsonArray { Count: 0 } or JsonObject { Count: 0 }))
            {
                NotStorable.Add(path.Length == 0 ? key : $"{path}.{key}");
            }
        }
    }

    private (string Schema, string Name) Name(JsonNode? node, string path)
    {
        switch (node)
        {
            case JsonObject map:
                CheckKeys(map, path, "schema", "name");
                // For a server, a name without a schema is one of public.
                return (map["schema"]?.ToString() ?? "public", String(map, "name", path));
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                return ("public", value.GetValue<string>());
            default:
                NotStorable.Add(path);
                return ("", "");
        }
    }

    private string String(JsonObject node, string key, string path)
    {
        if (node[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String)
        {
            return value.GetValue<string>();
        }

        NotStorable.Add($"{path}.{key}");
        return "";
    }

    private static string? Comment(JsonObject node) => node["comment"]?.ToString();

    private static string? Text(JsonNode? node) => node is null ? null : node.ToText();
}
