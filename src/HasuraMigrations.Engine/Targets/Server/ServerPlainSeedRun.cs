using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>One run of seed files on a source that keeps no log, of the kinds citus, cockroach, mssql and bigquery: each file is one request.</summary>
internal sealed class ServerPlainSeedRun(ServerRunContext run) : ISeedRun
{
    public Task<SeedSnapshot> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(new SeedSnapshot([], run.Source.Traits));

    public async Task ExecuteAsync(MigrationPlan plan, CancellationToken cancellationToken)
    {
        foreach (var seed in plan.Migrations)
        {
            cancellationToken.ThrowIfCancellationRequested();
            run.Observer.Started(seed);
            var clock = Stopwatch.StartNew();
            await ServerStateRun.SendAsync(run, seed, seed.Steps[0], cancellationToken).ConfigureAwait(false);
            await run.ReportAsync(seed, clock.Elapsed, isResolved: false, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task FinishAsync(CancellationToken cancellationToken) => new StateReconciliation(run).FinishAsync(cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
