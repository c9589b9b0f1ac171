using HasuraMigrations.Engine.Migrations;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Keeps history and Hasura's state in step: in one transaction where they share a database, else right after.</summary>
internal sealed class StateMirrorWriter(RunContext context, WorkSession work, NpgsqlConnection? metadata)
{
    private const string TellRows = "UPDATE hasura_migrations.history SET mirror_kind = $3, mirror_source = $4, mirror_instance = $5 WHERE database_name = $1 AND version = ANY ($2) AND direction = 'up'";
    private const string DropTombstones = "DELETE FROM hasura_migrations.history WHERE database_name = $1 AND version = ANY ($2) AND direction = 'down' AND state = 'applied'";

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
        await RunAsync("recording a repair", batch => context.AddRecord(batch, migration, Guid.NewGuid(), MigrationOrigin.Baseline, note), cancellationToken).ConfigureAwait(false);
        context.HasWritten = true;
    }

    /// <summary>Takes the files as they are now for those that were applied; when and by whom stays as it is.</summary>
    internal async Task AcceptChecksumAsync(PlannedMigration migration, string note, CancellationToken cancellationToken)
    {
        await RunAsync("accepting a checksum", batch =>
        {
            batch.Add(
                "UPDATE hasura_migrations.history SET checksums = $3::jsonb, is_checksum_assumed = false, step_texts = $4 WHERE database_name = $1 AND version = $2",
                context.Database,
                migration.Version,
                RunContext.Checksums(migration.Source),
                context.StoredText(migration));
            batch.Add(
                "INSERT INTO hasura_migrations.log (attempt_id, database_name, version, name, direction, outcome, applied_by_host, tool_version) VALUES ($1, $2, $3, $4, 'up', $5, $6, $7)",
                Guid.NewGuid(),
                context.Database,
                migration.Version,
                migration.Name,
                note,
                Environment.MachineName,
                RunContext.ToolVersion);
        }, cancellationToken).ConfigureAwait(false);
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
        RunAsync("taking over what Hasura applied", batch =>
        {
            foreach (var version in versions)
            {
                var files = source.Find(version);
                var migration = new PlannedMigration
                {
                    Database = context.Database,
                    Version = version,
                    Name = files?.Name ?? "",
                    Direction = MigrationDirection.Up,
                    Steps = [],
                    IsTransactional = true,
                    IsRecordOnly = true,
                    Source = files,
                };
                context.AddAdopted(batch, migration);
            }
        }, cancellationToken);

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

        await RunAsync("writing Hasura's state", batch =>
        {
            if (context.IsStateLocal)
            {
                AddState(batch, added, removed);
            }

            var mirror = context.State.AsMirror()!;
            batch.Add(TellRows, context.Database, added.ToArray(), mirror.Kind.ToString().ToLowerInvariant(), mirror.Source, mirror.InstanceId is { } id ? id : SessionQueries.Absent.Uuid);
            batch.Add(DropTombstones, context.Database, removed.ToArray());
        }, cancellationToken).ConfigureAwait(false);
        _told.UnionWith(added);
    }

    private async Task WriteRemoteAsync(IReadOnlyList<long> added, IReadOnlyList<long> removed, CancellationToken cancellationToken)
    {
        await using var batch = metadata!.CreateBatch();
        AddState(batch, added, removed);
        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private void AddState(NpgsqlBatch batch, IReadOnlyList<long> added, IReadOnlyList<long> removed)
    {
        if (added.Count > 0)
        {
            var (sql, arguments) = context.Store.Add(context.State.Kind, added);
            batch.Add(sql, arguments);
        }

        if (removed.Count > 0)
        {
            var (sql, arguments) = context.Store.Remove(context.State.Kind, removed);
            batch.Add(sql, arguments);
        }
    }

    private async Task RunAsync(string doing, Action<NpgsqlBatch> fill, CancellationToken cancellationToken)
    {
        await using var batch = work.Session.CreateBatch();
        batch.Add("DISCARD ALL");
        batch.Add("BEGIN");
        batch.Add(context.Fence(0));
        fill(batch);
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
