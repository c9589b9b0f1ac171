using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>One run on one database: holds RUN, works on a session of its own.</summary>
internal sealed class PostgresMigrationRun : IMigrationRun, ILockedRun
{
    private readonly RunContext _context;
    private readonly WorkSession _work;
    private readonly MetadataSession _metadata;
    private readonly SnapshotReader _reader;
    private readonly StateMirrorWriter _mirror;
    private TargetSnapshot? _fresh;
    private bool _hasFiles;

    internal PostgresMigrationRun(RunContext context, NpgsqlConnection session, ServerProcess process, MetadataSession metadata)
    {
        _context = context;
        _work = new WorkSession(context, session, process);
        _metadata = metadata;
        _reader = new SnapshotReader(context.Database, context.Store, context.Connector.Description);
        _mirror = new StateMirrorWriter(context, _work, metadata);
    }

    public Task CheckPoolerAsync(CancellationToken cancellationToken) => _work.CheckPoolerAsync(cancellationToken);

    /// <summary>Makes history, and if asked the state store, ready for writing.</summary>
    /// <exception cref="HasuraMigrationException">ServerReadOnly, HistoryWriteDenied, HistoryUnreadable, StateStoreExists.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var snapshot = await ReadAsync(cancellationToken).ConfigureAwait(false);
        var probe = _reader.Probe!;
        probe.CheckWrite(_context.Connector.Description);
        if (probe.WarnOfOpenSchemas(_context.Database, _context.Connector.Description) is { } warning)
        {
            _context.Observer.Warned(warning);
        }

