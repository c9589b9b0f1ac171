using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>
/// The end of a run: Hasura's record is brought in step where it is not written with each migration, and the server is told
/// to look at the tables again.
/// </summary>
internal sealed class StateReconciliation(ServerRunContext run)
{
    private readonly HashSet<long> _added = [];
    private readonly HashSet<long> _removed = [];

    /// <summary>True if Hasura's record must be updated.</summary>
    internal bool HasWork => _added.Count > 0 || _removed.Count > 0;

    /// <summary>True where something is to be settled, even without a migration.</summary>
    internal bool HasSynchronized { get; private set; }

    private bool IsCatalog => run.State.Kind == StateStoreKind.Catalog;

    /// <summary>Notes what the state lacks and what it should not have any more.</summary>
    internal void QueueStateChanges(IEnumerable<long> added, IEnumerable<long> removed, bool hasMore)
    {
        if (IsCatalog)
        {
            _added.UnionWith(added);
            _removed.UnionWith(removed);
        }

        HasSynchronized |= hasMore || added.Any() || removed.Any();
    }

    /// <summary>Notes a migration that is committed.</summary>
    internal void Add(PlannedMigration migration)
    {
        if (!IsCatalog || migration.Mark is not null)
        {
            return;
        }

        var (to, from) = migration.Direction == MigrationDirection.Up ? (_added, _removed) : (_removed, _added);
        to.Add(migration.Version);
        from.Remove(migration.Version);
    }

    /// <summary>Writes the state, notes that in the history, tells the server, and proves the state.</summary>
    /// <exception cref="HasuraMigrationException">StateStoreFailed.</exception>
    internal async Task FinishAsync(CancellationToken cancellationToken)
    {
        var state = new ServerCatalogState(run.Client, run.Database);
        HasuraMigrationException? failure = null;
        var isWritten = false;
        if (HasWork)
        {
            try
            {
                isWritten = await state.WriteAsync(_added, _removed, cancellationToken).ConfigureAwait(false);
            }
            catch (HasuraServerException e)
            {
                failure = new HasuraMigrationException("StateStoreFailed", $"The migrations are committed, but Hasura's record could not be written: {e.Message}", run.Database, e);
            }
        }

        await NotifyAsync(isNoted: HasWork && failure is null, run.HasExecuted && !run.Options.NoReload, cancellationToken).ConfigureAwait(false);
        if (isWritten && !await ProveAsync(state, cancellationToken).ConfigureAwait(false))
        {
            WarnContended();
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private async Task<bool> ProveAsync(ServerCatalogState state, CancellationToken cancellationToken)
    {
        try
        {
            return await state.ProveAsync(_added, _removed, cancellationToken).ConfigureAwait(false);
        }
        catch (HasuraMigrationException e)
        {
            WarnContended();
            throw e is not HasuraServerException ? e : new HasuraMigrationException("StateStoreFailed", $"The migrations are committed, but it could not be checked whether Hasura's record was kept: {e.Message}", run.Database, e);
        }
    }

    private void WarnContended() =>
        run.Warn("StateContended", FindingSeverity.Warning, "Another client overwrote Hasura's record with an older copy while this run wrote it; it was written again. The next run checks it.");

    private async Task NotifyAsync(bool isNoted, bool isReloaded, CancellationToken cancellationToken)
    {
        var note = run.Sql.Command(run.Records.MarkMirrored(_added, _removed));
        var reload = new ServerCommand(run.Source.IsVersion2 ? ServerApi.Metadata : ServerApi.Query, "reload_metadata", Scope()) { IsRead = true };
        try
        {
            if (isNoted && isReloaded)
            {
                // This one of the APIs takes both, so that it is one trip.
                var both = new JsonArray(Item(note), Item(reload));
                Report((await run.Client.CallAsync(new ServerCommand(ServerApi.Query, "bulk", both) { IsRead = true }, cancellationToken).ConfigureAwait(false) as JsonArray)?[1]);
            }
            else if (isNoted)
            {
                await run.Client.CallAsync(note with { IsRead = true, IsUnlimited = false }, cancellationToken).ConfigureAwait(false);
            }
            else if (isReloaded)
            {
                Report(await run.Client.CallAsync(reload, cancellationToken).ConfigureAwait(false));
            }
        }
        catch (HasuraServerException e) when (isReloaded)
        {
            run.Warn("ReloadFailed", FindingSeverity.Warning, $"The run is committed, but the server could not be made to reload its tables: {e.Message} Run Update-HasuraMetadata.");
        }
        catch (HasuraServerException e)
        {
            run.Observer.Informed($"The history could not record that the state was written: {e.Message}");
        }
    }

    private static JsonNode Item(ServerCommand command) => new JsonObject { ["type"] = command.Type, ["args"] = command.Args?.DeepClone() };

    private JsonObject Scope() => ServerMetadataTarget.Arguments(new MetadataReloadOptions
    {
        Sources = run.Source.Name is { } name ? MetadataReloadScope.Of([name]) : MetadataReloadScope.All,
        RemoteSchemas = MetadataReloadScope.None,
    });

    private void Report(JsonNode? answer)
    {
        if (ServerMetadataTarget.Consistency(answer) is { IsConsistent: false } found)
        {
            run.Warn("MetadataInconsistent", FindingSeverity.Warning, $"The run is committed, but {found.Inconsistencies.Count} object(s) of the metadata are inconsistent: {string.Join("; ", found.Inconsistencies.Take(5).Select(i => $"{i.Name}: {i.Reason}"))}. Get-HasuraMetadataInconsistency lists all.");
        }
    }
}
