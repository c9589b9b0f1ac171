using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>One run of seed files on a database behind a server. Guards, requests and lost answers are those of migrations.</summary>
internal sealed class ServerSeedRun(ServerRunContext run, ServerSeedReader reader, bool needsTable) : ISeedRun
{
    public async Task<SeedSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var (snapshot, reading) = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        reading.Probe.CheckSeedWrite(run.Description);
        run.RequireSchema(reading.Probe, reading.Probe is { HasHistory: false, HasSchema: false } ? "hasura_migrations" : null);
        (run.Scripts.Serial, run.Scripts.Isolation) = (reading.Serial, reading.Isolation);
        run.Scripts.Prelude.Clear();
        if (!reading.Probe.HasHistory)
        {
            run.Scripts.Prelude.Add(new OwnStatement(ServerScripts.CreateHistory()));
        }

        if (needsTable && !reading.Probe.HasSeed)
        {
            run.Scripts.Prelude.Add(new OwnStatement(ServerScripts.CreateFiles(FileKind.Seed)));
        }

        return snapshot;
    }

    // As Hasura's CLI does not ask for it either, no server compares its metadata after each file; it reloads it in the end, where that is
    // of use.
    public Task ExecuteAsync(MigrationPlan plan, CancellationToken cancellationToken) =>
        new ServerPlanExecutor(run, isChecked: false, _ => { }, LeftAsync).RunAsync(plan, cancellationToken);

    public Task FinishAsync(CancellationToken cancellationToken) => new StateReconciliation(run).FinishAsync(cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<List<PlannedMigration>> LeftAsync(List<PlannedMigration> planned, CancellationToken cancellationToken)
    {
        run.Observer.Informed("Another run was active meanwhile; reading again what is recorded.");
        var snapshot = await ReadAsync(cancellationToken).ConfigureAwait(false);
        return FileRow.Left(snapshot.Rows, planned);
    }
}
