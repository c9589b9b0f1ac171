using System.Collections.Concurrent;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Releases;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Abstractions;

/// <summary>Tells the shell how a release goes: its steps, progress, and what runs.</summary>
/// <param name="writer">Writes to the shell.</param>
/// <param name="isParallel">True where several databases may be worked on at once.</param>
internal sealed class ReleaseReporter(RunReporter.IWriter writer, bool isParallel) : IReleaseObserver
{
    private readonly ConcurrentDictionary<string, RunReporter> _runs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SeedReporter> _seeds = new(StringComparer.Ordinal);

    /// <summary>What a release that was stopped did and could not undo.</summary>
    internal IReadOnlyList<string> Remains { get; private set; } = [];

    public void Entered(ReleaseStep step) => writer.Post(c =>
    {
        c.Agent.EndGroup();
        c.Agent.BeginGroup($"Release: {step}");
        c.WriteVerbose($"Step: {step}.");
    });

    public IRunObserver BeginMigrations(string database, int count) =>
        _runs[database] = new RunReporter(writer, $"Applying migrations to database '{database}'", count, tally: null, isParallel);

    public void EndMigrations(DatabaseRunSummary summary)
    {
        if (_runs.TryGetValue(summary.Database, out var run))
        {
            run.End(summary.Succeeded);
        }

        writer.Post(c => c.WriteVerbose(summary.ToString()));
    }

    public ISeedObserver BeginSeeds(string database, int count) =>
        _seeds[database] = new SeedReporter(writer, $"Running seed files on database '{database}'", count);

    public void EndSeeds(string database) => _seeds[database].End(isDone: true);

    public void Warned(Finding finding) => writer.Post(finding);

    public void Stopped(IReadOnlyList<string> notUndone) => Remains = notUndone;
}
