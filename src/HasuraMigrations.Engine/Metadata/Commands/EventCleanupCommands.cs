using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands on the cleaning of event logs, which servers do by themselves as the document tells them.</summary>
internal static class EventCleanupCommands
{
    /// <summary>Lets the workers that clean the logs of event triggers rest, or go on.</summary>
    internal static void SetPaused(CommandContext context, CommandArguments args, bool isPaused)
    {
        foreach (var trigger in args.Needed("event_triggers") is JsonArray ? Listed(context, args) : OfSources(context, args.Of("event_triggers")))
        {
            trigger["cleanup_config"]!["paused"] = isPaused;
        }
    }

    private static List<JsonObject> Listed(CommandContext context, CommandArguments args)
    {
        var found = new List<JsonObject>();
        foreach (var item in args.Items("event_triggers"))
        {
            var source = SourceOf(context, item.MaybeText("source_name") ?? MetadataDocument.DefaultSource);
            foreach (var name in item.Texts("event_triggers"))
            {
                var trigger = TriggersOf(source).FirstOrDefault(t => t["name"].AsText() == name) ?? throw MetadataCommandException.NotExists($"event trigger \"{name}\" does not exist");
                found.Add(trigger["cleanup_config"] is JsonObject ? trigger : throw MetadataCommandException.NotExists($"cleanup config does not exist for {name}"));
            }
        }

        return found;
    }

    // What has no cleanup is not meant where whole sources are.
    private static List<JsonObject> OfSources(CommandContext context, CommandArguments args)
    {
        var names = args.Needed("sources").AsText() is "*" ? MetadataTree.SourcesOf(context.Root).Select(s => s.Name) : args.Texts("sources");
        return [.. names.SelectMany(n => TriggersOf(SourceOf(context, n))).Where(t => t["cleanup_config"] is JsonObject)];
    }

    private static JsonObject SourceOf(CommandContext context, string name) =>
        MetadataTree.SourcesOf(context.Root).FirstOrDefault(s => s.Name == name).Node ?? throw MetadataCommandException.NotExists($"source with name {name} does not exists");

    private static IEnumerable<JsonObject> TriggersOf(JsonObject source) => MetadataTree.TablesOf(source).SelectMany(t => t.Node["event_triggers"].AsObjects());
}
