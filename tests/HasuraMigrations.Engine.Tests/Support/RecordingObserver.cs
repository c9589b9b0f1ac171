using System.Collections.Concurrent;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Keeps everything a run reports.</summary>
internal sealed class RecordingObserver : IRunObserver
{
    public ConcurrentQueue<MigrationResult> Results { get; } = new();

    /// <summary>Versions that were committed when nobody took results any more.</summary>
    public ConcurrentQueue<long> NotDelivered { get; } = new();

    public ConcurrentQueue<Finding> Findings { get; } = new();

    public ConcurrentQueue<string> Messages { get; } = new();

    public Func<MigrationResult, ValueTask>? OnFinished { get; init; }

    public Action<PlannedMigration>? OnStarted { get; init; }

    public void Started(PlannedMigration migration) => OnStarted?.Invoke(migration);

    public async ValueTask FinishedAsync(MigrationResult result, CancellationToken cancellationToken)
    {
        Results.Enqueue(result);
        if (OnFinished is not null)
        {
            await OnFinished(result);
        }
    }

    public void Undelivered(PlannedMigration migration) => NotDelivered.Enqueue(migration.Version);

    public void Warned(Finding finding) => Findings.Enqueue(finding);

    public void Informed(string message) => Messages.Enqueue(message);
}
