using System.Diagnostics;
using System.Management.Automation;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets;

namespace HasuraMigrations.Abstractions;

/// <summary>Tells the shell how a run goes: results, progress, warnings, verbose text.</summary>
/// <param name="writer">Writes to the shell.</param>
/// <param name="activity">What is being done, for progress.</param>
/// <param name="total">How many migrations the user agreed to.</param>
internal sealed class RunReporter(RunReporter.IWriter writer, string activity, int total) : IRunObserver
{
    private const int ActivityId = 0x4D16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _sinceProgress = new();
    private readonly HashSet<long> _started = [];
    private bool _hasProgress;

    /// <summary>What a cmdlet offers to a reporter. Everything may be called from any thread.</summary>
    internal interface IWriter
    {
        /// <summary>Writes an object and waits until the pipeline took it.</summary>
        Task WriteAsync(object value);

        /// <summary>Writes progress, verbose text or a finding some time.</summary>
        void Post(Action<Cmdlet> write);

        /// <summary>Writes a finding some time.</summary>
        void Post(Finding finding);
    }

    /// <inheritdoc/>
    public void Started(PlannedMigration migration, int number, int count)
    {
        int place;
        bool isTold;
        lock (_started)
        {
            // A migration that is tried again keeps its number.
            isTold = !_started.Add(migration.Version);
            place = _started.Count;
        }

        var name = $"{migration.Version}_{migration.Name}";
        if (!isTold)
        {
            writer.Post(c => c.WriteVerbose($"{(migration.Direction == MigrationDirection.Up ? "Applying" : "Rolling back")} {name} on database '{migration.Database}' ({place} of {total})."));
            Progress($"{place} of {total}: {name}", (place - 1) * 100 / Math.Max(total, place));
        }
    }

    /// <inheritdoc/>
    public async ValueTask FinishedAsync(MigrationResult result, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(result).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public void Warned(Finding finding) => writer.Post(finding);

    /// <inheritdoc/>
    public void Told(string message) => writer.Post(c => c.WriteVerbose(message));

    /// <summary>Takes the progress away.</summary>
    internal void End()
    {
        if (_hasProgress)
        {
            writer.Post(c => c.WriteProgress(new ProgressRecord(ActivityId, activity, "Done") { RecordType = ProgressRecordType.Completed }));
        }
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

        writer.Post(c => c.WriteProgress(new ProgressRecord(ActivityId, activity, status) { PercentComplete = percent }));
    }
}
