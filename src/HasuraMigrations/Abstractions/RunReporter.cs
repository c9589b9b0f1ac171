using System.Diagnostics;
using System.Management.Automation;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets;

namespace HasuraMigrations.Abstractions;

/// <summary>Tells the shell how a run goes: results, progress, warnings, verbose text.</summary>
/// <param name="writer">Writes to the shell.</param>
/// <param name="activity">What is being done, for progress.</param>
internal sealed class RunReporter(RunReporter.IWriter writer, string activity) : IRunObserver
{
    private const int ActivityId = 0x4D16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _sinceProgress = new();
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
        var name = $"{migration.Version}_{migration.Name}";
        writer.Post(c => c.WriteVerbose($"{(migration.Direction == MigrationDirection.Up ? "Applying" : "Rolling back")} {name} on database '{migration.Database}' ({number} of {count})."));
        lock (_sinceProgress)
        {
            if (_hasProgress && _sinceProgress.Elapsed < Pause)
            {
                return;
            }

            _hasProgress = true;
            _sinceProgress.Restart();
        }

        var record = new ProgressRecord(ActivityId, activity, $"{number} of {count}: {name}") { PercentComplete = (number - 1) * 100 / Math.Max(count, 1) };
        writer.Post(c => c.WriteProgress(record));
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
}
