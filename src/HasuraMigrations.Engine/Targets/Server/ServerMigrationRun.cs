using System.Diagnostics;
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
    // A run that others always overtake is told so at last.
    private const int MostReadings = 100;
    private const int MostStanding = 3;

    private readonly ServerRunContext _run;
    private readonly ServerSnapshotReader _reader;
    private readonly StateReconciliation _end;
    private readonly bool _isChecked;
    private ServerReading? _fresh;
    private bool _isWarned;

    internal ServerMigrationRun(ServerRunContext run, ServerSnapshotReader reader, ServerReading? fresh, int configVersion)
    {
        (_run, _reader, _fresh) = (run, reader, fresh);
        // As Hasura's CLI: only projects of config version 1 let the server look after its metadata.
        _isChecked = configVersion == 1;
        _end = new StateReconciliation(run);
    }

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

    public async Task ExecuteAsync(MigrationPlan plan, CancellationToken cancellationToken)
    {
        var left = plan.Migrations.ToList();
        var sizer = new GroupSizer(first: 2);
        for (var (readings, standing) = (0, 0); left.Count > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var isOne = plan.TransactionMode == MigrationTransactionMode.All;
            var count = isOne ? left.Count : MayBeGrouped ? sizer.Take(left, 0).Count : 1;
            var clock = Stopwatch.StartNew();
            try
            {
                if (isOne || count == 1)
                {
                    await RunAsync(left[..count], cancellationToken).ConfigureAwait(false);
                    left.RemoveRange(0, count);
                }
                else if (!await RunGroupAsync(left, count, cancellationToken).ConfigureAwait(false))
                {
                    // Alone, it is waited for, tried again or given up with all that is known of it.
                    sizer.Restart();
                    continue;
                }

                sizer.Adjust(clock.Elapsed);
            }
            catch (HistoryMovedException e)
            {
                // Alone, it is known which of them it was where the history did not move.
                sizer.Restart();
                var serial = _run.Scripts.Serial;
                left = await LeftAsync(left, cancellationToken).ConfigureAwait(false);
                // A history that only the work ever found moved did not move.
                if (serial == _run.Scripts.Serial && ++standing > MostStanding && e.Cause is { } cause && left.Count > 0)
                {
                    throw await new ServerFailure(_run).ReportAsync(new ServerWorkException(cause, [], [], ""), [.. left.Take(count)], cancellationToken).ConfigureAwait(false);
                }

                if (++readings > MostReadings)
                {
                    throw new HasuraMigrationException("LockTimeout", $"Other runs on {_run.Description} changed the history {MostReadings} times before this run could continue.", _run.Database, e);
                }
            }
        }
    }

    public async Task RepairAsync(RepairRequest request, CancellationToken cancellationToken)
    {
        var snapshot = await ReadAsync(cancellationToken).ConfigureAwait(false);
        var ledger = MigrationLedger.Reconcile(_run.Database, snapshot);
        var planned = RecordStatements.RecordOnly(_run.Database, request.Version, request.Source) with
        {
            Name = request.Name,
            Direction = request.Progress is not null ? request.Direction : request.IsApplied ? MigrationDirection.Up : MigrationDirection.Down,
            Entry = ledger.Find(request.Version),
        };
        await WriteAsync(
            planned,
            attempt => _run.Records.Repair(planned, request, attempt),
            isCounted: false,
            cancellationToken).ConfigureAwait(false);
        if (!request.IsChecksumOnly && request.Progress is null)
        {
            _end.Add(planned);
        }

        await _run.ReportAsync(planned, null, isResolved: false, cancellationToken, isTracked: request is { IsChecksumOnly: false, Progress: null }).ConfigureAwait(false);
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
            Written(await new ServerAttempt(_run, migration).RunAsync(1, attempts => _run.Scripts.Own(statements(attempts[0]), attempts, isCounted), cancellationToken).ConfigureAwait(false));
        }
        catch (ServerWorkException e)
        {
            throw new HasuraMigrationException(e.Cause.SqlState == "42501" ? "PermissionMissing" : "QueryFailed", $"While writing records through {_run.Description}: {e.Cause.Message}", _run.Database, e.Cause);
        }
    }

    // A server of version 1 makes one transaction of a request; and where it looks after its metadata, it does so once for each migration.
    private bool MayBeGrouped => _run.Source.IsVersion2 && !_isChecked;

    /// <summary>Runs the first migrations as one request, and takes those away that are committed.</summary>
    /// <returns>False where the next of them has to be run alone.</returns>
    private async Task<bool> RunGroupAsync(List<PlannedMigration> left, int count, CancellationToken cancellationToken)
    {
        var group = left[..count];
        _run.Observer.Started(group[0]);
        var end = await new ServerGroup(_run, group).RunAsync(cancellationToken).ConfigureAwait(false);
        if (end.Error is null)
        {
            RequireRecords(end.Outcome, end.Attempts, group);
        }

        if (end.Committed > 0)
        {
            _run.HasExecuted |= group.Any(m => m.Steps.Count > 0);
            Written(end.Outcome);
        }

        for (var i = 0; i < end.Committed; i++)
        {
            if (i > 0)
            {
                _run.Observer.Started(group[i]);
            }

            _end.Add(group[i]);
            left.Remove(group[i]);
            await _run.ReportAsync(group[i], end.Outcome.Durations[end.Attempts[i]], end.Outcome.IsResolved, cancellationToken).ConfigureAwait(false);
        }

        return end.Committed == count || await JudgeAsync(group[end.Committed], end, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>After a group that stopped at a migration: throws, or returns false where that may be tried again.</summary>
    private async Task<bool> JudgeAsync(PlannedMigration stopped, ServerGroupEnd end, CancellationToken cancellationToken)
    {
        var error = end.Error!;
        if (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(error.Message, error, cancellationToken);
        }

        if (_run.Scripts.IsOurs(error, ServerScripts.Moved))
        {
            throw new HistoryMovedException(error);
        }

        if (end.IsLost)
        {
            _run.Lost.Add();
        }

        return !end.IsFailure && !_run.Lost.AreTooMany
            ? false
            : throw await new ServerFailure(_run).ReportAsync(new ServerWorkException(error, [end.Attempts[end.Committed]], [], ""), [stopped], cancellationToken).ConfigureAwait(false);
    }

    private async Task RunAsync(IReadOnlyList<PlannedMigration> migrations, CancellationToken cancellationToken)
    {
        foreach (var migration in migrations)
        {
            _run.Observer.Started(migration);
        }

        if (!migrations[0].IsTransactional)
        {
            await ServerStatementWork.RunAsync(_run, Written, migrations[0], cancellationToken).ConfigureAwait(false);
            _end.Add(migrations[0]);
            return;
        }

        try
        {
            Guid[] sent = [];
            var outcome = await new ServerAttempt(_run, migrations[0]).RunAsync(migrations.Count, attempts => _run.Scripts.Work(migrations, sent = attempts, _isChecked), cancellationToken).ConfigureAwait(false);
            _run.HasExecuted |= migrations.Any(m => m.Steps.Count > 0);
            RequireRecords(outcome, sent, migrations);
            Written(outcome);
            for (var i = 0; i < migrations.Count; i++)
            {
                _end.Add(migrations[i]);
                await _run.ReportAsync(migrations[i], outcome.Durations.GetValueOrDefault(sent[i]), outcome.IsResolved, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ServerWorkException e)
        {
            throw await new ServerFailure(_run).ReportAsync(e, migrations, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What is still to be done after another run was at work.</summary>
    private async Task<List<PlannedMigration>> LeftAsync(List<PlannedMigration> migrations, CancellationToken cancellationToken)
    {
        _run.Observer.Informed("Another run was active meanwhile; reading the history again.");
        var snapshot = await ReadAsync(cancellationToken).ConfigureAwait(false);
        var left = ConcurrentRunCheck.Left(snapshot.History, migrations);
        foreach (var done in migrations.Where(m => left.All(l => l.Version != m.Version)))
        {
            _run.Observer.Informed($"Migration {done.Version} was done by another run.");
        }

        return left;
    }

    private void Written(ServerOutcome outcome)
    {
        _run.HasWritten = true;
        _run.Scripts.Serial = Math.Max(_run.Scripts.Serial, outcome.Serial);
        _run.Scripts.Prelude.Clear();
    }

    // Only the log says that something was committed.
    private void RequireRecords(ServerOutcome outcome, Guid[] attempts, IReadOnlyList<PlannedMigration> migrations)
    {
        var missing = migrations.Where((_, i) => !outcome.Durations.ContainsKey(attempts[i])).FirstOrDefault();
        if (missing is not null)
        {
            throw new HasuraServerException("ServerOutcomeUnknown", $"{_run.Description} answered without an error, but did not confirm that the log contains migration {missing.Version}_{missing.Name}.", _run.Database) { MayHaveRun = true };
        }
    }

    private void RequireRights(DatabaseProbe probe)
    {
        var schema = !probe.HasHistory && !probe.HasSchema ? "hasura_migrations" : _run.State.Kind == StateStoreKind.Table && !probe.HasCatalogSchema ? "hdb_catalog" : null;
        if (schema is not null && !probe.MayCreate)
        {
            throw new HasuraMigrationException("HistoryWriteDenied", $"Role '{probe.Role}', with which {_run.Description} connects, may not create the schema {schema}. To grant it: GRANT CREATE ON DATABASE ... TO {SqlName.Quote(probe.Role)};", _run.Database);
        }
    }
}
