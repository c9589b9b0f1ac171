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
            var state = await ReadStateAsync(session, metadata, cancellationToken).ConfigureAwait(false);
            var history = Probe.HasHistory ? await session.HistoryAsync(database, description, cancellationToken).ConfigureAwait(false) : [];
            var snapshot = new TargetSnapshot(Probe.HasHistory, history, state)
            {
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
    internal Task<StateSnapshot> ReadStateAsync(NpgsqlConnection session, NpgsqlConnection? metadata, CancellationToken cancellationToken)
    {
        // A table state lies in the target even where the metadata database is another.
        var isTable = store.KindIn(Probe!) == StateStoreKind.Table;
        return store.ReadAsync(isTable ? session : metadata ?? session, isTable ? Probe! : MetadataProbe!, Probe!, session, cancellationToken);
    }
}
