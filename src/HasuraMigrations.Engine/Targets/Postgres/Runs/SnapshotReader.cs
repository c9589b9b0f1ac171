using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>Reads history and state together.</summary>
internal sealed class SnapshotReader(string database, StateStore store, string description)
{
    /// <summary>What the target database had at the last reading.</summary>
    internal DatabaseProbe? Probe { get; private set; }

    /// <summary>What the metadata database had at the last reading; the same as <see cref="Probe"/> where it is the same database.</summary>
    internal DatabaseProbe? MetadataProbe { get; private set; }

    internal async Task<TargetSnapshot> ReadAsync(NpgsqlConnection session, NpgsqlConnection? metadata, CancellationToken cancellationToken)
    {
        try
        {
            Probe = await session.ProbeAsync(description, cancellationToken).ConfigureAwait(false);
            Probe.CheckHistory(description);
            MetadataProbe = metadata is null ? Probe : await metadata.ProbeAsync(description, cancellationToken).ConfigureAwait(false);
            MetadataProbe.CheckState(description);
            // The state before the history, where they are in two databases: what a run records in the history first and in the state later
            // is then never missed in both.
            var catalog = metadata is null ? [] : await metadata.RowsAsync(store.CatalogQueries(MetadataProbe), cancellationToken).ConfigureAwait(false);
            var (state, rows, files) = await ReadTargetAsync(session, metadata is null, catalog, cancellationToken).ConfigureAwait(false);
            var history = rows.Select(HistoryStore.ToRow).ToList();
            var snapshot = new TargetSnapshot(Probe.HasHistory, history, state)
            {
                Repeatables = [.. files.Select(FileStore.ToRow)],
                Traits = metadata is null ? TargetTraits.Postgres : TargetTraits.Postgres with { ActionsObstacle = "Hasura's metadata is in another database, so they cannot run in one transaction with the SQL" },
            };
            return snapshot with { Evidence = await StateEvidence.CollectAsync(snapshot, database, async q => await session.RowsAsync(q, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false) };
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Query(e, "reading history and state", description);
        }
    }

    /// <summary>Reads the state alone, from where the last reading found it.</summary>
    internal async Task<StateSnapshot> ReadStateAsync(NpgsqlConnection session, NpgsqlConnection? metadata, CancellationToken cancellationToken) => store.Read(
        await session.RowsAsync(store.TableQueries(Probe!), cancellationToken).ConfigureAwait(false),
        await (metadata ?? session).RowsAsync(store.CatalogQueries(MetadataProbe!), cancellationToken).ConfigureAwait(false),
        isInTarget: metadata is null);

    /// <summary>Reads both stores of Hasura's record as they are.</summary>
    internal async Task<StateRecord> ReadRecordAsync(NpgsqlConnection session, NpgsqlConnection? metadata, CancellationToken cancellationToken)
    {
        try
        {
            Probe = await session.ProbeAsync(description, cancellationToken).ConfigureAwait(false);
            Probe.CheckHistory(description);
            MetadataProbe = metadata is null ? Probe : await metadata.ProbeAsync(description, cancellationToken).ConfigureAwait(false);
            MetadataProbe.CheckState(description);
            return store.ReadRecord(
                await session.RowsAsync(StateStore.RecordTableQueries(Probe), cancellationToken).ConfigureAwait(false),
                await (metadata ?? session).RowsAsync(StateStore.RecordCatalogQueries(MetadataProbe), cancellationToken).ConfigureAwait(false));
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Query(e, "reading Hasura's record", description);
        }
    }

    /// <summary>The state and the rows of history and repeatable files, in one trip.</summary>
    private async Task<(StateSnapshot State, List<string?[]> History, List<string?[]> Repeatables)> ReadTargetAsync(NpgsqlConnection session, bool isOne, IReadOnlyList<List<string?[]>> catalog, CancellationToken cancellationToken)
    {
        var table = store.TableQueries(Probe!);
        var ours = isOne ? store.CatalogQueries(Probe!) : [];
        OwnStatement[] history = Probe!.HasHistory ? [HistoryStore.History(database)] : [];
        OwnStatement[] files = Probe.HasRepeatable ? [FileStore.Rows(FileKind.Repeatable, database)] : [];
        try
        {
            var answers = await session.RowsAsync([.. table, .. ours, .. history, .. files], cancellationToken).ConfigureAwait(false);
            return (
                store.Read(answers[..table.Count], isOne ? answers.GetRange(table.Count, ours.Count) : catalog, isOne),
                history.Length > 0 ? answers[table.Count + ours.Count] : [],
                files.Length > 0 ? answers[^1] : []);
        }
        catch (PostgresException e) when (HistoryStore.IsLack(e.SqlState) && files.Length > 0 && e.BatchCommand?.CommandText == files[0].Sql)
        {
            throw FileStore.Lacking(FileKind.Repeatable, e.MessageText, description, e);
        }
        catch (PostgresException e) when (HistoryStore.IsLack(e.SqlState) && e.BatchCommand?.CommandText == SqlResource.ReadHistory)
        {
            throw HistoryStore.Lacking(e.MessageText, description, e);
        }
    }
}
