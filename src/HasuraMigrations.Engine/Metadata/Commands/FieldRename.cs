using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>A column or relationship that gets another name, followed through the permissions of its source.</summary>
/// <param name="before">The schema with the old name, which tells where expressions lead.</param>
/// <param name="source">The source.</param>
/// <param name="table">The table of the field.</param>
/// <param name="from">The old name.</param>
/// <param name="to">The new name.</param>
internal sealed class FieldRename(SchemaCache before, string source, QualifiedName table, string from, string to)
{
    /// <summary>Rewrites expressions of all permissions of the source.</summary>
    internal void RewritePermissions(JsonObject root)
    {
        var node = MetadataTree.SourcesOf(root).First(s => s.Name == source).Node;
        foreach (var (name, entry) in MetadataTree.TablesOf(node))
        {
            foreach (var permission in PermissionRules.Kinds.SelectMany(k => entry[$"{k}_permissions"].AsObjects()).Select(p => p["permission"]).OfType<JsonObject>())
            {
                foreach (var key in new[] { "filter", "check" })
                {
                    if (permission[key] is JsonObject expression)
                    {
                        permission[key] = Rewrite(expression, name);
                    }
                }
            }
        }
    }

    private JsonObject Rewrite(JsonObject expression, QualifiedName on)
    {
        var written = new JsonObject();
        foreach (var (key, value) in expression)
        {
            switch (ExpressionReader.ExpressionKey(key))
            {
                case "and" or "or" when value is JsonArray list:
                    written[key] = new JsonArray([.. list.Select(i => i is JsonObject item ? Rewrite(item, on) : i?.DeepClone())]);
                    break;
                case "not" when value is JsonObject inner:
                    written[key] = Rewrite(inner, on);
                    break;
                case "exists" when value is JsonObject exists:
                    written[key] = RewriteExists(exists);
                    break;
                default:
                    written[on == table && key == from ? to : key] = RewriteField(key, value, on);
                    break;
            }
        }

        return written;
    }

    private JsonObject RewriteExists(JsonObject exists)
    {
        var copy = exists.DeepClone().AsObject();
        foreach (var prefix in new[] { "_", "$" })
        {
            if (exists[$"{prefix}where"] is JsonObject where && QualifiedName.Read(exists[$"{prefix}table"]) is { } name)
            {
                copy[$"{prefix}where"] = Rewrite(where, name);
            }
        }

        return copy;
    }

    private JsonNode? RewriteField(string key, JsonNode? value, QualifiedName on) =>
        (before.FindTable(source, on)?.Fields.GetValueOrDefault(key), value) switch
        {
            (RelationshipField relationship, JsonObject inner) => Rewrite(inner, relationship.Target),
            (ComputedFieldInfo { Table: { } returned }, JsonObject inner) => Rewrite(inner, returned),
            _ => value?.DeepClone(),
        };
}
