namespace HasuraMigrations.Engine.Migrations;

/// <summary>One database that migrations are applied to.</summary>
public interface IMigrationTarget : IAsyncDisposable
{
    /// <summary>User, host, port and database, for messages; no secret.</summary>
    string Description { get; }

    /// <summary>Begins to connect, where that takes time, so that files can be read meanwhile. The first use throws what it fails with.</summary>
    void BeginConnecting()
    {
    }

    /// <summary>Reads history and state; writes nothing.</summary>
    Task<TargetSnapshot> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Reads both stores of Hasura's record as they are; writes nothing.</summary>
    Task<StateRecord> ReadRecordAsync(CancellationToken cancellationToken);

    /// <summary>Which database it is, and how far its log is; writes nothing.</summary>
    Task<TargetIdentity> ReadIdentityAsync(CancellationToken cancellationToken);

    /// <summary>Texts kept in the history, by version.</summary>
    Task<IReadOnlyDictionary<long, SourceMigration>> ReadStoredAsync(CancellationToken cancellationToken);

    /// <summary>The log that the database keeps, the newest entries, oldest first; empty where it keeps none. Writes nothing.</summary>
    /// <param name="newest">How many entries at most.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    Task<IReadOnlyList<MigrationLogEntry>> ReadLogAsync(int newest, CancellationToken cancellationToken);

    /// <summary>Waits until no other run is going on, takes the locks, and makes the history ready.</summary>
    Task<IMigrationRun> BeginRunAsync(RunOptions options, IRunObserver observer, CancellationToken cancellationToken);
}

/// <summary>A run that holds the locks of its database. Disposing ends it and tells a running server, if anything ran.</summary>
public interface IMigrationRun : IAsyncDisposable
{
    /// <summary>Reads history and state as they are under the locks.</summary>
    Task<TargetSnapshot> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Brings history and state in step: adopts what Hasura's tools applied, tells the state what it lacks.</summary>
    Task SynchronizeStateAsync(MigrationLedger ledger, MigrationSource source, CancellationToken cancellationToken);

    /// <summary>Runs a plan; each migration and its record are one fact. Results go to the observer.</summary>
    /// <exception cref="HasuraMigrationException">What stopped it; migrations reported before stay.</exception>
    Task ExecuteAsync(MigrationPlan plan, CancellationToken cancellationToken);

    /// <summary>A transaction to try repeatable files in.</summary>
    IFileTrial NewTrial();

    /// <summary>Sets the records of versions without running anything, all of them or none.</summary>
    Task RepairAsync(IReadOnlyList<RepairRequest> requests, CancellationToken cancellationToken);

    /// <summary>Writes into Hasura's record what it lacks, without running anything.</summary>
    /// <returns>What was changed.</returns>
    /// <exception cref="HasuraMigrationException">StateNotFound, StateNotKept.</exception>
    Task<StateDifference> WriteStateAsync(StateChange change, CancellationToken cancellationToken);

    /// <summary>After the last migration, and after a failure: state elsewhere, and the notice to a running server.</summary>
    Task FinishAsync(CancellationToken cancellationToken);
}

/// <summary>What to record for one version.</summary>
/// <param name="Version">Version number.</param>
/// <param name="Name">Name.</param>
/// <param name="IsApplied">True to record it as applied, false to forget it.</param>
/// <param name="Source">The files whose checksums to record; null to keep what is recorded.</param>
/// <param name="Note">Words for the log.</param>
/// <param name="IsChecksumOnly">True to take the files as they are for those that were applied, and leave the rest of the record.</param>
public sealed record RepairRequest(long Version, string Name, bool IsApplied, SourceMigration? Source, string Note, bool IsChecksumOnly = false)
{
    /// <summary>How far an interrupted migration came, to record that alone; null for other repairs.</summary>
    public StatementProgress? Progress { get; init; }

    /// <summary>Which way the interrupted migration went; up where nothing was interrupted.</summary>
    public MigrationDirection Direction { get; init; }

    /// <summary>True where it says whether the version is applied, so that Hasura's record has to say the same.</summary>
    internal bool SaysApplied => !IsChecksumOnly && Progress is null;

    /// <summary>The migration whose record changes.</summary>
    /// <param name="database">Source name.</param>
    /// <param name="entry">What is recorded of it.</param>
    internal PlannedMigration ToPlanned(string database, LedgerEntry? entry) => new()
    {
        Database = database,
        Version = Version,
        Name = Name,
        Direction = Progress is not null ? Direction : IsApplied ? MigrationDirection.Up : MigrationDirection.Down,
        Steps = [],
        IsTransactional = true,
        IsRecordOnly = true,
        Source = Source,
        Entry = entry,
    };
}

/// <summary>How far a migration without a transaction came.</summary>
/// <param name="Finished">Number of statements that are done.</param>
/// <param name="FinishedHash">SHA-256 in hex of the text up to the end of the last of them.</param>
public sealed record StatementProgress(int Finished, string FinishedHash);

/// <summary>Is told how a run goes.</summary>
public interface IRunObserver
{
    /// <summary>The plan that is carried out, made under the locks.</summary>
    void Planned(MigrationPlan plan)
    {
    }

    /// <summary>A migration is being run. May be called from any thread.</summary>
    void Started(PlannedMigration migration);

    /// <summary>A migration is committed; awaited, so that a consumer can hold the run back or stop it.</summary>
    ValueTask FinishedAsync(MigrationResult result, CancellationToken cancellationToken);

    /// <summary>Something a user should know. May be called from any thread.</summary>
    void Warned(Finding finding);

    /// <summary>A migration is committed, and nobody takes its result any more. May be called from any thread.</summary>
    void Undelivered(PlannedMigration migration)
    {
    }

    /// <summary>What is being done, or what the server says. May be called from any thread.</summary>
    void Informed(string message);
}
