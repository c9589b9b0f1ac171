using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.Api;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>Writes the document of a request through a store, which keeps cron triggers that no export shows by itself.</summary>
internal static class DocumentCommit
{
    internal static async Task WriteAsync(NpgsqlConnection session, IMetadataStore store, StoredMetadata current, CommandSession metadata, CancellationToken cancellationToken)
    {
        var root = metadata.Root;
        // Only where there is something to take out does it have to be a copy, which may be large.
        var shown = new MetadataDocument(Hidden(root).Count == 0 ? root : root.DeepClone().AsObject());
        var before = Hidden(current.Document.Root);
        // One that is new, or changed, is written as any other; the store keeps those it knows.
        foreach (var trigger in shown.Root["cron_triggers"].AsObjects().Where(MetadataTree.IsHiddenCronTrigger).Where(t => before.Any(b => b.SameAs(t))).ToList())
        {
            trigger.Detach();
        }

        var replacement = new MetadataReplacement(Without(current, shown.Root), shown);
        store.Check(shown);
        await store.WriteAsync(session, replacement, cancellationToken).ConfigureAwait(false);
        await ActionLog.ClearAsync(session, metadata.ClearedActions, cancellationToken).ConfigureAwait(false);
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

    private static List<JsonObject> Hidden(JsonObject root) => [.. MetadataEffects.CronTriggers(root).Where(MetadataTree.IsHiddenCronTrigger)];
}
