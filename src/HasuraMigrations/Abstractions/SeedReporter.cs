using System.Collections.Concurrent;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Abstractions;

/// <summary>Tells the shell how a run of seed files goes: results, progress, warnings, verbose text.</summary>
/// <param name="writer">Writes to the shell.</param>
/// <param name="activity">What is being done, for progress.</param>
/// <param name="total">How many files the user agreed to.</param>
internal sealed class SeedReporter(RunReporter.IWriter writer, string activity, int total) : ISeedObserver
{
    private readonly ProgressReporter _progress = new(writer, activity, total, isQuiet: false);
    private readonly ConcurrentQueue<string> _unseen = new();
    private readonly ConcurrentDictionary<SeedOutcome, int> _outcomes = new();

    /// <summary>Files that are committed and whose results nobody took.</summary>
    internal IReadOnlyCollection<string> Uncollected => _unseen;

    /// <summary>What became of how many.</summary>
    internal string Summary => _outcomes.IsEmpty ? "Nothing left to do" : string.Join(", ", _outcomes.OrderBy(o => o.Key).Select(o => $"{(o.Key == SeedOutcome.Applied ? "Applied" : "Skipped")} {o.Value} seed file{(o.Value == 1 ? "" : "s")}"));

    /// <inheritdoc/>
    public void Started(PlannedSeedInfo seed) => Begin(seed.Database, seed.Path);

    /// <inheritdoc/>
    public async ValueTask FinishedAsync(SeedResult result, CancellationToken cancellationToken)
    {
        if (result.Outcome == SeedOutcome.Applied)
        {
            Begin(result.Database, result.Path);
        }

        try
        {
            await writer.WriteAsync(result).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _unseen.Enqueue(result.Path);
            throw;
        }

        _outcomes.AddOrUpdate(result.Outcome, 1, (_, count) => count + 1);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public void Undelivered(PlannedSeedInfo seed) => _unseen.Enqueue(seed.Path);

    /// <inheritdoc/>
    public void Warned(Finding finding) => writer.Post(finding);

    /// <inheritdoc/>
    public void Informed(string message) => writer.Post(c => c.WriteVerbose(message));

    /// <summary>Takes the progress away.</summary>
    /// <param name="isDone">False where the run did not come to its end.</param>
    internal void End(bool isDone) => _progress.End(isDone);

    private void Begin(string database, string path) => _progress.Begin(path, $"Running seed file {path} on database '{database}'");
}
