using HasuraMigrations.Engine.Dumps;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Seeds;

/// <summary>One database that seed files are run on, and that they are made from.</summary>
public interface ISeedTarget : IDumpTarget
{
    /// <summary>Reads what is recorded of seed files; writes nothing.</summary>
    Task<SeedSnapshot> ReadSeedsAsync(CancellationToken cancellationToken);

    /// <summary>Waits until no other run is going on, takes the locks, and makes the records ready.</summary>
    /// <param name="options">How the run behaves.</param>
    /// <param name="needsTable">True where files are to be recorded, or run without a transaction.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<ISeedRun> BeginSeedRunAsync(RunOptions options, bool needsTable, IRunObserver observer, CancellationToken cancellationToken);

    /// <summary>Looks tables up.</summary>
    /// <param name="tables">Their names.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The tables that exist, each followed by its partitions.</returns>
    Task<IReadOnlyList<SeedRelation>> FindTablesAsync(IReadOnlyList<SeedTable> tables, CancellationToken cancellationToken);
}

/// <summary>A run of seed files that holds the locks of its database.</summary>
public interface ISeedRun : IAsyncDisposable
{
    /// <summary>Reads what is recorded of seed files under the locks.</summary>
    Task<SeedSnapshot> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Runs a plan; each file and its record are one fact. Results go to the observer.</summary>
    /// <exception cref="HasuraMigrationException">What stopped it; files reported before stay.</exception>
    Task ExecuteAsync(MigrationPlan plan, CancellationToken cancellationToken);

    /// <summary>After the last file, and after a failure: the notice to a running server, if tables may have changed.</summary>
    Task FinishAsync(CancellationToken cancellationToken);
}

/// <summary>What is recorded of the seed files of one database.</summary>
/// <param name="Rows">A row for each file.</param>
/// <param name="Traits">What the target can do.</param>
public sealed record SeedSnapshot(IReadOnlyList<FileRow> Rows, TargetTraits Traits);

/// <summary>Is told how a run of seed files goes.</summary>
public interface ISeedObserver
{
    /// <summary>A file is being run. May be called from any thread.</summary>
    void Started(PlannedSeedInfo seed);

    /// <summary>A file is committed, or was skipped; awaited, so that a consumer can hold the run back or stop it.</summary>
    ValueTask FinishedAsync(SeedResult result, CancellationToken cancellationToken);

    /// <summary>A file is committed, and nobody takes its result any more. May be called from any thread.</summary>
    void Undelivered(PlannedSeedInfo seed);

    /// <summary>Something a user should know. May be called from any thread.</summary>
    void Warned(Finding finding);

    /// <summary>What is being done, or what the server says. May be called from any thread.</summary>
    void Informed(string message);
}
