using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Seeds;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>One run of seed files on one database. Locks, transactions and what is done after a loss are those of migrations.</summary>
internal sealed class PostgresSeedRun(RunContext context, NpgsqlConnection session, ServerProcess process, MetadataSession metadata, bool needsTable) : ISeedRun, ILockedRun
{
    private readonly WorkSession _work = new(context, session, process);
    private SeedSnapshot? _snapshot;
    private DatabaseProbe? _probe;

    public Task CheckPoolerAsync(CancellationToken cancellationToken) => _work.CheckPoolerAsync(cancellationToken);

    /// <summary>Makes log and table ready for writing, and reads what is recorded.</summary>
    /// <exception cref="HasuraMigrationException">ServerReadOnly, HistoryWriteDenied, HistoryUnreadable.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var description = context.Connector.Description;
        _probe = await _work.Session.ProbeAsync(description, cancellationToken).ConfigureAwait(false);
        _probe.CheckHistory(description);
        _probe.CheckSeedWrite(description);
        if (_probe.WarnOfOpenSchemas(context.Database, description) is { } warning)
        {
            context.Observer.Warned(warning);
        }

        if (!_probe.HasHistory)
        {
            await StoreCreator.CreateHistoryAsync(_work.Session, _probe, description, cancellationToken).ConfigureAwait(false);
        }

        if (needsTable && !_probe.HasSeed)
        {
            await StoreCreator.CreateFilesAsync(_work.Session, FileKind.Seed, _probe, description, cancellationToken).ConfigureAwait(false);
        }

        var hasTable = needsTable || _probe.HasSeed;
        _snapshot = new SeedSnapshot(hasTable ? await _work.Session.FilesAsync(FileKind.Seed, context.Database, description, cancellationToken).ConfigureAwait(false) : [], TargetTraits.Postgres);
    }

    // No other run can have written since it was prepared: this one holds RUN.
    public Task<SeedSnapshot> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(_snapshot!);

    public Task ExecuteAsync(MigrationPlan plan, CancellationToken cancellationToken) =>
        new PlanExecutor(context, _work, new StateMirrorWriter(context, _work, metadata)).RunAsync(plan, cancellationToken);

    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (!context.HasExecuted || context.Options.NoReload || _work.IsGivenUp)
        {
            return;
        }

        try
        {
            await _work.ReopenIfBrokenAsync(cancellationToken).ConfigureAwait(false);
            await metadata.UseAsync(
                async m =>
                {
                    var place = m ?? _work.Session;
                    var probe = m is null ? _probe! : await m.ProbeAsync(metadata.Description, cancellationToken).ConfigureAwait(false);
                    await RunNotice.SendAsync(context, (use, _) => use(place), probe, cancellationToken).ConfigureAwait(false);
                    return true;
                },
                isPatient: true,
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or HasuraMigrationException)
        {
            RunNotice.ReportFailure(context, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _work.DisposeAsync().ConfigureAwait(false);
        await metadata.DisposeAsync().ConfigureAwait(false);
        await context.RunLock.DisposeAsync().ConfigureAwait(false);
    }
}
