using System.Diagnostics;
using System.Management.Automation;

namespace HasuraMigrations.Abstractions;

/// <summary>Shows how many of the parts of a run have begun, as progress and verbose text.</summary>
/// <param name="writer">Writes to the shell.</param>
/// <param name="activity">What is being done.</param>
/// <param name="total">How many parts the user agreed to.</param>
/// <param name="isQuiet">True where only verbose text is written, because several runs go on at once.</param>
internal sealed class ProgressReporter(RunReporter.IWriter writer, string activity, int total, bool isQuiet)
{
    private const int ActivityId = 0x4D16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _sinceProgress = new();
    private readonly HashSet<string> _started = [];
    private bool _hasProgress;

    /// <summary>A part has begun. One that is tried again keeps its number.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="sentence">The verbose text, to which the number is added.</param>
    internal void Begin(string name, string sentence)
    {
        int place;
        lock (_started)
        {
            if (!_started.Add(name))
            {
                return;
            }

            place = _started.Count;
        }

        writer.Post(c => c.WriteVerbose($"{sentence} ({place} of {total})."));
        Show($"{place} of {total}: {name}", (place - 1) * 100 / Math.Max(total, place));
    }

    /// <summary>Takes the progress away.</summary>
    /// <param name="isDone">False where the run did not come to its end.</param>
    internal void End(bool isDone)
    {
        if (_hasProgress)
        {
            writer.Post(c => c.WriteProgress(new ProgressRecord(ActivityId, Printable.Of(activity), "Done") { RecordType = ProgressRecordType.Completed }));
        }

        if (isDone && !isQuiet)
        {
            writer.Post(c => c.Agent.WriteProgress(100, activity));
        }
    }

    /// <summary>Shows how far several runs at once are.</summary>
    /// <param name="cmdlet">The cmdlet that runs them.</param>
    /// <param name="activity">What is being done.</param>
    /// <param name="status">How far it is.</param>
    /// <param name="percent">The same, from 0 to 100.</param>
    internal static void ShowParts(AsyncCmdlet cmdlet, string activity, string status, int percent)
    {
        cmdlet.WriteProgress(new ProgressRecord(ActivityId, activity, status) { PercentComplete = percent, RecordType = percent == 100 ? ProgressRecordType.Completed : ProgressRecordType.Processing });
        cmdlet.Agent.WriteProgress(percent, status);
    }

    private void Show(string status, int percent)
    {
        if (isQuiet)
        {
            return;
        }

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
