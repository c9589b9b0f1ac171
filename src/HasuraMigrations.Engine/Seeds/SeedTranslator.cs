using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Seeds;

/// <summary>Tells of a run in terms of seed files.</summary>
internal sealed class SeedTranslator(ISeedObserver observer) : IRunObserver
{
    /// <summary>What is run.</summary>
    internal SeedPlan? Plan { get; set; }

    public void Started(PlannedMigration migration) => observer.Started(Plan!.InfoOf(migration));

    public ValueTask FinishedAsync(MigrationResult result, CancellationToken cancellationToken)
    {
        var info = Plan!.Seeds.First(s => s.Path == result.Name);
        return observer.FinishedAsync(Result(info) with { Duration = result.Duration, IsResolved = result.IsResolved, Findings = result.Findings }, cancellationToken);
    }

    public void Undelivered(PlannedMigration migration) => observer.Undelivered(Plan!.InfoOf(migration));

    public void Warned(Finding finding) => observer.Warned(finding);

    public void Informed(string message) => observer.Informed(message);

    /// <summary>Reports the files that do not run.</summary>
    internal async Task ReportSkippedAsync(CancellationToken cancellationToken)
    {
        foreach (var seed in Plan!.Seeds.Where(s => s.Outcome == SeedOutcome.Skipped))
        {
            await observer.FinishedAsync(Result(seed), cancellationToken).ConfigureAwait(false);
        }
    }

    private SeedResult Result(PlannedSeedInfo seed) => new()
    {
        Database = seed.Database,
        Path = seed.Path,
        File = seed.File,
        Outcome = seed.Outcome,
        Checksum = Plan!.Checksums[seed.Path],
        StatementCount = seed.StatementCount,
        Findings = seed.Findings,
    };
}
