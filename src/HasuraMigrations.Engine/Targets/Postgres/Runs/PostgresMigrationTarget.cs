using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Seeds;
using HasuraMigrations.Engine.Targets.Postgres.Dumps;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>A Postgres database, straight through Npgsql; no Hasura server is needed.</summary>
public sealed class PostgresMigrationTarget : IMigrationTarget, ISeedTarget
{
    private const string Purpose = "work";

    private readonly HasuraConnection _connection;
    private readonly PostgresConnector _connector;
    private readonly IReadOnlyList<PostgresConnector> _candidates;
    private PostgresConnector? _metadataConnector;
    private readonly List<string> _notSearched = [];
    private bool _isMetadataFound;
    private readonly string _database;
    private readonly StateStore _store;

    /// <summary>A target that connects when it is first used.</summary>
    /// <param name="connection">The database that migrations are applied to.</param>
    /// <param name="metadataConnection">Hasura's metadata database, where it is another one; null for the same.</param>
    /// <param name="database">Source name.</param>
    /// <param name="configVersion">Config version of the project, which tells where Hasura keeps its state.</param>
    /// <param name="metadataCandidates">Where to look for Hasura's catalog where neither is named nor in the database itself.</param>
    public PostgresMigrationTarget(HasuraConnection connection, HasuraConnection? metadataConnection, string database, int configVersion, IReadOnlyList<HasuraConnection>? metadataCandidates = null)
    {
        _connection = connection;
        _connector = new PostgresConnector(connection);
        _metadataConnector = metadataConnection is null ? null : new PostgresConnector(metadataConnection);
        _candidates = metadataConnection is null && configVersion == 3 ? [.. (metadataCandidates ?? []).Select(c => new PostgresConnector(c))] : [];
        _database = database;
        _store = new StateStore(configVersion, database);
    }

    /// <inheritdoc/>
    public string Description => _connector.Description;

    /// <inheritdoc/>
    public void BeginConnecting() => _connector.BeginOpening(Purpose);

