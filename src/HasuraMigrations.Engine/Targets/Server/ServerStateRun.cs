using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>
/// One run on a source that keeps no history, of the kinds citus, cockroach, mssql and bigquery: each file is one request, and
/// Hasura's record is written right after it.
/// </summary>
internal sealed class ServerStateRun(ServerRunContext run, ServerSnapshotReader reader, TargetSnapshot? fresh) : IMigrationRun
{
    private TargetSnapshot? _fresh = fresh;

    public async Task<TargetSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var snapshot = _fresh ?? await reader.ReadStateAsync(cancellationToken).ConfigureAwait(false);
        _fresh = null;
        run.State = snapshot.State;
        return snapshot;
    }

    public Task SynchronizeStateAsync(MigrationLedger ledger, MigrationSource source, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task ExecuteAsync(MigrationPlan plan, CancellationToken cancellationToken)
    {
        foreach (var migration in plan.Migrations)
        {
            cancellationToken.ThrowIfCancellationRequested();
            run.Observer.Started(migration);
            var clock = Stopwatch.StartNew();
            foreach (var step in migration.Steps)
            {
                await SendAsync(run, migration, step, cancellationToken).ConfigureAwait(false);
            }

            var duration = migration.Steps.Count > 0 ? clock.Elapsed : (TimeSpan?)null;
            await RecordAsync([migration], CancellationToken.None).ConfigureAwait(false);
            await run.ReportAsync(WithFinding(migration), duration, isResolved: false, cancellationToken).ConfigureAwait(false);
        }
    }

    public IFileTrial NewTrial() =>
        throw new HasuraMigrationException("RepeatableNotSupported", $"The source '{run.Database}' has no history, so there is no record of repeatable files.", run.Database);

    public async Task RepairAsync(IReadOnlyList<RepairRequest> requests, CancellationToken cancellationToken)
    {
        if (requests.FirstOrDefault(r => r.IsChecksumOnly) is { } checksum)
        {
            throw new HasuraMigrationException("RepairNotPossible", $"The source '{run.Database}' has no history, so there is no checksum to accept.", checksum.Version);
        }

        var planned = requests.Select(r => r.ToPlanned(run.Database, null)).ToList();
        await RecordAsync(planned, cancellationToken).ConfigureAwait(false);
        foreach (var migration in planned)
        {
            await run.ReportAsync(migration, null, isResolved: false, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<StateDifference> WriteStateAsync(StateChange change, CancellationToken cancellationToken)
    {
        var record = await reader.ReadRecordAsync(cancellationToken).ConfigureAwait(false);
        if (change.Store == MigrationStateStore.Table || record.Catalog is null)
        {
            throw record.Missing(change.Store, run.Description);
        }

        await new ServerCatalogState(run.Client, run.Database).ChangeAsync(change, record, cancellationToken).ConfigureAwait(false);
        return change.Against(record);
    }

    public Task FinishAsync(CancellationToken cancellationToken) => new StateReconciliation(run).FinishAsync(cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Sends one file as one request.</summary>
    internal static async Task SendAsync(ServerRunContext run, PlannedMigration migration, PlannedStep step, CancellationToken cancellationToken)
    {
        try
        {
            run.HasExecuted |= migration.MayChangeSchema;
            await run.Sql.RunAloneAsync(step.Script.Text, isWithoutTransaction: !migration.IsTransactional && run.Source.Traits.IsPostgresSql, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            run.Warn("ServerOutcomeUnknown", FindingSeverity.Warning, $"The {migration.Title} was stopped while it ran, and it is unknown whether it was committed: {run.Description} keeps no log.");
            throw;
        }
        catch (HasuraServerException e) when (e.MayHaveRun && e.Code is null)
        {
            throw new HasuraServerException("ServerOutcomeUnknown", $"It is unknown whether the {migration.Title} was committed on {run.Description}, which has no history: {e.Message}", run.Database, e) { MayHaveRun = true };
        }
        catch (HasuraServerException e)
        {
            throw new ServerFailure(run).Build(new ServerWorkException(e, [], [], ""), migration, null);
        }
    }

    private async Task RecordAsync(IReadOnlyList<PlannedMigration> migrations, CancellationToken cancellationToken)
    {
        long[] added = [.. migrations.Where(m => m.Direction == MigrationDirection.Up).Select(m => m.Version)];
        long[] removed = [.. migrations.Where(m => m.Direction == MigrationDirection.Down).Select(m => m.Version)];
        var last = migrations[^1];
        var state = new ServerCatalogState(run.Client, run.Database);
        try
        {
            if (await state.WriteAsync(added, removed, cancellationToken).ConfigureAwait(false))
            {
                await state.ProveAsync(added, removed, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (HasuraServerException e)
        {
            throw new HasuraMigrationException("StateStoreFailed", $"Migration {last.Version}_{last.Name} is committed, but Hasura's record, its only record here, could not be written: {e.Message}", last.Version, e)
            {
                RecommendedAction = $"Repair-HasuraMigration -Version {last.Version} -As {(last.Direction == MigrationDirection.Up ? "Applied" : "RolledBack")} writes it.",
            };
        }
    }

    private PlannedMigration WithFinding(PlannedMigration migration) => migration with
    {
        Findings =
        [
            .. migration.Findings,
            new Finding
            {
                Id = "HistoryNotKept",
                Severity = FindingSeverity.Information,
                Message = $"Only Hasura's record records it: a source of kind {run.Source.Kind} has no history.",
                Database = run.Database,
                Version = migration.Version,
            },
        ],
    };
}
