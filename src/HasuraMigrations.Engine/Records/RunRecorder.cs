using System.Reflection;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Records;

/// <summary>Counts, records and reports the work of a run, for both kinds of target.</summary>
/// <param name="database">Source name.</param>
/// <param name="options">How the run behaves.</param>
/// <param name="observer">Is told how it goes.</param>
internal class RunRecorder(string database, RunOptions options, IRunObserver observer)
{
    internal static readonly string ToolVersion = typeof(RunRecorder).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    internal string Database => database;

    internal RunOptions Options => options;

    internal IRunObserver Observer => observer;

    /// <summary>How records are written.</summary>
    internal RecordStatements Records { get; } = new(database, options);

    /// <summary>Hasura's record as it was read last.</summary>
    internal StateSnapshot State
    {
        get => Records.State;
        set => Records.State = value;
    }

    /// <summary>True once a step ran, so that a running server has to be told.</summary>
    internal bool HasExecuted { get; set; }

    /// <summary>True once anything was recorded, so that a state elsewhere has to be looked at in the end.</summary>
    internal bool HasWritten { get; set; }

    /// <summary>A sentence, with a blank before, for work that is given up; empty where nothing was tried again.</summary>
    internal string LostTimes => Lost.Count > 1 ? $" The connection was lost {Lost.Count} times in a row." : "";

    /// <summary>Answers and connections lost since the last progress.</summary>
    internal LostAnswers Lost { get; } = new();

    private readonly HashSet<long> _waiting = [];

    /// <summary>Migrations committed so far.</summary>
    internal int Committed { get; set; }

    /// <summary>Versions that this run recorded as applied.</summary>
    internal HashSet<long> Added { get; } = [];

    /// <summary>Versions that this run recorded as rolled back.</summary>
    internal HashSet<long> Removed { get; } = [];

    // The state has to have a version, or must not have it any more.
    private void Track(long version, MigrationDirection direction)
    {
        var (to, from) = direction == MigrationDirection.Up ? (Added, Removed) : (Removed, Added);
        to.Add(version);
        from.Remove(version);
    }

    /// <summary>Tells that a migration waits for what other sessions hold: the first time as a warning.</summary>
    internal void ReportWait(PlannedMigration migration, string why)
    {
        var message = $"The {migration.Title} is waiting for other sessions: {why}. Trying again for {options.DdlTimeout.TotalSeconds:N0} s (-DdlTimeout).";
        if (_waiting.Add(migration.Version))
        {
            observer.Warned(new Finding { Id = "WaitingForTableLock", Severity = FindingSeverity.Warning, Message = message, Database = database, Version = migration.Mark is null ? migration.Version : null });
        }
        else
        {
            observer.Informed(message);
        }
    }

    /// <summary>The time of start and the timeouts, for a file that is not the first of its transaction.</summary>
    internal string Settings()
    {
        var statement = options.StatementTimeout is { } t ? $", pg_catalog.set_config('statement_timeout', '{(long)t.TotalMilliseconds}', true)" : "";
        return $"SELECT pg_catalog.set_config('hasura_migrations.started', pg_catalog.clock_timestamp()::pg_catalog.text, true), pg_catalog.set_config('lock_timeout', '{(long)options.DdlAttempt.TotalMilliseconds}', true){statement}";
    }

    /// <summary>Takes back the timeout that a file set, as it is for its own statements.</summary>
    /// <param name="isLocal">True to give it back with the end of the transaction, for the statements that follow.</param>
    internal string Patience(bool isLocal) => $"SET {(isLocal ? "LOCAL " : "")}statement_timeout = {(options.StatementTimeout is { } t ? (long)t.TotalMilliseconds : "DEFAULT")}";

    /// <summary>
    /// What comes between a file and its record, so that nothing the file set holds for the record. Deferred triggers of the
    /// user's run as in the file, and only then comes our search path.
    /// </summary>
    internal string[] AfterFile() =>
    [
        // What cleans the session comes after the commit.
        Patience(isLocal: false),
        "SET CONSTRAINTS ALL IMMEDIATE",
        "RESET SESSION AUTHORIZATION",
        "RESET ROLE",
        OwnPath.Local,
    ];

    /// <summary>Counts a committed migration and reports it.</summary>
    /// <param name="migration">The migration.</param>
    /// <param name="duration">How long it took; null where that is not known.</param>
    /// <param name="isResolved">True where the answer was lost and the history proved the commit.</param>
    /// <param name="cancellationToken">Stops the reporting, not the counting.</param>
    /// <param name="isTracked">False where the record that changed does not say whether the version is applied.</param>
    internal async Task ReportAsync(PlannedMigration migration, TimeSpan? duration, bool isResolved, CancellationToken cancellationToken, bool isTracked = true)
    {
        Committed++;
        Lost.Progress();
        if (isTracked && migration.Mark is null)
        {
            Track(migration.Version, migration.Direction);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            observer.Undelivered(migration);
            return;
        }

        await observer.FinishedAsync(
            new MigrationResult
            {
                Database = database,
                Version = migration.LoggedVersion,
                Name = migration.Name,
                Direction = migration.Direction,
                Outcome = OutcomeOf(migration),
                Duration = duration,
                IsRepeatable = migration.Mark?.Kind == FileKind.Repeatable,
                IsOutOfOrder = migration.IsOutOfOrder,
                IsResolved = isResolved,
                Findings = migration.Findings,
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static MigrationOutcome OutcomeOf(PlannedMigration migration) => (migration.Direction, migration.IsRecordOnly || (migration.Direction == MigrationDirection.Down && !migration.Steps.Any(s => s.HasWork))) switch
    {
        (MigrationDirection.Up, false) => MigrationOutcome.Applied,
        (MigrationDirection.Up, true) => MigrationOutcome.Recorded,
        (_, false) => MigrationOutcome.RolledBack,
        _ => MigrationOutcome.Forgotten,
    };
}
