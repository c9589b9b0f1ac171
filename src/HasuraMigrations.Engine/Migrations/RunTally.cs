using System.Collections.Concurrent;
using System.Diagnostics;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>Counts what a run commits on one database, also where it fails. Everything may be called from any thread.</summary>
/// <param name="database">Source name of the database.</param>
public sealed class RunTally(string database)
{
    private static readonly string[] UnknownOutcomes = ["OutcomeUnknown", "ServerOutcomeUnknown"];

    private readonly ConcurrentQueue<MigrationResult> _results = new();
    private readonly ConcurrentQueue<Finding> _findings = new();
    private readonly Stopwatch _clock = new();
    private volatile MigrationPlan? _plan;

    /// <summary>Where the database is, without secrets; null until it was reached.</summary>
    public string? Target { get; set; }

    /// <summary>True once the run began.</summary>
    public bool HasRun { get; private set; }

    /// <summary>The run begins.</summary>
    public void Start()
    {
        HasRun = true;
        _clock.Start();
    }

    /// <summary>Takes a plan; one that was made under the locks replaces that before them.</summary>
    public void Take(MigrationPlan plan) => _plan = plan;

    /// <summary>A migration is committed.</summary>
    public void Add(MigrationResult result) => _results.Enqueue(result);

    /// <summary>A migration is committed, and its result is not known.</summary>
    public void Add(PlannedMigration migration) => Add(new MigrationResult
    {
        Database = database,
        Version = migration.LoggedVersion,
        IsRepeatable = migration.Mark is not null,
        Name = migration.Name,
        Direction = migration.Direction,
        Outcome = (migration.Direction, migration.IsRecordOnly) switch
        {
            (MigrationDirection.Up, false) => MigrationOutcome.Applied,
            (MigrationDirection.Up, true) => MigrationOutcome.Recorded,
            (_, false) => MigrationOutcome.RolledBack,
            _ => MigrationOutcome.Forgotten,
        },
        IsOutOfOrder = migration.IsOutOfOrder,
        Findings = migration.Findings,
    });

    /// <summary>Something was noticed.</summary>
    public void Add(Finding finding) => _findings.Enqueue(finding);

    /// <summary>What the run did.</summary>
    /// <param name="failure">What stopped it; null for nothing.</param>
    public DatabaseRunSummary Sum(HasuraMigrationException? failure)
    {
        _clock.Stop();
        MigrationResult[] results = [.. _results];
        return new DatabaseRunSummary
        {
            Database = database,
            Target = Target,
            Results = results,
            Pending = failure is not null && UnknownOutcomes.Contains(failure.ErrorId) ? null : _plan?.PendingAfter(results),
            Duration = _clock.Elapsed,
            Failure = failure,
            Findings = [.. _findings],
        };
    }
}
