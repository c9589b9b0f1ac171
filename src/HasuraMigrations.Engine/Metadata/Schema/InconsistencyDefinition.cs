using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>The definition that a list of inconsistent objects contains: names in the long form, defaults filled in.</summary>
internal static class InconsistencyDefinition
{
    /// <summary>How a relationship is made.</summary>
    internal static JsonNode? Using(MetadataEra era, JsonNode? definition)
    {
        var shown = definition?.DeepClone();
        Lengthen(shown.Get("foreign_key_constraint_on"), "table");
        if (shown.Get("manual_configuration") is JsonObject manual)
        {
            Lengthen(manual, "remote_table");
            if (!era.IsVersion1)
            {
                // Since 2.0 a definition shows this member even where it was not given (Hasura 2.48).
                manual.TryAdd("insertion_order", null);
            }
        }

        return shown;
    }

    /// <summary>A definition that names a function or a table.</summary>
    internal static JsonNode? Definition(JsonNode? definition)
    {
        var shown = definition?.DeepClone();
        Lengthen(shown, "function");
        Lengthen(shown.Get("to_source"), "table");
        return shown;
    }

    /// <summary>A permission.</summary>
    internal static JsonObject Permission(string kind, JsonNode? permission)
    {
        var shown = permission?.DeepClone() as JsonObject ?? [];
        switch (kind)
        {
            case "select":
                shown.TryAdd("allow_aggregations", false);
                shown.TryAdd("computed_fields", new JsonArray());
                break;
            case "update":
                shown.TryAdd("check", null);
                break;
        }

        // Absent optional members are left out, but the check of an update permission is shown as null (Hasura 2.48).
        foreach (var member in shown.Where(m => m.Value is null && m.Key != "check").Select(m => m.Key).ToList())
        {
            shown.Remove(member);
        }

        return shown;
    }

    /// <summary>Writes the name of a member in the long form.</summary>
    internal static void Lengthen(JsonNode? owner, string key)
    {
        if (owner is JsonObject map && QualifiedName.Read(map[key]) is { } name)
        {
            map[key] = name.Written();
        }
    }
}
