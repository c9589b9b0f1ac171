using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>
/// One run on a database behind a server. No session is held: every migration takes the locks for its own transaction, and
/// its guard refuses where another run was at work since the plan was made.
/// </summary>
internal sealed class ServerMigrationRun : IMigrationRun
{
    private readonly ServerRunContext _run;
    private readonly ServerSnapshotReader _reader;
    private readonly StateReconciliation _end;
    private readonly bool _isChecked;
    private ServerReading? _fresh;
    private bool _isWarned;
    private bool _hasFiles;

    internal ServerMigrationRun(ServerRunContext run, ServerSnapshotReader reader, ServerReading? fresh, int configVersion)
    {
        (_run, _reader, _fresh) = (run, reader, fresh);
        // As Hasura's CLI: only projects of config version 1 let the server look after its metadata.
        _isChecked = configVersion == 1;
        _end = new StateReconciliation(run);
    }

    private static OwnStatement CreateFiles => new(ServerScripts.CreateFiles(FileKind.Repeatable));

    public async Task<TargetSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var reading = _fresh ?? await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        _fresh = null;
        reading.Probe.CheckWrite(_run.Description);
        RequireRights(reading.Probe);
        WarnOnce(reading.Probe);
        _run.State = reading.Snapshot.State;
        (_run.Scripts.Serial, _run.Scripts.Isolation) = (reading.Serial, reading.Isolation);
        _run.Scripts.Prelude.Clear();
        if (!reading.Probe.HasHistory)
        {
            _run.Scripts.Prelude.Add(new OwnStatement(ServerScripts.CreateHistory()));
        }

        _hasFiles = reading.Probe.HasRepeatable;
        if (reading.Probe.LacksLogIndex)
        {
            _run.Scripts.Prelude.AddRange(SqlScript.Parse(SqlResource.IndexLog).Statements.Select(s => new OwnStatement(s.Text)));
        }

        if (_run.State.Kind == StateStoreKind.Table && !(reading.Probe.HasTableState && reading.Probe.HasTableSettings))
        {
            _run.Scripts.Prelude.AddRange(SqlScript.Parse(SqlResource.AddTableState).Statements.Select(s => new OwnStatement(s.Text)));
        }

