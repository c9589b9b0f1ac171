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

    /// <summary>How records are written.</summary>
    internal RecordStatements Records { get; } = new(database, options);

    /// <summary>Hasura's state as it was read last.</summary>
    internal StateSnapshot State
    {
        get => Records.State;
        set => Records.State = value;
    }

    /// <summary>True once a step ran, so that a running server has to be told.</summary>
    internal bool HasExecuted { get; set; }

    /// <summary>True once anything was recorded, so that a state elsewhere has to be looked at in the end.</summary>
    internal bool HasWritten { get; set; }

    /// <summary>Migrations committed so far.</summary>
    internal int Committed { get; set; }

    /// <summary>True where the state is written in the transaction of the migration.</summary>
    internal bool IsStateLocal => Records.IsStateLocal;

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
}
