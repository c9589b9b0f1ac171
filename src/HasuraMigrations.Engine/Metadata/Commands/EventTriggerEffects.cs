using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>What event triggers that come, change or go leave in the databases of their sources.</summary>
internal static class EventTriggerEffects
{
    /// <summary>
    /// Statements for every source whose event triggers, or the tables they are on, differ between two states. What is made
    /// already and would be made the same is left as it is.
    /// </summary>
    internal static IReadOnlyList<SourceEffect> Between(MetadataState before, MetadataState after)
    {
        var (old, next) = (Triggers(before.Root), Triggers(after.Root));
        var effects = new List<SourceEffect>();
        foreach (var source in old.Keys.Concat(next.Keys).Select(k => k.Source).Distinct())
        {
            var catalog = (after.Facts.GetValueOrDefault(source) ?? before.Facts.GetValueOrDefault(source))?.Catalog;
            var hasLog = HasTable(catalog, "event_log");
            var hasCleanups = HasTable(catalog, "hdb_event_log_cleanups");
            var statements = old.Where(t => t.Key.Source == source && !next.ContainsKey(t.Key)).SelectMany(t => EventTriggerSql.Drop(after.Era, t.Key.Name, hasCleanups))
                .Concat(next.Where(t => t.Key.Source == source).SelectMany(t => Change(before, after, t.Key, old.GetValueOrDefault(t.Key), t.Value))).ToList();

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
        sources.Where(s => HasTable(before.Facts.GetValueOrDefault(s)?.Catalog, "event_log")).Select(s => new SourceEffect(s, [.. EventTriggerSql.Unprepare()], ChangesCatalog: true));

    /// <summary>Makes the functions and SQL triggers of sources anew, whatever is there.</summary>
    internal static IEnumerable<SourceEffect> Recreate(MetadataState after, IEnumerable<string> sources)
    {
        if (sources.ToHashSet(StringComparer.Ordinal) is not { Count: > 0 } named)
        {
            yield break;
        }

        foreach (var group in Triggers(after.Root).Where(t => named.Contains(t.Key.Source)).GroupBy(t => t.Key.Source))
        {
            var hasLog = after.Era.IsVersion1 || HasTable(after.Facts.GetValueOrDefault(group.Key)?.Catalog, "event_log");
            var statements = group.SelectMany(t => after.Cache.FindTable(group.Key, t.Value.Table) is { } table ? EventTriggerSql.Create(after.Era, table, t.Value.Node) : []).ToList();
            if (statements.Count > 0)
            {
                yield return new SourceEffect(group.Key, hasLog ? statements : [.. EventTriggerSql.Prepare(), .. statements], ChangesCatalog: !hasLog);
            }
        }
    }

    private static bool HasTable(DatabaseCatalog? catalog, string name) => catalog?.FindTable("hdb_catalog", name) is not null;

    private static IEnumerable<string> Change(MetadataState before, MetadataState after, (string Source, string Name) key, (QualifiedName Table, JsonObject Node) known, (QualifiedName Table, JsonObject Node) trigger)
    {
        var table = after.Cache.FindTable(key.Source, trigger.Table);
        var old = known.Node is null ? null : before.Cache.FindTable(key.Source, known.Table);
        if (table is not null && old is not null && old.Facts.Oid == table.Facts.Oid)
        {
            return EventTriggerSql.Change(after.Era, old, known.Node!, table, trigger.Node);
        }

        var moved = known.Node is not null && known.Table != trigger.Table ? EventTriggerSql.DropFunctions(after.Era, key.Name, EventTriggerRules.Operations) : [];
        return table is null ? moved : moved.Concat(EventTriggerSql.Create(after.Era, table, trigger.Node));
    }

    private static Dictionary<(string Source, string Name), (QualifiedName Table, JsonObject Node)> Triggers(JsonObject root)
    {
        var triggers = new Dictionary<(string, string), (QualifiedName, JsonObject)>();
        foreach (var (source, node) in MetadataTree.SourcesOf(root))
        {
            foreach (var (table, entry) in MetadataTree.TablesOf(node))
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
