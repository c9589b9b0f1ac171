using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Forms;

/// <summary>Short forms and mirrors that shapes alone cannot tell.</summary>
internal static class NormalForms
{
    private const string Replication = "trigger_on_replication";

    /// <summary>True where members of an object say something about each other, so that it is brought to its form as a whole.</summary>
    internal static bool Concern(ObjectShape shape) =>
        shape.Noun is "table configuration" or "root fields" or "relationship definition" or "foreign key" or "action definition";

    /// <summary>Brings one object to the form a server exports.</summary>
    /// <param name="written">The object.</param>
    /// <param name="shape">What it looks like.</param>
    /// <param name="isCanonical">True to leave out what a server writes twice.</param>
    /// <param name="kind">Kind of the source it belongs to; null where it is not known.</param>
    internal static void Apply(JsonObject written, ObjectShape shape, bool isCanonical, string? kind = null)
    {
        switch (shape.Noun)
        {
            case "table configuration" when isCanonical:
                DropMirror(written);
                break;
            case "table configuration":
                MergeColumnNames(written);
                break;
            case "root fields":
                ShortenRootFields(written);
                break;
            case "relationship definition":
                ShortenColumns(written);
                break;
            case "foreign key" when written["columns"] is JsonArray { Count: 1 } columns:
                written.Remove("columns");
                PutBefore(written, "column", columns[0]?.DeepClone(), "table");
                break;
            case "action definition":
                DefaultKind(written);
                break;
            case "source" when kind == "pg":
                written["kind"] = "postgres";
                break;
            case "event trigger" when kind is not null && written[Replication]?.ToJsonString() == (kind == "mssql" ? "true" : "false"):
                written.Remove(Replication);
                break;
        }
    }

    // Servers before 2.5 write the old map alone.
    private static void DropMirror(JsonObject configuration)
    {
        if (configuration["custom_column_names"] is not JsonObject)
        {
            return;
        }

        configuration["column_config"] ??= new JsonObject();
        MergeColumnNames(configuration);
        configuration.Remove("custom_column_names");
        if (configuration["column_config"] is JsonObject { Count: 0 })
        {
            configuration.Remove("column_config");
        }
    }

    // The old map of column names and the newer one mirror each other; the newer one wins.
    private static void MergeColumnNames(JsonObject configuration)
    {
        if (configuration["column_config"] is not JsonObject newer || configuration["custom_column_names"] is not JsonObject older)
        {
            return;
        }

        foreach (var (column, name) in older)
        {
            var entry = newer[column] as JsonObject ?? [];
            if (name is not null && !entry.ContainsKey("custom_name"))
            {
                entry["custom_name"] = name.DeepClone();
                newer[column] = entry.Parent is null ? entry : entry.DeepClone();
            }
        }

        var columns = newer.Where(c => c.Value is JsonObject { Count: > 0 }).OrderBy(c => c.Key, StringComparer.Ordinal).ToList();
        configuration["custom_column_names"] = new JsonObject(columns.Where(c => c.Value!["custom_name"] is not null).Select(c => new KeyValuePair<string, JsonNode?>(c.Key, c.Value!["custom_name"]!.DeepClone())));
        configuration["column_config"] = new JsonObject(columns.Select(c => new KeyValuePair<string, JsonNode?>(c.Key, c.Value!.DeepClone())));
    }

    private static void ShortenRootFields(JsonObject fields)
    {
        foreach (var (name, field) in fields.ToList())
        {
            if (field is JsonObject { } long_ && long_["comment"] is null)
            {
                if (long_["name"] is { } text)
                {
                    fields[name] = text.DeepClone();
                }
                else
                {
                    fields.Remove(name);
                }
            }
        }
    }

    private static void ShortenColumns(JsonObject definition)
    {
        if (definition["foreign_key_constraint_on"] is JsonArray { Count: 1 } columns)
        {
            definition["foreign_key_constraint_on"] = columns[0]?.DeepClone();
        }
    }

    // A query has no kind; a mutation without one is synchronous.
    private static void DefaultKind(JsonObject definition)
    {
        if (definition["type"].AsText() == "query")
        {
            definition.Remove("kind");
        }
        else if (definition["kind"].AsText() is null or "")
        {
            definition.Remove("kind");
            PutBefore(definition, "kind", "synchronous", "timeout");
        }
    }

    private static void PutBefore(JsonObject map, string key, JsonNode? value, string next)
    {
        var members = map.ToList();
        map.Clear();
        foreach (var (name, node) in members)
        {
            if (name == next)
            {
                map[key] = value;
            }

            map[name] = node;
        }

        if (!map.ContainsKey(key))
        {
            map[key] = value;
        }
    }
}
