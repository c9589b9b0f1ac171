using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Seeds;

/// <summary>Plan and run of the seed files of one database.</summary>
/// <param name="source">The files.</param>
/// <param name="target">Where they are run.</param>
public sealed class SeedRunner(SeedSource source, ISeedTarget target)
{
    /// <summary>The plan as things stand; writes nothing.</summary>
    public async Task<SeedPlan> PlanAsync(SeedOptions options, CancellationToken cancellationToken) =>
        new SeedPlanner(source, await target.ReadSeedsAsync(cancellationToken).ConfigureAwait(false), options).Plan();

    /// <summary>
    /// Takes the locks, plans again with what is recorded by then, and runs the files that were approved. A file that another run
    /// recorded in the meantime is skipped.
    /// </summary>
    /// <param name="plan">The plan that was shown.</param>
    /// <param name="options">How to run the files.</param>
    /// <param name="runOptions">How the run behaves.</param>
    /// <param name="approved">Paths the user agreed to.</param>
    /// <param name="observer">Is told how it goes; gets the results.</param>
    /// <param name="cancellationToken">Stops the run: the current transaction is rolled back.</param>
    /// <exception cref="HasuraMigrationException">What refused or stopped the run.</exception>
    public Task RunAsync(SeedPlan plan, SeedOptions options, RunOptions runOptions, IReadOnlySet<string> approved, ISeedObserver observer, CancellationToken cancellationToken)
    {
        var mask = options.Variables.Mask;
        return MaskedErrors.RunAsync(mask, () => RunMaskedAsync(plan, options, runOptions with { Mask = mask }, approved, new SeedTranslator(observer), cancellationToken));
    }

    private async Task RunMaskedAsync(SeedPlan plan, SeedOptions options, RunOptions runOptions, IReadOnlySet<string> approved, SeedTranslator translator, CancellationToken cancellationToken)
    {
        if (plan.Run.Migrations.Count == 0)
        {
            translator.Plan = plan;
            await translator.ReportSkippedAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        await using var run = await target.BeginSeedRunAsync(runOptions, plan.NeedsTable, new MaskedObserver(translator, runOptions.Mask), cancellationToken).ConfigureAwait(false);
        var present = new SeedPlanner(source, await run.ReadAsync(cancellationToken).ConfigureAwait(false), options).Plan();
        present.Run.ThrowIfRefused();
        translator.Plan = present;
        await translator.ReportSkippedAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await run.ExecuteAsync(present.Run with { Migrations = [.. present.Run.Migrations.Where(m => approved.Contains(m.Mark!.Path))] }, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await run.FinishAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        await run.FinishAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
