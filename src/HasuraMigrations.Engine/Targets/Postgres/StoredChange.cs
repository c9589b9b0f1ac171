using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Commands;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Writes the document of a request through a store, which keeps cron triggers that no export shows by itself.</summary>
internal static class StoredChange
{
    internal static async Task WriteAsync(NpgsqlConnection session, IMetadataStore store, StoredMetadata current, JsonObject root, CancellationToken cancellationToken)
    {
        var shown = new MetadataDocument(root.DeepClone().AsObject());
        var before = Hidden(current.Document.Root);
        // One that is new, or changed, is written as any other; the store keeps those it knows.
        foreach (var trigger in shown.Root["cron_triggers"].AsObjects().Where(MetadataEffects.IsHidden).Where(t => before.Any(b => b.SameAs(t))).ToList())
        {
            trigger.Detach();
        }

        var replacement = new MetadataReplacement(Without(current, shown.Root), shown, store.DropsTriggers);
        store.Check(shown);
        await store.WriteAsync(session, replacement, cancellationToken).ConfigureAwait(false);
    }

    // The store keeps what is hidden; what a command changed or deleted must not be kept.
    private static StoredMetadata Without(StoredMetadata current, JsonObject shown)
    {
        var root = current.Document.Root;
        foreach (var trigger in Hidden(root).Where(t => shown.EntryAt("cron_triggers", "name", t["name"].AsText() ?? "") is not null).ToList())
        {
            trigger.Detach();
        }

        return current;
    }

    private static List<JsonObject> Hidden(JsonObject root) => [.. MetadataEffects.CronTriggers(root).Where(MetadataEffects.IsHidden)];
}
