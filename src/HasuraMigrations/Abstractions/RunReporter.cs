using System.Collections.Concurrent;
using System.Diagnostics;
using System.Management.Automation;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Abstractions;

/// <summary>Tells the shell how a run goes: results, progress, warnings, verbose text.</summary>
/// <param name="writer">Writes to the shell.</param>
/// <param name="activity">What is being done, for progress.</param>
/// <param name="total">How many migrations the user agreed to.</param>
/// <param name="tally">Counts what is committed; null where nobody asks.</param>
internal sealed class RunReporter(RunReporter.IWriter writer, string activity, int total, RunTally? tally) : IRunObserver
{
    private const int ActivityId = 0x4D16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _sinceProgress = new();
    private readonly HashSet<long> _started = [];
    private readonly ConcurrentQueue<string> _unseen = new();
    private bool _hasProgress;

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
        Begin(migration.Database, migration.Version, migration.Name, migration.Direction);

    /// <inheritdoc/>
    public async ValueTask FinishedAsync(MigrationResult result, CancellationToken cancellationToken)
    {
        // The server tells of a start by a notice; that of a quick migration may come after its end.
        Begin(result.Database, result.Version, result.Name, result.Direction);
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
        _unseen.Enqueue($"{migration.Version}_{migration.Name}");
        tally?.Add(migration);
    }

    /// <inheritdoc/>
    public void Warned(Finding finding) => writer.Post(finding);

    /// <inheritdoc/>
    public void Informed(string message) => writer.Post(c => c.WriteVerbose(message));

    /// <summary>Takes the progress away.</summary>
    /// <param name="isDone">False where the run did not come to its end.</param>
    internal void End(bool isDone)
    {
        if (_hasProgress)
        {
            writer.Post(c => c.WriteProgress(new ProgressRecord(ActivityId, Printable.Of(activity), "Done") { RecordType = ProgressRecordType.Completed }));
        }

        if (isDone)
        {
            writer.Post(c => c.Agent.WriteProgress(100, activity));
        }
    }

    private void Begin(string database, long version, string? name, MigrationDirection direction)
    {
        int place;
        lock (_started)
        {
            // A migration that is tried again keeps its number.
            if (!_started.Add(version))
            {
                return;
            }

            place = _started.Count;
        }

        var verb = direction == MigrationDirection.Up ? "Applying" : "Rolling back";
        writer.Post(c => c.WriteVerbose($"{verb} {version}_{name} on database '{database}' ({place} of {total})."));
        Progress($"{place} of {total}: {version}_{name}", (place - 1) * 100 / Math.Max(total, place));
    }

    private void Progress(string status, int percent)
    {
        lock (_started)
        {
            if (_hasProgress && _sinceProgress.Elapsed < Pause)
            {
                return;
            }

            _hasProgress = true;
            _sinceProgress.Restart();
        }

        writer.Post(c =>
        {
            c.WriteProgress(new ProgressRecord(ActivityId, Printable.Of(activity), Printable.Of(status)) { PercentComplete = percent });
            c.Agent.WriteProgress(percent, activity);
        });
    }
}
