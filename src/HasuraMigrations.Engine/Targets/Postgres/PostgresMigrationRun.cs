using HasuraMigrations.Engine.Migrations;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>One run on one database: holds RUN, works on a session of its own.</summary>
internal sealed class PostgresMigrationRun : IMigrationRun
{
    private readonly RunContext _context;
    private readonly WorkSession _work;
    private readonly NpgsqlConnection? _metadata;
    private readonly SnapshotReader _reader;
    private readonly StateMirrorWriter _mirror;

    internal PostgresMigrationRun(RunContext context, NpgsqlConnection session, NpgsqlConnection? metadata)
    {
        _context = context;
        _work = new WorkSession(context, session);
        _metadata = metadata;
        _reader = new SnapshotReader(context.Database, context.Store, context.Connector.Description);
        _mirror = new StateMirrorWriter(context, _work, metadata);
    }

    /// <summary>Makes history, and if asked the state store, ready for writing.</summary>
    /// <exception cref="HasuraMigrationException">ServerReadOnly, HistoryWriteDenied, HistoryUnreadable, StateStoreExists.</exception>
    internal async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken).ConfigureAwait(false);
        var probe = _reader.Probe!;
        probe.CheckWrite(_context.Connector.Description);
        if (!probe.HasHistory)
        {
            FaultPoints.Reach("before-history");
            await StoreCreator.CreateHistoryAsync(_work.Session, probe, _context.Connector.Description, cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach("after-history");
        }

        var isServed = probe.HasMetadata || probe.HasUpdateEvent || _reader.MetadataProbe is { HasMetadata: true } or { HasUpdateEvent: true };
        if (!_context.Store.IsCatalog && !probe.HasTableState && isServed)
        {
            await StoreCreator.AddTableStateAsync(_work.Session, probe, _context.Connector.Description, cancellationToken).ConfigureAwait(false);
            await ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        if (!probe.HasHistory && _context.Store.IsCatalog && _metadata is null && _context.State.Kind == StateStoreKind.None && !_context.Options.CreateStateStore)
        {
            _context.Observer.Warned(new Finding
            {
                Id = "MetadataDatabaseUnknown",
                Severity = FindingSeverity.Warning,
                Message = $"No catalog of Hasura's is on {_context.Connector.Description}, so what Hasura's CLI applied is not known here, and the CLI will not know what this run applies.",
                Database = _context.Database,
                RecommendedAction = "If a server keeps its metadata in another database, name that with -MetadataConnectionString.",
            });
        }

        if (_context.Options.CreateStateStore && _context.State.Kind == StateStoreKind.None)
        {
            await StoreCreator.CreateStateAsync(_work.Session, _metadata, probe, _reader.MetadataProbe!, _context.Store.IsCatalog, _context.Connector.Description, cancellationToken).ConfigureAwait(false);
            await ReadAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<TargetSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var snapshot = await _reader.ReadAsync(_work.Session, _metadata, cancellationToken).ConfigureAwait(false);
        _context.State = snapshot.State;
        return snapshot;
    }

    public async Task SettleAsync(MigrationLedger ledger, MigrationSource source, CancellationToken cancellationToken)
    {
        FaultPoints.Reach("before-settle");
        await _mirror.SettleAsync(ledger, source, cancellationToken).ConfigureAwait(false);
        FaultPoints.Reach("after-settle");
    }

    public async Task ExecuteAsync(MigrationPlan plan, CancellationToken cancellationToken)
    {
        await _work.CheckPoolerAsync(cancellationToken).ConfigureAwait(false);
        await new PlanExecutor(_context, _work, _mirror).RunAsync(plan, cancellationToken).ConfigureAwait(false);
    }

    public async Task RepairAsync(RepairRequest request, CancellationToken cancellationToken)
    {
        var ledger = MigrationLedger.Reconcile(_context.Database, await ReadAsync(cancellationToken).ConfigureAwait(false));
        var planned = new PlannedMigration
        {
            Database = _context.Database,
            Version = request.Version,
            Name = request.Name,
            Direction = request.Progress is not null ? request.Direction : request.IsApplied ? MigrationDirection.Up : MigrationDirection.Down,
            Steps = [],
            IsTransactional = true,
            IsRecordOnly = true,
            Source = request.Source,
            Entry = ledger.Find(request.Version),
        };
        await _mirror.RecordAsync(planned, request, cancellationToken).ConfigureAwait(false);
        await _context.ReportAsync(planned, null, isResolved: false, cancellationToken, isTracked: request is { IsChecksumOnly: false, Progress: null }).ConfigureAwait(false);
    }

    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (_context.Committed == 0 && !_context.HasExecuted && !_context.HasWritten)
        {
            return;
        }

        FaultPoints.Reach("before-finish");
        await _work.ReopenIfBrokenAsync(cancellationToken).ConfigureAwait(false);
        await _mirror.FinishAsync(_reader, cancellationToken).ConfigureAwait(false);
        if (_context.HasExecuted && !_context.Options.NoReload)
        {
            FaultPoints.Reach("before-notice");
            await ServerNotice.SendAsync(_context, _metadata ?? _work.Session, _reader.MetadataProbe!, cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach("after-notice");
        }

        await _mirror.ProveAsync(_reader, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        FaultPoints.Reach("before-release");
        await _work.DisposeAsync().ConfigureAwait(false);
        if (_metadata is not null)
        {
            await _metadata.DisposeAsync().ConfigureAwait(false);
        }

        FaultPoints.Reach("before-lock-release");
        await _context.RunLock.DisposeAsync().ConfigureAwait(false);
    }
}
