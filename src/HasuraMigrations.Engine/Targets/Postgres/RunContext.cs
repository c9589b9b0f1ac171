using System.Globalization;
using System.Reflection;
using System.Text.Json;
using HasuraMigrations.Engine.Migrations;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>What every part of one run needs: where the state lies, how records are written, who writes.</summary>
internal sealed class RunContext(string database, RunOptions options, StateStore store, RunLock runLock, IRunObserver observer, PostgresConnector connector)
{
    internal static readonly string ToolVersion = typeof(RunContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    internal string Database => database;

    internal RunOptions Options => options;

    internal RunLock RunLock => runLock;

    internal IRunObserver Observer => observer;

    internal PostgresConnector Connector => connector;

    internal StateStore Store => store;

    /// <summary>Hasura's state as it was read last.</summary>
    internal StateSnapshot State { get; set; } = new() { Kind = StateStoreKind.None };

    /// <summary>True once a step ran, so that a running server has to be told.</summary>
    internal bool HasExecuted { get; set; }

    /// <summary>True once anything was recorded, so that a state elsewhere has to be looked at in the end.</summary>
    internal bool HasWritten { get; set; }

    /// <summary>Migrations committed so far.</summary>
    internal int Committed { get; set; }

    /// <summary>True where the state is written in the transaction of the migration.</summary>
    internal bool IsStateLocal => State is { Kind: not StateStoreKind.None, IsInTargetDatabase: true };

    /// <summary>The fence for a migration.</summary>
    internal string Fence(int ordinal, bool isSession = false) => AdvisoryLocks.Fence(
        runLock.ProcessId,
        isSession,
        (long)options.DdlAttempt.TotalMilliseconds,
        options.StatementTimeout is { } t ? (long)t.TotalMilliseconds : null,
        ordinal);

    /// <summary>The time of start and the timeouts, for a file that is not the first of its transaction.</summary>
    internal string Settings()
    {
        var statement = options.StatementTimeout is { } t ? $", pg_catalog.set_config('statement_timeout', '{(long)t.TotalMilliseconds}', true)" : "";
        return $"SELECT pg_catalog.set_config('hasura_migrations.started', pg_catalog.clock_timestamp()::pg_catalog.text, true), pg_catalog.set_config('lock_timeout', '{(long)options.DdlAttempt.TotalMilliseconds}', true){statement}";
    }

    /// <summary>Adds history, log and, where it lies in this database, state.</summary>
    internal List<NpgsqlBatchCommand> AddRecord(NpgsqlBatch batch, PlannedMigration migration, Guid attempt, MigrationOrigin origin, string outcome, bool isAssumed = false)
    {
        var isUp = migration.Direction == MigrationDirection.Up;
        var commands = new List<NpgsqlBatchCommand>();
        if (!isUp || migration.Entry?.Row is not null)
        {
            commands.Add(AddRowRemoval(batch, migration, isUp));
        }

        commands.Add(isUp
            ? AddUp(batch, migration, attempt, origin, outcome, isAssumed, IsStateLocal)
            : batch.Add(SqlResource.RecordDown, attempt, database, migration.Version, migration.Name, Environment.MachineName, ToolVersion, outcome));
        if (IsStateLocal)
        {
            var (sql, arguments) = isUp ? store.Add(State.Kind, [migration.Version]) : store.Remove(State.Kind, [migration.Version]);
            commands.Add(batch.Add(sql, arguments));
        }

        return commands;
    }

    /// <summary>Adds the record of a version that Hasura's own tools applied; its state is there already.</summary>
    internal void AddAdopted(NpgsqlBatch batch, PlannedMigration migration) =>
        AddUp(batch, migration, Guid.NewGuid(), MigrationOrigin.Hasura, "adopted", isAssumed: true, isMirrored: State is { Kind: not StateStoreKind.None, IsCopyPending: false });

    /// <summary>The outcome of a migration as users see it.</summary>
    private static MigrationOutcome OutcomeOf(PlannedMigration migration) => (migration.Direction, migration.IsRecordOnly || (migration.Direction == MigrationDirection.Down && !migration.Steps.Any(s => s.Statements.Any()))) switch
    {
        (MigrationDirection.Up, false) => MigrationOutcome.Applied,
        (MigrationDirection.Up, true) => MigrationOutcome.Recorded,
        (_, false) => MigrationOutcome.RolledBack,
        _ => MigrationOutcome.Forgotten,
    };

    /// <summary>Counts a committed migration and reports it.</summary>
    internal async Task ReportAsync(PlannedMigration migration, TimeSpan? duration, bool isResolved, CancellationToken cancellationToken)
    {
        Committed++;
        if (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        await observer.FinishedAsync(
            new MigrationResult
            {
                Database = database,
                Version = migration.Version,
                Name = migration.Name,
                Direction = migration.Direction,
                Outcome = OutcomeOf(migration),
                Duration = duration,
                IsOutOfOrder = migration.IsOutOfOrder,
                IsResolved = isResolved,
                Findings = migration.Findings,
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A statement that puts a failed attempt in the log.</summary>
    internal async Task LogFailureAsync(NpgsqlConnection session, PlannedMigration migration, Guid attempt, string outcome, string? sqlState, string message, CancellationToken cancellationToken) =>
        await session.ExecuteAsync(
            "INSERT INTO hasura_migrations.log (attempt_id, database_name, version, name, direction, outcome, applied_by_host, tool_version, sqlstate, error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            [attempt, database, migration.Version, migration.Name, migration.Direction == MigrationDirection.Up ? "up" : "down", outcome, Environment.MachineName, ToolVersion, sqlState, message],
            cancellationToken).ConfigureAwait(false);

    /// <summary>The text of the steps as it is kept; a null of the column's type where none is.</summary>
    internal object StoredText(PlannedMigration migration) =>
        options.NoStoreText || migration.Source is null ? SessionQueries.Absent.Bytes : HistoryStore.Pack(migration.Source);

    /// <summary>Checksums of the files as JSON.</summary>
    internal static string Checksums(SourceMigration? source) => JsonSerializer.Serialize(source?.Checksums() ?? new Dictionary<string, string>());

    // A rollback that cannot tell the state at once leaves a row that says so, until the state was told.
    private NpgsqlBatchCommand AddRowRemoval(NpgsqlBatch batch, PlannedMigration migration, bool isUp)
    {
        var isTombstone = !isUp && State.Kind != StateStoreKind.None && !IsStateLocal;
        return isTombstone
            ? batch.Add("UPDATE hasura_migrations.history SET direction = 'down', state = 'applied' WHERE database_name OPERATOR(pg_catalog.=) $1 AND version OPERATOR(pg_catalog.=) $2", database, migration.Version)
            : batch.Add("DELETE FROM hasura_migrations.history WHERE database_name OPERATOR(pg_catalog.=) $1 AND version OPERATOR(pg_catalog.=) $2", database, migration.Version);
    }

    private NpgsqlBatchCommand AddUp(NpgsqlBatch batch, PlannedMigration migration, Guid attempt, MigrationOrigin origin, string outcome, bool isAssumed, bool isMirrored)
    {
        var mirror = isMirrored ? State.AsMirror() : null;
        return batch.Add(
            SqlResource.RecordUp,
            attempt,
            database,
            migration.Version,
            migration.Name,
            Checksums(migration.Source),
            Environment.MachineName,
            ToolVersion,
            origin.ToString().ToLowerInvariant(),
            StoredText(migration),
            outcome,
            isAssumed,
            mirror?.Kind.ToString().ToLower(CultureInfo.InvariantCulture),
            mirror?.Source,
            mirror?.InstanceId is { } id ? id : SessionQueries.Absent.Uuid);
    }
}
