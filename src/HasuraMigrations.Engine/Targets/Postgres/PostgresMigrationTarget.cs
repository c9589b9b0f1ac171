using HasuraMigrations.Engine.Migrations;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>A Postgres database, straight through Npgsql; no Hasura server is needed.</summary>
public sealed class PostgresMigrationTarget : IMigrationTarget
{
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
        _connector = new PostgresConnector(connection);
        _metadataConnector = metadataConnection is null ? null : new PostgresConnector(metadataConnection);
        _candidates = metadataConnection is null && configVersion == 3 ? [.. (metadataCandidates ?? []).Select(c => new PostgresConnector(c))] : [];
        _database = database;
        _store = new StateStore(configVersion, database);
    }

    /// <inheritdoc/>
    public string Description => _connector.Description;

    /// <inheritdoc/>
    public async Task<TargetSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        await using var session = await _connector.OpenAsync("status", keepAlive: false, cancellationToken).ConfigureAwait(false);
        await using var metadata = await OpenMetadataAsync(session, cancellationToken).ConfigureAwait(false);
        return await new SnapshotReader(_database, _store, Description).ReadAsync(session, metadata, cancellationToken).ConfigureAwait(false) with { NotSearched = metadata is null ? _notSearched : [] };
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<long, SourceMigration>> ReadStoredAsync(CancellationToken cancellationToken)
    {
        await using var session = await _connector.OpenAsync("status", keepAlive: false, cancellationToken).ConfigureAwait(false);
        (await DatabaseProbe.ReadAsync(session, cancellationToken).ConfigureAwait(false)).CheckHistory(Description);
        return await HistoryStore.ReadStoredAsync(session, _database, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<MigrationLogEntry>> ReadLogAsync(int newest, CancellationToken cancellationToken)
    {
        await using var session = await _connector.OpenAsync("status", keepAlive: false, cancellationToken).ConfigureAwait(false);
        var probe = await DatabaseProbe.ReadAsync(session, cancellationToken).ConfigureAwait(false);
        probe.CheckHistory(Description);
        if (!probe.HasLog)
        {
            return [];
        }

        var query = HistoryStore.Log(_database, newest);
        try
        {
            return [.. (await session.RowsAsync(query.Sql, query.Arguments, cancellationToken).ConfigureAwait(false)).Select(r => HistoryStore.ToLogEntry(_database, r))];
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Query(e, "reading the log", Description);
        }
    }

    /// <inheritdoc/>
    public async Task<IMigrationRun> BeginRunAsync(RunOptions options, IRunObserver observer, CancellationToken cancellationToken)
    {
        var opening = _connector.OpenAsync("work", keepAlive: true, cancellationToken);
        RunLock? runLock = null;
        try
        {
            runLock = await RunLock.TakeAsync(_connector, observer, options.LockTimeout, cancellationToken).ConfigureAwait(false);
            var context = new RunContext(_database, options, _store, runLock, observer, _connector);
            var session = await opening.ConfigureAwait(false);
            var run = new PostgresMigrationRun(context, session, await OpenMetadataAsync(session, cancellationToken).ConfigureAwait(false));
            await run.PrepareAsync(cancellationToken).ConfigureAwait(false);
            return run;
        }
        catch
        {
            if (runLock is not null)
            {
                await runLock.DisposeAsync().ConfigureAwait(false);
            }

            await Task.WhenAny(opening).ConfigureAwait(false);
            if (opening.IsCompletedSuccessfully)
            {
                await (await opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }

            _ = opening.Exception;
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A session on the database that holds Hasura's metadata; null where that is the target itself, or not known.</summary>
    private async Task<NpgsqlConnection?> OpenMetadataAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        if (_metadataConnector is null && !_isMetadataFound && _candidates.Count > 0)
        {
            _metadataConnector = await FindMetadataAsync(session, cancellationToken).ConfigureAwait(false);
            _isMetadataFound = true;
        }

        return _metadataConnector is null ? null : await _metadataConnector.OpenAsync("metadata", keepAlive: true, cancellationToken).ConfigureAwait(false);
    }

    private async Task<PostgresConnector?> FindMetadataAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        if ((await DatabaseProbe.ReadAsync(session, cancellationToken).ConfigureAwait(false)).HasCatalogState)
        {
            return null;
        }

        foreach (var candidate in _candidates)
        {
            try
            {
                await using var other = await candidate.OpenAsync("metadata", keepAlive: false, cancellationToken).ConfigureAwait(false);
                if ((await DatabaseProbe.ReadAsync(other, cancellationToken).ConfigureAwait(false)).HasCatalogState)
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
