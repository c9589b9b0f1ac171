using HasuraMigrations.Engine.Migrations;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Placeholder while the parts are put together.</summary>
internal sealed class PostgresMigrationRun(RunContext context, NpgsqlConnection session, NpgsqlConnection? metadata) : IMigrationRun
{
    internal Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<TargetSnapshot> ReadAsync(CancellationToken cancellationToken) => new SnapshotReader(context.Database, context.Store, "").ReadAsync(session, metadata, cancellationToken);

    public Task SettleAsync(MigrationLedger ledger, MigrationSource source, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ExecuteAsync(MigrationPlan plan, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task RepairAsync(RepairRequest request, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task FinishAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
