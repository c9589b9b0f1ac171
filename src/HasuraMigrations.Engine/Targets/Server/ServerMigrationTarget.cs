using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>A database behind a running Hasura server.</summary>
public sealed class ServerMigrationTarget : IMigrationTarget, ISeedTarget
{
    // A reading of the same command is not read again, unless somebody was asked something in between.
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    private readonly HasuraClient _client;
    private readonly string _database;
    private readonly int _configVersion;
    private readonly Stopwatch _sinceRead = new();
    private ServerSource? _source;
    private ServerReading? _reading;
    private TargetSnapshot? _stateOnly;

    /// <summary>A target that connects when it is first used.</summary>
    /// <param name="connection">The server.</param>
    /// <param name="database">Source name.</param>
    /// <param name="configVersion">Config version of the project, which tells where Hasura keeps its state.</param>
    /// <exception cref="HasuraMigrationException">ServerInsecure, ServerCertificateAuthorityInvalid.</exception>
    public ServerMigrationTarget(HasuraServerConnection connection, string database, int configVersion)
    {
        _client = new HasuraClient(connection);
        (_database, _configVersion) = (database, configVersion);
    }

    /// <inheritdoc/>
    public string Description => _client.Description;

    /// <inheritdoc/>
    public async Task<TargetSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var source = await FindAsync(cancellationToken).ConfigureAwait(false);
        var reader = Reader(source);
        if (source.Traits.KeepsHistory)
        {
            _reading = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            _stateOnly = await reader.ReadStateAsync(cancellationToken).ConfigureAwait(false);
        }

        _sinceRead.Restart();
        return _reading?.Snapshot ?? _stateOnly!;
    }

    /// <inheritdoc/>
    public async Task<StateRecord> ReadRecordAsync(CancellationToken cancellationToken) =>
        await Reader(await FindAsync(cancellationToken).ConfigureAwait(false)).ReadRecordAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<TargetIdentity> ReadIdentityAsync(CancellationToken cancellationToken)
    {
        var source = await FindAsync(cancellationToken).ConfigureAwait(false);
        if (!source.Traits.KeepsHistory)
        {
            return new TargetIdentity(Description, _database, 0);
        }

        var snapshot = await ReadAsync(cancellationToken).ConfigureAwait(false);
        return HistoryStore.ToIdentity((await new ServerSql(_client, source).QueryAsync(HistoryStore.Identity(snapshot.HasHistory).Inline(), cancellationToken).ConfigureAwait(false))[0]);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<long, SourceMigration>> ReadStoredAsync(CancellationToken cancellationToken)
    {
        var source = await FindAsync(cancellationToken).ConfigureAwait(false);
        return source.Traits.KeepsHistory
            ? HistoryStore.Stored(await new ServerSql(_client, source).QueryAsync(HistoryStore.StoredTexts(_database).Inline(), cancellationToken).ConfigureAwait(false))
            : new Dictionary<long, SourceMigration>();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<MigrationLogEntry>> ReadLogAsync(int newest, CancellationToken cancellationToken)
    {
        var snapshot = await ReadAsync(cancellationToken).ConfigureAwait(false);
        return snapshot.HasHistory
            ? [.. (await new ServerSql(_client, _source!).QueryAsync(HistoryStore.Log(_database, newest).Inline(), cancellationToken).ConfigureAwait(false)).Select(r => HistoryStore.ToLogEntry(_database, r))]
            : [];
    }

    /// <inheritdoc/>
    public async Task<IMigrationRun> BeginRunAsync(RunOptions options, IRunObserver observer, CancellationToken cancellationToken)
    {
        var source = await FindAsync(cancellationToken).ConfigureAwait(false);
        var isFresh = _sinceRead.IsRunning && _sinceRead.Elapsed < Freshness;
        var context = new ServerRunContext(_database, options, observer, _client, source);
        return source.Traits.KeepsHistory
            ? new ServerMigrationRun(context, Reader(source), isFresh ? _reading : null, _configVersion)
            : new ServerStateRun(context, Reader(source), isFresh ? _stateOnly : null);
    }

    /// <inheritdoc/>
    public async Task<SeedSnapshot> ReadSeedsAsync(CancellationToken cancellationToken)
    {
        var source = await FindAsync(cancellationToken).ConfigureAwait(false);
        return source.Traits.KeepsHistory
            ? (await new ServerSeedReader(_client, new ServerSql(_client, source), Reader(source), _database).ReadAsync(cancellationToken).ConfigureAwait(false)).Snapshot
            : new SeedSnapshot([], source.Traits);
    }

    /// <inheritdoc/>
    public async Task<ISeedRun> BeginSeedRunAsync(RunOptions options, bool needsTable, IRunObserver observer, CancellationToken cancellationToken)
    {
        var source = await FindAsync(cancellationToken).ConfigureAwait(false);
        var context = new ServerRunContext(_database, options, observer, _client, source);
        return source.Traits.KeepsHistory
            ? new ServerSeedRun(context, new ServerSeedReader(_client, context.Sql, Reader(source), _database), needsTable)
            : new ServerPlainSeedRun(context);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SeedRelation>> FindTablesAsync(IReadOnlyList<SeedTable> tables, CancellationToken cancellationToken)
    {
        var source = await FindAsync(cancellationToken).ConfigureAwait(false);
        RequirePostgres(source);
        return [.. (await new ServerSql(_client, source).QueryAsync(SeedStore.Tables(tables), cancellationToken).ConfigureAwait(false)).Select(SeedStore.ToRelation)];
    }

    /// <inheritdoc/>
    public async Task<string> DumpAsync(IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var source = await FindAsync(cancellationToken).ConfigureAwait(false);
        RequirePostgres(source);
        return await _client.DumpAsync(options, source.Name, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    // Servers dump only such sources.
    private void RequirePostgres(ServerSource source)
    {
        if (!source.Traits.KeepsHistory)
        {
            throw new HasuraMigrationException("TargetNotSupported", $"The source '{_database}' of {Description} is of the kind '{source.Kind}', which servers do not dump.", _database);
        }
    }

    private ServerSnapshotReader Reader(ServerSource source) => new(_client, new ServerSql(_client, source), _database, _configVersion);

    private async Task<ServerSource> FindAsync(CancellationToken cancellationToken) =>
        _source ??= ServerSource.Find(_client, await _client.ExportFirstAsync(cancellationToken).ConfigureAwait(false), _database, _configVersion);
}