    /// <inheritdoc/>
    public Task<TargetSnapshot> ReadAsync(CancellationToken cancellationToken) => _connector.ReadAsync(Purpose, "reading history and state", async (session, token) =>
    {
        await using var metadata = await OpenMetadataAsync(session, token).ConfigureAwait(false);
        return await new SnapshotReader(_database, _store, Description).ReadAsync(session, metadata, token).ConfigureAwait(false) with { NotSearched = metadata is null ? _notSearched : [] };
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<StateRecord> ReadRecordAsync(CancellationToken cancellationToken) => _connector.ReadAsync(Purpose, "reading Hasura's record", async (session, token) =>
    {
        await using var metadata = await OpenMetadataAsync(session, token).ConfigureAwait(false);
        return await new SnapshotReader(_database, _store, Description).ReadRecordAsync(session, metadata, token).ConfigureAwait(false) with { NotSearched = metadata is null ? _notSearched : [] };
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<TargetIdentity> ReadIdentityAsync(CancellationToken cancellationToken) => _connector.ReadAsync(Purpose, "reading the identity of the database", async (session, token) =>
    {
        var probe = await session.ProbeAsync(Description, token).ConfigureAwait(false);
        probe.CheckHistory(Description);
        return HistoryStore.ToIdentity((await session.RowsAsync(HistoryStore.Identity(probe.HasLog), token).ConfigureAwait(false))[0]);
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<long, SourceMigration>> ReadStoredAsync(CancellationToken cancellationToken) => _connector.ReadAsync(Purpose, "reading the texts of the history", async (session, token) =>
    {
        (await session.ProbeAsync(Description, token).ConfigureAwait(false)).CheckHistory(Description);
        return (IReadOnlyDictionary<long, SourceMigration>)HistoryStore.Stored(await session.RowsAsync(HistoryStore.StoredTexts(_database), token).ConfigureAwait(false));
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<MigrationLogEntry>> ReadLogAsync(int newest, CancellationToken cancellationToken) => _connector.ReadAsync(Purpose, "reading the log", async (session, token) =>
    {
        var probe = await session.ProbeAsync(Description, token).ConfigureAwait(false);
        probe.CheckHistory(Description);
        var query = HistoryStore.Log(_database, newest);
        return (IReadOnlyList<MigrationLogEntry>)(probe.HasLog
            ? [.. (await session.RowsAsync(query.Sql, query.Arguments, token).ConfigureAwait(false)).Select(r => HistoryStore.ToLogEntry(_database, r))]
            : []);
    }, cancellationToken);

    /// <inheritdoc/>
    public async Task<IMigrationRun> BeginRunAsync(RunOptions options, IRunObserver observer, CancellationToken cancellationToken) =>
        await BeginAsync(options, observer, (context, session, process, metadata) => new PostgresMigrationRun(context, session, process, metadata), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<SeedSnapshot> ReadSeedsAsync(CancellationToken cancellationToken) => _connector.ReadAsync(Purpose, "reading what is recorded of seed files", async (session, token) =>
    {
        var probe = await session.ProbeAsync(Description, token).ConfigureAwait(false);
        probe.CheckHistory(Description);
        return new SeedSnapshot(probe.HasSeed ? await session.FilesAsync(FileKind.Seed, _database, Description, token).ConfigureAwait(false) : [], TargetTraits.Postgres);
    }, cancellationToken);

    /// <inheritdoc/>
    public async Task<ISeedRun> BeginSeedRunAsync(RunOptions options, bool needsTable, IRunObserver observer, CancellationToken cancellationToken) =>
        await BeginAsync(options, observer, (context, session, process, metadata) => new PostgresSeedRun(context, session, process, metadata, needsTable), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SeedRelation>> FindTablesAsync(IReadOnlyList<SeedTable> tables, CancellationToken cancellationToken) => _connector.ReadAsync(
        Purpose,
        "looking tables up",
        async (session, token) => (IReadOnlyList<SeedRelation>)[.. (await session.RowsAsync(SeedStore.Tables(tables), token).ConfigureAwait(false)).Select(SeedStore.ToRelation)],
        cancellationToken);

    /// <inheritdoc/>
    public Task<string> DumpAsync(IReadOnlyList<string> options, CancellationToken cancellationToken) => _connector.ReadAsync(
        Purpose,
        "dumping tables",
        (session, token) => new DumpProgram(_connection).RunAsync(session, options, token),
        cancellationToken);

    private async Task<T> BeginAsync<T>(RunOptions options, IRunObserver observer, Func<RunContext, NpgsqlConnection, ServerProcess, MetadataSession, T> make, CancellationToken cancellationToken)
        where T : class, ILockedRun =>
        await ReadRetries.RunAsync(_connector.IsLoss, async token =>
        {
            // The session that planned goes on as the one that works, where it is as patient.
            var opening = options.ReconnectTimeout == RunOptions.DefaultReconnectTimeout
                ? _connector.TakeAsync(Purpose, token)
                : OpenAsync(options, token);
            try
            {
                return await BeginAsync(opening, options, observer, make, token).ConfigureAwait(false);
            }
            catch
            {
                await Task.WhenAny(opening).ConfigureAwait(false);
                _ = opening.Exception;
                if (opening.IsCompletedSuccessfully)
                {
                    await (await opening.ConfigureAwait(false)).Session.DisposeAsync().ConfigureAwait(false);
                }

                throw;
            }
        }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connector.DisposeAsync();

    private async Task<(NpgsqlConnection Session, ServerProcess? Process)> OpenAsync(RunOptions options, CancellationToken cancellationToken) =>
        (await _connector.OpenAsync(Purpose, keepAlive: true, cancellationToken, options.ReconnectTimeout).ConfigureAwait(false), null);

    private async Task<T> BeginAsync<T>(Task<(NpgsqlConnection Session, ServerProcess? Process)> opening, RunOptions options, IRunObserver observer, Func<RunContext, NpgsqlConnection, ServerProcess, MetadataSession, T> make, CancellationToken cancellationToken)
        where T : class, ILockedRun
    {
        RunLock? runLock = null;
        MetadataSession? metadata = null;
        try
        {
            runLock = await RunLock.TakeAsync(_connector, observer, options, cancellationToken).ConfigureAwait(false);
            var context = new RunContext(_database, options, _store, runLock, observer, _connector);
            var (session, process) = await opening.ConfigureAwait(false);
            metadata = new MetadataSession(await FindMetadataOnceAsync(session, cancellationToken).ConfigureAwait(false), options);
            process ??= await ServerProcess.ReadAsync(session, cancellationToken).ConfigureAwait(false);
            var run = make(context, session, process, metadata);
            // On two sessions.
            await Task.WhenAll(run.CheckPoolerAsync(cancellationToken), run.PrepareAsync(cancellationToken)).ConfigureAwait(false);
            return run;
        }
        catch (Exception e)
        {
            if (metadata is not null)
            {
                await metadata.DisposeAsync().ConfigureAwait(false);
            }

            if (runLock is not null)
            {
                await runLock.DisposeAsync().ConfigureAwait(false);
            }

            throw e is NpgsqlException lost ? PostgresErrors.Query(lost, "preparing the run", Description) : e;
        }
    }

    /// <summary>A session on the database that holds Hasura's metadata; null where that is the target itself, or not known.</summary>
    private async Task<NpgsqlConnection?> OpenMetadataAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        await FindMetadataOnceAsync(session, cancellationToken).ConfigureAwait(false) is { } place ? await place.OpenAsync("metadata", keepAlive: true, cancellationToken, RunOptions.DefaultReconnectTimeout).ConfigureAwait(false) : null;

    private async Task<PostgresConnector?> FindMetadataOnceAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        if (_metadataConnector is null && !_isMetadataFound && _candidates.Count > 0)
        {
            _metadataConnector = await FindMetadataAsync(session, cancellationToken).ConfigureAwait(false);
            _isMetadataFound = true;
        }

        return _metadataConnector;
    }

    private async Task<PostgresConnector?> FindMetadataAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        if ((await session.ProbeAsync(Description, cancellationToken).ConfigureAwait(false)).HasCatalogState)
        {
            return null;
        }

        foreach (var candidate in _candidates)
        {
            try
            {
                await using var other = await candidate.OpenAsync("metadata", keepAlive: false, cancellationToken, RunOptions.DefaultReconnectTimeout).ConfigureAwait(false);
                if ((await other.ProbeAsync(candidate.Description, cancellationToken).ConfigureAwait(false)).HasCatalogState)
                {
                    return candidate;
                }
            }
            catch (HasuraMigrationException e)
            {
                // Nobody said that the catalog is there: the other database's trouble is not this one's.
                _notSearched.Add(e.Message);
            }
        }

        return null;
    }
}
