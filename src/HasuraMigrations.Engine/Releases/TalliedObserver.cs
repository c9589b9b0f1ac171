using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Releases;

/// <summary>Counts what a run commits, and passes all on.</summary>
internal sealed class TalliedObserver(IRunObserver observer, RunTally tally) : IRunObserver
{
    public void Planned(MigrationPlan plan)
    {
        tally.Take(plan);
        observer.Planned(plan);
    }

    public void Started(PlannedMigration migration) => observer.Started(migration);

    public ValueTask FinishedAsync(MigrationResult result, CancellationToken cancellationToken)
    {
        tally.Add(result);
        return observer.FinishedAsync(result, cancellationToken);
    }

    public void Warned(Finding finding)
    {
        tally.Add(finding);
        observer.Warned(finding);
    }

    public void Undelivered(PlannedMigration migration)
    {
        tally.Add(migration);
        observer.Undelivered(migration);
    }

    public void Informed(string message) => observer.Informed(message);
}
