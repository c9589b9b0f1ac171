using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>What a server does in databases when metadata is replaced, beside storing it.</summary>
internal static class MetadataEffects
{
    /// <summary>What is not done here, in sentences.</summary>
    /// <param name="before">The document that is replaced.</param>
    /// <param name="after">The new one.</param>
    /// <param name="dropsTriggers">SQL triggers of event triggers that go are dropped here.</param>
    /// <param name="isDone">True for a source in whose database the work is done.</param>
    internal static List<string> Of(JsonObject before, JsonObject after, bool dropsTriggers, Func<string, bool> isDone)
    {
        var (allOld, allNext) = (EventTriggers(before), EventTriggers(after));
        var (old, next) = (Left(allOld, isDone), Left(allNext, isDone));
        var effects = new List<string>();
        foreach (var (key, trigger) in next)
        {
            if (!old.TryGetValue(key, out var present))
            {
                effects.Add($"The SQL triggers of the event trigger {key.Name} on {trigger.Table} of the source {key.Source} are not created.");
            }
            else if (trigger.Table != present.Table || !IsSame(trigger.Node["definition"], present.Node["definition"], TableShapes.Triggers) || !trigger.Node["trigger_on_replication"].SameAs(present.Node["trigger_on_replication"]))
            {
                effects.Add($"The SQL triggers of the event trigger {key.Name} on {trigger.Table} of the source {key.Source} are not recreated although its definition changed.");
            }
        }

        if (!dropsTriggers)
        {
            effects.AddRange(old.Where(t => !next.ContainsKey(t.Key))
                .Select(t => $"The event trigger {t.Key.Name} on {t.Value.Table} of the source {t.Key.Source} is removed, but its SQL triggers are not dropped and continue to fill its event log."));
        }

        effects.AddRange(next.Keys.Select(k => k.Source).Distinct().Except(old.Keys.Select(k => k.Source))
            .Select(s => $"The event log that the first event trigger of the source {s} needs is not created."));
        effects.AddRange(allOld.Keys.Select(k => k.Source).Distinct().Except(MetadataTree.SourcesOf(after).Select(s => s.Name))
            .Select(s => $"The source {s} is removed, but the tables of its event log are not dropped."));
        return effects;
    }

    private static Dictionary<(string Source, string Name), (string Table, JsonObject Node)> Left(Dictionary<(string Source, string Name), (string Table, JsonObject Node)> triggers, Func<string, bool> isDone) =>
        triggers.Where(t => !isDone(t.Key.Source)).ToDictionary();

    /// <summary>True where a table has an event trigger.</summary>
    internal static bool HasEventTriggers(JsonObject root) => EventTriggers(root).Count > 0;

    /// <summary>Names of event triggers that go.</summary>
    internal static IEnumerable<string> GoneEventTriggers(JsonObject before, JsonObject after) =>
        EventTriggers(before).Keys.Except(EventTriggers(after).Keys).Select(k => k.Name);

    /// <summary>Names of cron triggers whose coming events no longer fit: changed ones and dropped ones.</summary>
    internal static string[] StaleCronTriggers(JsonObject before, JsonObject after)
    {
        var next = CronTriggers(after).ToLookup(t => t["name"]?.ToString());
        return [.. CronTriggers(before).Where(t => !next[t["name"]?.ToString()].Any(n => IsSame(n, t, DocumentShapes.CronTrigger))).Select(t => t["name"]?.ToString()).OfType<string>()];
    }

    internal static IEnumerable<JsonObject> CronTriggers(JsonObject root) => root["cron_triggers"].AsObjects();

    private static Dictionary<(string Source, string Name), (string Table, JsonObject Node)> EventTriggers(JsonObject root)
    {
        var triggers = new Dictionary<(string, string), (string, JsonObject)>();
        foreach (var (source, node) in MetadataTree.SourcesOf(root))
        {
            foreach (var table in node["tables"].AsObjects().Where(t => t["event_triggers"] is JsonArray { Count: > 0 }))
            {
                foreach (var trigger in table["event_triggers"].AsObjects())
                {
                    triggers[(source, trigger["name"]?.ToString() ?? "")] = (QualifiedName.Read(table["table"])?.ToString() ?? "", trigger);
                }
            }
        }

        return triggers;
    }

    // What is left out says the same as a default that is given.
    private static bool IsSame(JsonNode? left, JsonNode? right, Shape shape) =>
        MetadataRewriter.Canonical(left, shape).SameAs(MetadataRewriter.Canonical(right, shape));
}
