using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Warnings of servers of version 2.</summary>
internal static class Warnings
{
    /// <summary>Refuses warnings where they are not allowed.</summary>
    /// <exception cref="MetadataCommandException">metadata-warnings.</exception>
    internal static void Require(JsonArray warnings, bool areAllowed)
    {
        if (warnings.Count > 0 && !areAllowed)
        {
            throw new MetadataCommandException("metadata-warnings", "failed due to metadata warnings", details: warnings);
        }
    }

    /// <summary>Success, with warnings where there are any.</summary>
    internal static JsonObject Success(JsonArray warnings)
    {
        var answer = MetadataCommands.Success();
        if (warnings.Count > 0)
        {
            answer["warnings"] = warnings.DeepClone();
        }

        return answer;
    }

    /// <summary>Names of event triggers that may not work.</summary>
    internal static JsonArray OfEventTriggerNames(JsonObject before, JsonObject after)
    {
        var known = Names(before).Select(n => n.Name).ToHashSet();
        return new JsonArray([.. Names(after).Where(n => !known.Contains(n.Name) && !EventTriggerCommands.IsPlainName(n.Name)).Select(n => (JsonNode)new JsonObject
        {
            ["code"] = "illegal-event-trigger-name",
            ["message"] = $"The event trigger with name \"{n.Name}\" may not work as expected, hasura suggests to use only alphanumeric, underscore and hyphens in an event trigger name",
            ["type"] = "event_trigger",
            ["name"] = $"event_trigger {n.Name} in table {n.Table.InMessage()} in source {n.Source}",
        })]);
    }

    private static IEnumerable<(string Source, QualifiedName Table, string Name)> Names(JsonObject root) =>
        from source in MetadataTree.SourcesOf(root)
        from table in MetadataTree.TablesOf(source.Node)
        from trigger in table.Node["event_triggers"].AsObjects()
        select (source.Name, table.Name, trigger["name"].AsText() ?? "");
}
