using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Consistency;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>What event triggers that come, change or go leave in the databases of their sources.</summary>
internal static class EventTriggerEffects
{
    /// <summary>Statements for every source whose event triggers differ between two states.</summary>
    internal static IReadOnlyList<SourceEffect> Between(MetadataState before, MetadataState after)
    {
        var (old, next) = (Triggers(before.Root), Triggers(after.Root));
        var effects = new List<SourceEffect>();
        foreach (var source in old.Keys.Concat(next.Keys).Select(k => k.Source).Distinct())
        {
            var catalog = (after.Facts.GetValueOrDefault(source) ?? before.Facts.GetValueOrDefault(source))?.Catalog;
            var hasLog = catalog?.FindTable("hdb_catalog", "event_log") is not null;
            var statements = new List<string>();
            foreach (var (key, trigger) in old.Where(t => t.Key.Source == source))
            {
                var kept = next.GetValueOrDefault(key);
                if (kept.Node is null)
                {
                    statements.AddRange(EventTriggerSql.Drop(after.Era, key.Name));
                }
                else if (kept.Table != trigger.Table)
                {
                    statements.AddRange(EventTriggerSql.DropFunctions(after.Era, key.Name, EventTriggerRules.Operations));
                }
            }

            foreach (var (key, trigger) in next.Where(t => t.Key.Source == source))
            {
                var known = old.GetValueOrDefault(key);
                if (after.Cache.FindTable(source, trigger.Table) is { } table && (known.Node is null || known.Table != trigger.Table || !Defined(known.Node).SameAs(Defined(trigger.Node))))
                {
                    statements.AddRange(EventTriggerSql.Create(after.Era, table, trigger.Node));
                }
            }

            // Of a database that nobody can look into it is not known whether it has the log.
            if (!hasLog && !after.Era.IsVersion1 && (catalog is not null || statements.Count > 0))
            {
                statements.InsertRange(0, EventTriggerSql.Prepare());
            }

            if (statements.Count > 0)
            {
                effects.Add(new SourceEffect(source, statements, ChangesCatalog: !hasLog && !after.Era.IsVersion1));
            }
        }

        return effects;
    }

    /// <summary>Drops the tables of events where there are any.</summary>
    internal static IEnumerable<SourceEffect> Clean(MetadataState before, IEnumerable<string> sources) =>
        sources.Where(s => before.Facts.GetValueOrDefault(s)?.Catalog?.FindTable("hdb_catalog", "event_log") is not null).Select(s => new SourceEffect(s, [.. EventTriggerSql.Unprepare()], ChangesCatalog: true));

    /// <summary>Makes the SQL triggers of event triggers of a source anew, where the table is not what it was when they were made.</summary>
    /// <param name="before">The state before the table changed.</param>
    /// <param name="state">The state now.</param>
    /// <param name="source">The source.</param>
    internal static SourceEffect Recreate(MetadataState before, MetadataState state, string source)
    {
        var old = Triggers(before.Readable);
        var statements = new List<string>();
        foreach (var (key, trigger) in Triggers(state.Readable).Where(t => t.Key.Source == source))
        {
            if (state.Cache.FindTable(source, trigger.Table) is { } table)
            {
                var made = EventTriggerSql.Create(state.Era, table, trigger.Node).ToList();
                var present = old.GetValueOrDefault(key) is { Node: { } node } was && before.Cache.FindTable(source, was.Table) is { } known && known.Facts.Oid == table.Facts.Oid ? EventTriggerSql.Create(state.Era, known, node) : [];
                statements.AddRange(made.SequenceEqual(present) ? [] : made);
            }
        }

        return new SourceEffect(source, statements);
    }

    private static JsonObject Defined(JsonObject trigger) => new() { ["definition"] = trigger["definition"]?.DeepClone(), ["trigger_on_replication"] = trigger["trigger_on_replication"]?.DeepClone() };

    private static Dictionary<(string Source, string Name), (QualifiedName Table, JsonObject Node)> Triggers(JsonObject root)
    {
        var triggers = new Dictionary<(string, string), (QualifiedName, JsonObject)>();
        foreach (var (source, node) in CommandWords.SourcesOf(root))
        {
            foreach (var (table, entry) in CommandWords.TablesOf(node))
            {
                foreach (var trigger in entry["event_triggers"].AsObjects())
                {
                    triggers[(source, trigger["name"].AsText() ?? "")] = (table, trigger);
                }
            }
        }

        return triggers;
    }
}
