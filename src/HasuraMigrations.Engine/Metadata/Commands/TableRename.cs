using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>A table that gets another name, followed through the document.</summary>
internal sealed class TableRename(string source, QualifiedName from, QualifiedName to)
{
    /// <summary>Rewrites every place that names the table.</summary>
    internal void Rewrite(JsonObject root)
    {
        foreach (var (name, node) in MetadataTree.SourcesOf(root))
        {
            foreach (var (table, entry) in MetadataTree.TablesOf(node).ToList())
            {
                foreach (var target in entry["remote_relationships"].AsObjects().Select(r => r["definition"].Get("to_source")).OfType<JsonObject>().Where(t => t["source"].AsText() == source))
                {
                    Change(target, "table");
                }

                if (name == source)
                {
                    RewriteTable(entry);
                }
            }
        }
    }

    private void RewriteTable(JsonObject entry)
    {
        Change(entry, "table");
        foreach (var relationship in entry["object_relationships"].AsObjects().Concat(entry["array_relationships"].AsObjects()))
        {
            Change(relationship["using"].Get("manual_configuration"), "remote_table");
        }

        foreach (var relationship in entry["array_relationships"].AsObjects())
        {
            Change(relationship["using"].Get("foreign_key_constraint_on"), "table");
        }

        foreach (var permission in PermissionRules.Kinds.SelectMany(k => entry[$"{k}_permissions"].AsObjects()).Select(p => p["permission"]))
        {
            RewriteExpression(permission.Get("filter"));
            RewriteExpression(permission.Get("check"));
        }
    }

    private void RewriteExpression(JsonNode? expression)
    {
        switch (expression)
        {
            case JsonArray list:
                foreach (var item in list)
                {
                    RewriteExpression(item);
                }

                break;
            case JsonObject map:
                foreach (var (key, value) in map)
                {
                    if (ExpressionReader.ExpressionKey(key) == "exists")
                    {
                        Change(value, "_table");
                        Change(value, "$table");
                    }

                    RewriteExpression(value);
                }

                break;
        }
    }

    private void Change(JsonNode? owner, string key)
    {
        if (owner is JsonObject map && QualifiedName.Read(map[key]) == from)
        {
            map[key] = to.Written();
        }
    }
}
