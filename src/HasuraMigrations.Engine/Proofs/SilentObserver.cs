using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>Tells nobody how a run in a throwaway database goes.</summary>
internal sealed class SilentObserver : IRunObserver
{
    public void Started(PlannedMigration migration)
    {
    }

    public ValueTask FinishedAsync(MigrationResult result, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Warned(Finding finding)
    {
    }

    public void Informed(string message)
    {
    }
}
