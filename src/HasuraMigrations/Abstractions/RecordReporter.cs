using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Abstractions;

/// <summary>Tells the shell of records that are replaced, of which a command writes no results of their own.</summary>
/// <param name="reporter">Tells it everything else.</param>
internal sealed class RecordReporter(RunReporter reporter) : IRunObserver
{
    /// <inheritdoc/>
    public void Started(PlannedMigration migration)
    {
    }

    /// <inheritdoc/>
    public ValueTask FinishedAsync(MigrationResult result, CancellationToken cancellationToken)
    {
        reporter.Informed($"{(result.Direction == MigrationDirection.Down ? "Removed the record of" : "Recorded")} {result.Version}_{result.Name}.");
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Warned(Finding finding) => reporter.Warned(finding);

    /// <inheritdoc/>
    public void Informed(string message) => reporter.Informed(message);
}
