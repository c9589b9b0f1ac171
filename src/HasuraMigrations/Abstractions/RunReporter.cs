using System.Collections.Concurrent;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Abstractions;

/// <summary>Tells the shell how a run goes: results, progress, warnings, verbose text.</summary>
/// <param name="writer">Writes to the shell.</param>
/// <param name="activity">What is being done, for progress.</param>
/// <param name="total">How many migrations the user agreed to.</param>
/// <param name="tally">Counts what is committed; null where nobody asks.</param>
/// <param name="isQuiet">True where no progress is shown, because several runs go on at once.</param>
internal sealed class RunReporter(RunReporter.IWriter writer, string activity, int total, RunTally? tally, bool isQuiet = false) : IRunObserver
{
    private readonly ProgressReporter _progress = new(writer, activity, total, isQuiet);
    private readonly ConcurrentQueue<string> _unseen = new();

    /// <summary>Migrations that are committed and whose results nobody took.</summary>
    internal IReadOnlyCollection<string> Uncollected => _unseen;

    /// <summary>What a cmdlet offers to a reporter. Everything may be called from any thread.</summary>
    internal interface IWriter
    {
        /// <summary>Writes an object and waits until the pipeline took it.</summary>
        Task WriteAsync(object value);

        /// <summary>Writes progress, verbose text or a finding some time.</summary>
        void Post(Action<AsyncCmdlet> write);

        /// <summary>Writes a finding some time.</summary>
        void Post(Finding finding);
    }

    /// <inheritdoc/>
    public void Planned(MigrationPlan plan) => tally?.Take(plan);

    /// <inheritdoc/>
    public void Started(PlannedMigration migration) =>
        Begin(migration.Database, migration.Mark is null ? $"{migration.Version}_{migration.Name}" : migration.Name, migration.Direction, migration.IsRecordOnly || (migration.Mark is not null && migration.Direction == MigrationDirection.Down));

    /// <inheritdoc/>
    public async ValueTask FinishedAsync(MigrationResult result, CancellationToken cancellationToken)
    {
        // The server tells of a start by a notice; that of a quick migration may come after its end.
        Begin(result.Database, result.IsRepeatable ? $"{result.Name}" : $"{result.Version}_{result.Name}", result.Direction, result.Outcome is MigrationOutcome.Recorded or MigrationOutcome.Forgotten || (result.IsRepeatable && result.Direction == MigrationDirection.Down));
        tally?.Add(result);
        try
        {
            await writer.WriteAsync(result).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _unseen.Enqueue(result.ToString());
            throw;
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public void Undelivered(PlannedMigration migration)
    {
        _unseen.Enqueue(migration.Mark is null ? $"{migration.Version}_{migration.Name}" : migration.Name);
        tally?.Add(migration);
    }

    /// <inheritdoc/>
    public void Warned(Finding finding) => writer.Post(finding);

    /// <inheritdoc/>
    public void Informed(string message) => writer.Post(c => c.WriteVerbose(message));

    /// <summary>Takes the progress away.</summary>
    /// <param name="isDone">False where the run did not come to its end.</param>
    internal void End(bool isDone) => _progress.End(isDone);

    private void Begin(string database, string name, MigrationDirection direction, bool isRecordOnly)
    {
        var verb = (direction, isRecordOnly) switch
        {
            (MigrationDirection.Up, false) => "Applying",
            (MigrationDirection.Up, true) => "Recording",
            (_, false) => "Rolling back",
            _ => "Removing the record of",
        };
        _progress.Begin(name, $"{verb} {name} on database '{database}'");
    }
}