        return reading.Snapshot;
    }

    private void WarnOnce(DatabaseProbe probe)
    {
        if (!_isWarned && probe.WarnOfOpenSchemas(_run.Database, _run.Description) is { } warning)
        {
            _run.Observer.Warned(warning);
            _isWarned = true;
        }
    }

    public Task SynchronizeStateAsync(MigrationLedger ledger, MigrationSource source, CancellationToken cancellationToken)
    {
        QueueStateChanges(ledger, source);
        return Task.CompletedTask;
    }

    public IFileTrial NewTrial() => new ServerFileTrial(_run);

    public Task ExecuteAsync(MigrationPlan plan, CancellationToken cancellationToken)
    {
        if (!_hasFiles && plan.Migrations.Any(m => m.Mark is not null))
        {
            _run.Scripts.Prelude.Add(CreateFiles);
        }

        return new ServerPlanExecutor(_run, _isChecked, _end.Add, LeftAsync).RunAsync(plan, cancellationToken);
    }

    public async Task RepairAsync(IReadOnlyList<RepairRequest> requests, CancellationToken cancellationToken)
    {
        var snapshot = await ReadAsync(cancellationToken).ConfigureAwait(false);
        var ledger = MigrationLedger.Reconcile(_run.Database, snapshot);
        var repairs = requests.Select(r => (Migration: r.ToPlanned(_run.Database, ledger.Find(r.Version)), Request: r)).ToList();
        await WriteAsync(
            repairs[^1].Migration,
            attempt => repairs.SelectMany(r => _run.Records.Repair(r.Migration, r.Request, attempt)),
            isCounted: false,
            cancellationToken).ConfigureAwait(false);
        foreach (var (migration, request) in repairs)
        {
            if (request.SaysApplied)
            {
                _end.Add(migration);
            }

            await _run.ReportAsync(migration, null, isResolved: false, cancellationToken, isTracked: request.SaysApplied).ConfigureAwait(false);
        }
    }

    public async Task<StateDifference> WriteStateAsync(StateChange change, CancellationToken cancellationToken)
    {
        var isTable = change.Store == MigrationStateStore.Table;
        _ = await ReadAsync(cancellationToken).ConfigureAwait(false);
        var record = await _reader.ReadRecordAsync(cancellationToken).ConfigureAwait(false);
        var difference = change.Against(record);
        if (isTable && record.Table?.Settings is null && _run.State.Kind != StateStoreKind.Table)
        {
            _run.Scripts.Prelude.AddRange(SqlScript.Parse(SqlResource.AddTableState).Statements.Select(s => new OwnStatement(s.Text)));
        }

        if (!isTable)
        {
            if (record.Catalog is null)
            {
                throw record.Missing(change.Store, _run.Description);
            }

            await new ServerCatalogState(_run.Client, _run.Database).ChangeAsync(change, record, cancellationToken).ConfigureAwait(false);
        }

        // Adding twice does no harm, so another run that was at work meanwhile is no reason to refuse.
        await WriteAsync(
            RecordStatements.ChangeOf(_run.Database),
            attempt => [.. isTable ? RecordStatements.ChangeTables(change) : [], _run.Records.LogChange(change, attempt)],
            isCounted: false,
            cancellationToken).ConfigureAwait(false);
        return difference;
    }

    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (_run.Committed == 0 && !_run.HasExecuted && !_run.HasWritten && !_end.HasWork && _run.Scripts.Prelude.Count == 0)
        {
            return;
        }

        // What was to be settled and found no migration to go with.
        if (_end.HasSynchronized && _run.Scripts.Prelude.Count > 0)
        {
            try
            {
                await WriteAsync(RecordStatements.RecordOnly(_run.Database, 0, null), _ => [], isCounted: true, cancellationToken).ConfigureAwait(false);
            }
            catch (HistoryMovedException)
            {
                _run.Observer.Informed("Another run was active meanwhile; the next run updates what it leaves open.");
                _ = await ReadAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        await _end.FinishAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void QueueStateChanges(MigrationLedger ledger, MigrationSource source)
    {
        var isTable = _run.State.Kind == StateStoreKind.Table;
        _run.Scripts.Prelude.AddRange(ledger.ToAdopt.SelectMany(v => _run.Records.Adopt(v, source.Find(v), Guid.NewGuid())));
        _end.QueueStateChanges([.. ledger.ToMirror, .. _run.State.IsCopyPending ? ledger.ToAdopt : []], ledger.ToUnmirror, ledger.ToAdopt.Count > 0);
        if (isTable && (ledger.ToMirror.Count > 0 || ledger.ToUnmirror.Count > 0))
        {
            _run.Scripts.Prelude.AddRange(_run.Records.ChangeState(ledger.ToMirror, ledger.ToUnmirror));
            _run.Scripts.Prelude.AddRange(_run.Records.MarkMirrored(ledger.ToMirror, ledger.ToUnmirror));
        }
    }

    /// <summary>Writes records without running anything.</summary>
    private async Task WriteAsync(PlannedMigration migration, Func<Guid, IEnumerable<OwnStatement>> statements, bool isCounted, CancellationToken cancellationToken)
    {
        try
        {
            _run.Written(await new ServerAttempt(_run, migration).RunAsync(1, attempts => _run.Scripts.Own(statements(attempts[0]), attempts, isCounted), cancellationToken).ConfigureAwait(false));
        }
        catch (ServerWorkException e)
        {
            throw new HasuraMigrationException(e.Cause.SqlState == "42501" ? "PermissionMissing" : "QueryFailed", $"While writing records through {_run.Description}: {e.Cause.Message}", _run.Database, e.Cause);
        }
    }

    /// <summary>What is still to be done after another run was at work.</summary>
    private async Task<List<PlannedMigration>> LeftAsync(List<PlannedMigration> migrations, CancellationToken cancellationToken)
    {
        _run.Observer.Informed("Another run was active meanwhile; reading the history again.");
        var snapshot = await ReadAsync(cancellationToken).ConfigureAwait(false);
        var isOfFiles = migrations.Exists(m => m.Mark is not null);
        if (isOfFiles && !_hasFiles)
        {
            _run.Scripts.Prelude.Add(CreateFiles);
        }

        var left = isOfFiles ? FileRow.Left(snapshot.Repeatables, migrations) : ConcurrentRunCheck.Left(snapshot.History, migrations);
        foreach (var done in migrations.Where(m => left.All(l => l.Version != m.Version)))
        {
            _run.Observer.Informed($"The {done.Title} was done by another run.");
        }

        return left;
    }

    private void RequireRights(DatabaseProbe probe) =>
        _run.RequireSchema(probe, !probe.HasHistory && !probe.HasSchema ? "hasura_migrations" : _run.State.Kind == StateStoreKind.Table && !probe.HasCatalogSchema ? "hdb_catalog" : null);
}
