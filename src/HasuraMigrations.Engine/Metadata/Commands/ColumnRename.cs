using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>A column that gets another name, followed through the document.</summary>
/// <param name="before">The schema with the old name.</param>
/// <param name="source">The source.</param>
/// <param name="table">The table, by the name the document has.</param>
/// <param name="from">The old name.</param>
/// <param name="to">The new name.</param>
internal sealed class ColumnRename(SchemaCache before, string source, QualifiedName table, string from, string to)
{
    /// <summary>Rewrites every place that names the column.</summary>
    internal void Rewrite(JsonObject root)
    {
        new FieldRename(before, source, table, from, to).RewritePermissions(root);
        foreach (var (name, entry) in MetadataTree.TablesOf(MetadataTree.SourcesOf(root).First(s => s.Name == source).Node))
        {
            RewriteRelationships(entry, isOwn: name == table);
            if (name == table)
            {
                RewriteOwn(entry);
            }
        }

        foreach (var target in MetadataTree.SourcesOf(root).SelectMany(s => MetadataTree.TablesOf(s.Node)).SelectMany(t => t.Node["remote_relationships"].AsObjects()).Select(r => r["definition"].Get("to_source")))
        {
            if (target.Get("source").AsText() == source && QualifiedName.Read(target.Get("table")) == table)
            {
                RenameValues(target.Get("field_mapping"));
            }
        }
    }

    /// <summary>Removes what is configured for a column that is gone.</summary>
    internal static void Forget(JsonObject root, string source, QualifiedName table, string column)
    {
        var entry = MetadataTree.SourcesOf(root).Where(s => s.Name == source).SelectMany(s => MetadataTree.TablesOf(s.Node)).FirstOrDefault(t => t.Name == table).Node;
        foreach (var key in new[] { "column_config", "custom_column_names" })
        {
            (entry?["configuration"].Get(key) as JsonObject)?.Remove(column);
        }
    }

    private void RewriteRelationships(JsonObject entry, bool isOwn)
    {
        foreach (var definition in entry["object_relationships"].AsObjects().Concat(entry["array_relationships"].AsObjects()).Select(r => r["using"]))
        {
            if (definition.Get("foreign_key_constraint_on") is JsonObject key)
            {
                if (QualifiedName.Read(key["table"]) == table)
                {
                    RenameTexts(key, "column");
                    RenameTexts(key, "columns");
                }
            }
            else if (isOwn && definition is JsonObject own)
            {
                RenameTexts(own, "foreign_key_constraint_on");
            }

            if (definition.Get("manual_configuration") is JsonObject manual)
            {
                if (isOwn)
                {
                    RenameKey(manual["column_mapping"]);
                }

                if (QualifiedName.Read(manual["remote_table"]) == table)
                {
                    RenameValues(manual["column_mapping"]);
                }
            }
        }
    }

    private void RewriteOwn(JsonObject entry)
    {
        foreach (var permission in PermissionRules.Kinds.SelectMany(k => entry[$"{k}_permissions"].AsObjects()).Select(p => p["permission"]).OfType<JsonObject>())
        {
            RenameTexts(permission, "columns", onlyLists: true);
            RenameKey(permission["set"]);
        }

        foreach (var operation in entry["event_triggers"].AsObjects().SelectMany(t => EventTriggerRules.Operations.Select(o => t["definition"].Get(o))).OfType<JsonObject>())
        {
            RenameTexts(operation, "columns", onlyLists: true);
            RenameTexts(operation, "payload", onlyLists: true);
        }

        foreach (var remote in entry["remote_relationships"].AsObjects().Select(r => r["definition"]).OfType<JsonObject>())
        {
            RenameTexts(remote, "hasura_fields");
            RenameVariables(remote["remote_field"]);
            RenameKey(remote["to_source"].Get("field_mapping"));
            if (remote["to_remote_schema"] is JsonObject schema)
            {
                RenameTexts(schema, "lhs_fields");
                RenameVariables(schema["remote_field"]);
            }
        }

        RenameKey(entry["configuration"].Get("column_config"));
        RenameKey(entry["configuration"].Get("custom_column_names"));
    }

    private void RenameTexts(JsonObject owner, string key, bool onlyLists = false)
    {
        if (owner[key] is JsonArray list)
        {
            owner[key] = new JsonArray([.. list.Select(i => i.AsText() == from ? JsonValue.Create(to) : i?.DeepClone())]);
        }
        else if (!onlyLists && owner[key].AsText() == from)
        {
            owner[key] = to;
        }
    }

    private void RenameKey(JsonNode? map)
    {
        if (map is JsonObject entries && entries.ContainsKey(from))
        {
            var members = entries.Select(m => new KeyValuePair<string, JsonNode?>(m.Key == from ? to : m.Key, m.Value?.DeepClone())).ToList();
            entries.Clear();
            members.ForEach(entries.Add);
        }
    }

    // In the arguments of remote fields a column stands behind a dollar sign, however deep (Hasura, remote relationships).
    private void RenameVariables(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (key, value) in map.ToList())
                {
                    map[key] = Renamed(value);
                }

                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    list[i] = Renamed(list[i]);
                }

                break;
        }
    }

    private JsonNode? Renamed(JsonNode? value)
    {
        if (value.AsText() == $"${from}")
        {
            return $"${to}";
        }

        RenameVariables(value);
        return value;
    }

    private void RenameValues(JsonNode? map)
    {
        foreach (var key in (map as JsonObject ?? []).Where(m => m.Value.AsText() == from).Select(m => m.Key).ToList())
        {
            map![key] = to;
        }
    }
}