        if (!probe.HasHistory)
        {
            FaultPoints.Reach("before-history");
            await StoreCreator.CreateHistoryAsync(_work.Session, probe, _context.Connector.Description, cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach("after-history");
            snapshot = snapshot with { HasHistory = true };
        }

        if (probe.LacksLogIndex)
        {
            await StoreCreator.IndexLogAsync(_work.Session, _context.Connector.Description, cancellationToken).ConfigureAwait(false);
        }

        var isServed = probe.HasMetadata || probe.HasUpdateEvent || _reader.MetadataProbe is { HasMetadata: true } or { HasUpdateEvent: true };
        if (!_context.Store.IsCatalog && !probe.HasTableState && isServed)
        {
            await StoreCreator.AddTableStateAsync(_work.Session, probe, _context.Connector.Description, cancellationToken).ConfigureAwait(false);
            snapshot = await ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        if (!probe.HasHistory && _context.Store.IsCatalog && !_metadata.IsSeparate && _context.State.Kind == StateStoreKind.None && !_context.Options.CreateStateStore)
        {
            _context.Observer.Warned(new Finding
            {
                Id = "MetadataDatabaseUnknown",
                Severity = FindingSeverity.Warning,
                Message = $"{_context.Connector.Description} contains no Hasura catalog, so it is unknown what Hasura's CLI applied, and the CLI will not see what this run applies.",
                Database = _context.Database,
                RecommendedAction = "If a server keeps its metadata in another database, specify it with -MetadataConnectionString.",
            });
        }

        if (_context.Options.CreateStateStore && _context.State.Kind == StateStoreKind.None)
        {
            await UseMetadataAsync(m => StoreCreator.CreateStateAsync(_work.Session, m, probe, _reader.MetadataProbe!, _context.Store.IsCatalog, _context.Connector.Description, cancellationToken), cancellationToken).ConfigureAwait(false);
            snapshot = await ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        _fresh = snapshot;
    }

    public async Task<TargetSnapshot> ReadAsync(CancellationToken cancellationToken) =>
        // No other run can have written since: this one holds RUN.
        Interlocked.Exchange(ref _fresh, null) ?? await ReadNowAsync(cancellationToken).ConfigureAwait(false);

    private Task<TargetSnapshot> ReadNowAsync(CancellationToken cancellationToken) => AgainAfterLossAsync(async _ =>
    {
        var snapshot = await _metadata.UseAsync(m => _reader.ReadAsync(_work.Session, m, cancellationToken), isPatient: true, cancellationToken).ConfigureAwait(false);
        _context.State = snapshot.State;
        return snapshot;
    }, cancellationToken);

    public async Task SynchronizeStateAsync(MigrationLedger ledger, MigrationSource source, CancellationToken cancellationToken)
    {
        FaultPoints.Reach("before-synchronize");
        await AgainAfterLossAsync(async isAgain =>
        {
            // What was written before the loss, or by another run while the lock was not held, must not be synchronized again.
            var present = isAgain ? MigrationLedger.Reconcile(_context.Database, await ReadAsync(cancellationToken).ConfigureAwait(false)) : ledger;
            await _mirror.SynchronizeStateAsync(present, source, cancellationToken).ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);
        FaultPoints.Reach("after-synchronize");
    }

    public IFileTrial NewTrial() => new PostgresFileTrial(_context, _work);

    public async Task ExecuteAsync(MigrationPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Migrations.Any(m => m.Mark is not null))
        {
            await CreateFilesAsync(cancellationToken).ConfigureAwait(false);
        }

        await new PlanExecutor(_context, _work, _mirror).RunAsync(plan, cancellationToken).ConfigureAwait(false);
    }

    public async Task RepairAsync(IReadOnlyList<RepairRequest> requests, CancellationToken cancellationToken)
    {
        var ledger = MigrationLedger.Reconcile(_context.Database, await ReadAsync(cancellationToken).ConfigureAwait(false));
        var repairs = requests.Select(r => (Migration: r.ToPlanned(_context.Database, ledger.Find(r.Version)), Request: r)).ToList();
        await _mirror.RecordAsync(repairs, cancellationToken).ConfigureAwait(false);
        foreach (var (migration, request) in repairs)
        {
            await _context.ReportAsync(migration, null, isResolved: false, cancellationToken, isTracked: request.SaysApplied).ConfigureAwait(false);
        }
    }

    public async Task<StateDifference> WriteStateAsync(StateChange change, CancellationToken cancellationToken)
    {
        var isTable = change.Store == MigrationStateStore.Table;
        StateDifference? difference = null;
        return await AgainAfterLossAsync(async _ =>
        {
            var record = await ReadRecordAsync(cancellationToken).ConfigureAwait(false);
            if (isTable && record.Table?.Settings is null)
            {
                await StoreCreator.AddTableStateAsync(_work.Session, _reader.Probe!, _context.Connector.Description, cancellationToken).ConfigureAwait(false);
                record = await ReadRecordAsync(cancellationToken).ConfigureAwait(false);
            }

            if (!isTable && record.Catalog is null)
            {
                throw record.Missing(change.Store, _context.Connector.Description);
            }

            // After a loss, what was written before it is no difference any more.
            difference ??= change.Against(record);
            await (isTable ? _mirror.ChangeTablesAsync(change, cancellationToken) : _mirror.ChangeCatalogAsync(change, record, cancellationToken)).ConfigureAwait(false);
            return difference;
        }, cancellationToken).ConfigureAwait(false);
    }

    private Task<StateRecord> ReadRecordAsync(CancellationToken cancellationToken) =>
        _metadata.UseAsync(m => _reader.ReadRecordAsync(_work.Session, m, cancellationToken), isPatient: true, cancellationToken);

    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (_context.Committed == 0 && !_context.HasExecuted && !_context.HasWritten)
        {
            return;
        }

        if (_work.IsGivenUp)
        {
            // It has been waited for.
            return;
        }

        FaultPoints.Reach("before-finish");
        await _work.ReopenIfBrokenAsync(cancellationToken).ConfigureAwait(false);
        await AgainAfterLossAsync(async _ =>
        {
            await _mirror.FinishAsync(_reader, cancellationToken).ConfigureAwait(false);
            if (_context.HasExecuted && !_context.Options.NoReload)
            {
                FaultPoints.Reach("before-notice");
                await RunNotice.SendAsync(_context, UseMetadataOrTargetAsync, _reader.MetadataProbe!, cancellationToken).ConfigureAwait(false);
                FaultPoints.Reach("after-notice");
            }

            await _mirror.ProveAsync(_reader, cancellationToken).ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);
        ReportReopened();
    }

    private async Task CreateFilesAsync(CancellationToken cancellationToken) => _hasFiles = _hasFiles || await AgainAfterLossAsync(async isAgain =>
    {
        if (isAgain)
        {
            await ReadNowAsync(cancellationToken).ConfigureAwait(false);
        }

        if (!_reader.Probe!.HasRepeatable)
        {
            await StoreCreator.CreateFilesAsync(_work.Session, FileKind.Repeatable, _reader.Probe, _context.Connector.Description, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }, cancellationToken).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        FaultPoints.Reach("before-release");
        await _work.DisposeAsync().ConfigureAwait(false);
        await _metadata.DisposeAsync().ConfigureAwait(false);
        FaultPoints.Reach("before-lock-release");
        await _context.RunLock.DisposeAsync().ConfigureAwait(false);
    }

    private Task UseMetadataAsync(Func<NpgsqlConnection?, Task> use, CancellationToken cancellationToken) => _metadata.UseAsync(
        async session =>
        {
            await use(session).ConfigureAwait(false);
            return true;
        },
        isPatient: true,
        cancellationToken);

    private Task UseMetadataOrTargetAsync(Func<NpgsqlConnection, Task> use, CancellationToken cancellationToken) =>
        UseMetadataAsync(session => use(session ?? _work.Session), cancellationToken);

    /// <summary>Does again what does no harm when it is done twice, after a session was lost.</summary>
    /// <param name="work">What to do; gets true from the second time on.</param>
    /// <param name="cancellationToken">Stops it.</param>
    private async Task<T> AgainAfterLossAsync<T>(Func<bool, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var isAgain = false; ; isAgain = true)
        {
            try
            {
                return await work(isAgain).ConfigureAwait(false);
            }
            catch (Exception e) when (e is HasuraMigrationException or NpgsqlException)
            {
                if (!_work.IsBroken || _work.IsGivenUp)
                {
                    throw e is NpgsqlException refused ? PostgresErrors.Query(refused, "keeping the records", _context.Connector.Description) : e;
                }

                _context.Lost.Add();
                if (_context.Lost.AreTooMany)
                {
                    throw e is NpgsqlException lost ? PostgresErrors.Query(lost, "keeping the records", _context.Connector.Description) : e;
                }
            }

            await _work.ReopenIfBrokenAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void ReportReopened()
    {
        List<string> told = [];
        if (_work.Reopened > 0)
        {
            told.Add($"to {_context.Connector.Description} {Times(_work.Reopened)}");
        }

        if (_metadata.Reopened > 0)
        {
            told.Add($"to the metadata database, {_metadata.Description}, {Times(_metadata.Reopened)}");
        }

        if (told.Count > 0)
        {
            _context.Observer.Warned(new Finding { Id = "ConnectionReopened", Severity = FindingSeverity.Warning, Message = $"During the run, the connection was lost {string.Join(" and ", told)}, and opened again.", Database = _context.Database });
        }
    }

    private static string Times(int count) => count == 1 ? "once" : $"{count} times";
}
