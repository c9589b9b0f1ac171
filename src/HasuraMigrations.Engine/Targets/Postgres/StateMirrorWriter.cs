using HasuraMigrations.Engine.Migrations;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Keeps history and Hasura's state in step: in one transaction where they share a database, else right after.</summary>
internal sealed class StateMirrorWriter(RunContext context, WorkSession work, NpgsqlConnection? metadata)
{
    private readonly HashSet<long> _told = [];

    /// <summary>Adopts what Hasura's tools applied and tells the state what it lacks.</summary>
    internal async Task SettleAsync(MigrationLedger ledger, MigrationSource source, CancellationToken cancellationToken)
    {
        if (ledger.ToAdopt.Count > 0)
        {
            await AdoptAsync(ledger.ToAdopt, source, cancellationToken).ConfigureAwait(false);
            context.HasWritten = true;
        }

        await MirrorAsync([.. ledger.ToMirror, .. ledger.Snapshot.State.IsCopyPending ? ledger.ToAdopt : []], ledger.ToUnmirror, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Records one version without running anything.</summary>
    internal async Task RecordAsync(PlannedMigration migration, string note, CancellationToken cancellationToken)
    {
        await RunAsync("recording a repair", context.Records.Record(migration, Guid.NewGuid(), MigrationOrigin.Baseline, note), cancellationToken).ConfigureAwait(false);
        context.HasWritten = true;
    }

    /// <summary>Takes the files as they are now for those that were applied; when and by whom stays as it is.</summary>
    internal async Task AcceptChecksumAsync(PlannedMigration migration, string note, CancellationToken cancellationToken)
    {
        await RunAsync("accepting a checksum", context.Records.AcceptChecksum(migration, Guid.NewGuid(), note), cancellationToken).ConfigureAwait(false);
        context.HasWritten = true;
    }

    /// <summary>Tells a state in another database what was committed since; a failure is a warning until the end of the run.</summary>
    internal async Task FollowAsync(IReadOnlyList<PlannedMigration> committed, CancellationToken cancellationToken)
    {
        if (context.State.Kind == StateStoreKind.None || context.IsStateLocal || committed.Count == 0)
        {
            return;
        }

        try
        {
            await MirrorAsync(
                [.. committed.Where(m => m.Direction == MigrationDirection.Up).Select(m => m.Version)],
                [.. committed.Where(m => m.Direction == MigrationDirection.Down).Select(m => m.Version)],
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or HasuraMigrationException)
        {
            context.Observer.Told($"Hasura's state could not be written yet: {e.Message}");
        }
    }

    /// <summary>At the end of a run: writes what is still missing, and again what another writer overwrote in this run.</summary>
    /// <exception cref="HasuraMigrationException">StateStoreFailed.</exception>
    internal async Task FinishAsync(SnapshotReader reader, CancellationToken cancellationToken)
    {
        if (context.State.Kind == StateStoreKind.None || context.IsStateLocal)
        {
            return;
        }

        try
        {
            var snapshot = await reader.ReadAsync(work.Session, metadata, cancellationToken).ConfigureAwait(false);
            context.State = snapshot.State;
            var ledger = MigrationLedger.Reconcile(context.Database, snapshot);
            var lost = ledger.Entries.Where(e => e.State == MigrationState.InDoubt && _told.Contains(e.Version)).Select(e => e.Version);
            await MirrorAsync([.. ledger.ToMirror, .. lost], ledger.ToUnmirror, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or HasuraMigrationException)
        {
            throw new HasuraMigrationException("StateStoreFailed", $"The migrations are committed, but Hasura's state could not be written: {e.Message}", context.Database, e);
        }
    }

    private Task AdoptAsync(IReadOnlyList<long> versions, MigrationSource source, CancellationToken cancellationToken) =>
        RunAsync("taking over what Hasura applied", versions.Select(v => context.Records.Adopt(v, source.Find(v), Guid.NewGuid())), cancellationToken);

    private async Task MirrorAsync(IReadOnlyList<long> added, IReadOnlyList<long> removed, CancellationToken cancellationToken)
    {
        if (context.State.Kind == StateStoreKind.None || (added.Count == 0 && removed.Count == 0))
        {
            return;
        }

        if (!context.IsStateLocal)
        {
            await WriteRemoteAsync(added, removed, cancellationToken).ConfigureAwait(false);
        }

        await RunAsync(
            "writing Hasura's state",
            [.. context.IsStateLocal ? context.Records.ChangeState(added, removed) : [], .. context.Records.Told(added, removed)],
            cancellationToken).ConfigureAwait(false);
        _told.UnionWith(added);
    }

    private async Task WriteRemoteAsync(IReadOnlyList<long> added, IReadOnlyList<long> removed, CancellationToken cancellationToken)
    {
        await using var batch = metadata!.CreateBatch();
        foreach (var statement in context.Records.ChangeState(added, removed))
        {
            batch.Add(statement);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task RunAsync(string doing, IEnumerable<OwnStatement> statements, CancellationToken cancellationToken)
    {
        await using var batch = work.Session.CreateBatch();
        batch.Add("DISCARD ALL");
        batch.Add("BEGIN");
        batch.Add(context.Fence(0));
        foreach (var statement in statements)
        {
            batch.Add(statement);
        }

        batch.Add("COMMIT");
        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            if (work.Session.State == System.Data.ConnectionState.Open)
            {
                await work.RollbackAsync(CancellationToken.None).ConfigureAwait(false);
            }

            throw PostgresErrors.Query(e, doing, context.Connector.Description);
        }
    }
}
