using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>Keeps history and Hasura's record in step: in one transaction where they share a database, else right after.</summary>
internal sealed class StateMirrorWriter(RunContext context, WorkSession work, MetadataSession metadata)
{
    // With the pauses about 4 s, in case another client writes its old copy again and again.
    private const int MostLooks = 20;

    // Longer than another client takes between reading and writing, so that what it overwrites is seen.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(200);

    // Versions that only Hasura's record had, so that no row of the history says that they are to be removed there.
    private readonly HashSet<long> _unrecorded = [];

    /// <summary>Adopts what Hasura's tools applied and tells the state what it lacks.</summary>
    internal async Task SynchronizeStateAsync(MigrationLedger ledger, MigrationSource source, CancellationToken cancellationToken)
    {
        if (ledger.ToAdopt.Count > 0)
        {
            await AdoptAsync(ledger.ToAdopt, source, cancellationToken).ConfigureAwait(false);
            context.HasWritten = true;
        }

        // While the copy is pending, adopted versions are only in the old table. Hasura's CLI (2.0 and later) copies them once, and not any
        // more after this write, which sets isStateCopyCompleted.
        await MirrorAsync([.. ledger.ToMirror, .. ledger.Snapshot.State.IsCopyPending ? ledger.ToAdopt : []], ledger.ToUnmirror, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Records versions without running anything, in one transaction.</summary>
    internal async Task RecordAsync(IReadOnlyList<(PlannedMigration Migration, RepairRequest Request)> repairs, CancellationToken cancellationToken)
    {
        await RunAsync("recording a repair", repairs.SelectMany(r => context.Records.Repair(r.Migration, r.Request, Guid.NewGuid())), cancellationToken).ConfigureAwait(false);
        context.HasWritten = true;
        _unrecorded.UnionWith(repairs.Select(r => r.Migration).Where(m => m is { Direction: MigrationDirection.Down, Entry.Row: null }).Select(m => m.Version));
    }

    /// <summary>Writes into Hasura's tables what they lack, with an entry in the log, in one transaction.</summary>
    internal Task ChangeTablesAsync(StateChange change, CancellationToken cancellationToken) =>
        RunAsync("writing Hasura's record", [.. RecordStatements.ChangeTables(change), context.Records.LogChange(change, Guid.NewGuid())], cancellationToken);

    /// <summary>Writes into the catalog state what it lacks, and then an entry in the log.</summary>
    /// <exception cref="HasuraMigrationException">StateNotKept.</exception>
    internal async Task ChangeCatalogAsync(StateChange change, StateRecord record, CancellationToken cancellationToken)
    {
        var writer = new CatalogStateWriter(
            token => InMetadataAsync(async session => JsonNode.Parse((await session.RowsAsync("SELECT cli_state::text FROM hdb_catalog.hdb_version", [], token).ConfigureAwait(false))[0][0] ?? "null"), token),
            // Only over what was read: a client that wrote meanwhile is not overwritten.
            (old, state, token) => InMetadataAsync(session => session.ExecuteAsync("UPDATE hdb_catalog.hdb_version SET cli_state = $2::pg_catalog.jsonb WHERE cli_state IS NOT DISTINCT FROM $1::pg_catalog.jsonb", [old is null ? null : CatalogStateWriter.Text(old), CatalogStateWriter.Text(state)], token), token));
        await writer.RunAsync(change, record, metadata.IsSeparate ? metadata.Description : context.Connector.Description, cancellationToken).ConfigureAwait(false);
        await RunAsync("writing Hasura's record", [context.Records.LogChange(change, Guid.NewGuid())], cancellationToken).ConfigureAwait(false);
    }

    private Task<T> InMetadataAsync<T>(Func<NpgsqlConnection, Task<T>> use, CancellationToken cancellationToken) =>
        metadata.UseAsync(session => use(session ?? work.Session), isPatient: true, cancellationToken);

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
                [.. committed.Where(m => m is { Mark: null, Direction: MigrationDirection.Up }).Select(m => m.Version)],
                [.. committed.Where(m => m is { Mark: null, Direction: MigrationDirection.Down }).Select(m => m.Version)],
                cancellationToken,
                // Tried once; the end of the run waits and tries again (docs/decisions/0002).
                isPatient: false).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or HasuraMigrationException)
        {
            context.Observer.Informed($"Hasura's record could not be written yet: {e.Message}");
        }
    }

    /// <summary>At the end of a run: tells a state in another database what it was not told yet.</summary>
    /// <exception cref="HasuraMigrationException">StateStoreFailed.</exception>
    internal async Task FinishAsync(SnapshotReader reader, CancellationToken cancellationToken)
    {
        if (context.State.Kind == StateStoreKind.None || context.IsStateLocal)
        {
            return;
        }

        try
        {
            var snapshot = await metadata.UseAsync(m => reader.ReadAsync(work.Session, m, cancellationToken), isPatient: true, cancellationToken).ConfigureAwait(false);
            context.State = snapshot.State;
            var ledger = MigrationLedger.Reconcile(context.Database, snapshot);
            // What the state has forgotten was judged before the run; here only what was never told counts.
            var untold = ledger.ToMirror.Where(v => !snapshot.State.HasForgotten(ledger.Find(v)!.Row!));
            await MirrorAsync([.. untold], [.. ledger.ToUnmirror.Union(_unrecorded.Where(snapshot.State.Versions.ContainsKey))], cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or HasuraMigrationException)
        {
            throw Failed(e.Message, e);
        }
    }

    /// <summary>
    /// The very last look: other clients write the catalog state whole, so that an older one may have come over what this
    /// run wrote. It is written again until it stays.
    /// </summary>
    /// <exception cref="HasuraMigrationException">StateStoreFailed.</exception>
    internal async Task ProveAsync(SnapshotReader reader, CancellationToken cancellationToken)
    {
        // Hasura's CLI writes single rows of the table, but the catalog state as a whole, even for "migrate status".
        if (context.State.Kind != StateStoreKind.Catalog || (context.Added.Count == 0 && context.Removed.Count == 0))
        {
            return;
        }

        try
        {
            for (var look = 1; ; look++)
            {
                FaultPoints.Reach("before-last-look");
                var versions = (await metadata.UseAsync(m => reader.ReadStateAsync(work.Session, m, cancellationToken), isPatient: true, cancellationToken).ConfigureAwait(false)).Versions;
                List<long> lacking = [.. context.Added.Where(v => !versions.ContainsKey(v))];
                List<long> surplus = [.. context.Removed.Where(versions.ContainsKey)];
                if (lacking.Count == 0 && surplus.Count == 0)
                {
                    return;
                }

                if (look == 1)
                {
                    context.Observer.Warned(new Finding { Id = "StateContended", Severity = FindingSeverity.Warning, Message = "Another client overwrote Hasura's record with an older copy while this run wrote it; it is written again.", Database = context.Database });
                }

                if (look == MostLooks)
                {
                    throw Failed("another client keeps overwriting the catalog state with an older copy.", null);
                }

                await MirrorAsync(lacking, surplus, cancellationToken).ConfigureAwait(false);
                await Task.Delay(Rest, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (NpgsqlException e)
        {
            throw Failed(e.Message, e);
        }
    }

    private HasuraMigrationException Failed(string why, Exception? cause) =>
        new("StateStoreFailed", $"The migrations are committed, but Hasura's record could not be written: {why}", context.Database, cause);

    private Task AdoptAsync(IReadOnlyList<long> versions, MigrationSource source, CancellationToken cancellationToken) =>
        RunAsync("taking over what Hasura applied", versions.SelectMany(v => context.Records.Adopt(v, source.Find(v), Guid.NewGuid())), cancellationToken);

    private async Task MirrorAsync(IReadOnlyList<long> added, IReadOnlyList<long> removed, CancellationToken cancellationToken, bool isPatient = true)
    {
        if (context.State.Kind == StateStoreKind.None || (added.Count == 0 && removed.Count == 0))
        {
            return;
        }

        // The state first: after a crash in between, a version without a note is only written again. In the other order, a noted version
        // that the state lacks would look rolled back.
        if (!context.IsStateLocal)
        {
            await metadata.UseAsync(m => m!.ExecuteAllAsync(context.Records.ChangeState(added, removed), cancellationToken), isPatient, cancellationToken).ConfigureAwait(false);
        }

        await RunAsync(
            "writing Hasura's record",
            [.. context.IsStateLocal ? context.Records.ChangeState(added, removed) : [], .. context.Records.MarkMirrored(added, removed)],
            cancellationToken).ConfigureAwait(false);
    }

    private async Task RunAsync(string doing, IEnumerable<OwnStatement> statements, CancellationToken cancellationToken)
    {
        await using var batch = work.Session.CreateBatch();
        // Removes what a file left in the session. It is refused in a transaction (PostgreSQL manual, DISCARD), hence before BEGIN.
        batch.Add("DISCARD ALL");
        batch.Add("BEGIN");
        foreach (var sql in context.Fence().Append(OwnPath.Local))
        {
            batch.Add(sql);
        }

        foreach (var statement in statements)
        {
            batch.Add(statement);
        }

        batch.Add("COMMIT");
        try
        {
            SessionQueries.CheckOpen(work.Session);
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
