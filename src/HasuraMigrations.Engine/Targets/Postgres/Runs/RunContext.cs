using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>What every part of one run straight on a database needs.</summary>
internal sealed class RunContext(string database, RunOptions options, StateStore store, RunLock runLock, IRunObserver observer, PostgresConnector connector)
    : RunRecorder(database, options, observer)
{
    internal RunLock RunLock => runLock;

    internal PostgresConnector Connector => connector;

    internal StateStore Store => store;

    /// <summary>True where the state is written in the transaction of the migration.</summary>
    internal bool IsStateLocal => Records.IsStateLocal;

    /// <summary>What is still to be done, after other runs may have done any of it.</summary>
    /// <param name="session">The session to ask with.</param>
    /// <param name="planned">What was to be done.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal async Task<List<PlannedMigration>> LeftAsync(NpgsqlConnection session, IReadOnlyList<PlannedMigration> planned, CancellationToken cancellationToken) => planned switch
    {
        [] => [],
        [{ Mark: null }, ..] => ConcurrentRunCheck.Left(await session.HistoryAsync(Database, Connector.Description, cancellationToken).ConfigureAwait(false), planned),
        // Where nothing is recorded, nothing of another run counts.
        _ when planned.All(p => p is { IsTransactional: true, Mark.IsOnce: false }) => [.. planned],
        _ => FileRow.Left(await session.FilesAsync(planned[0].Mark!.Kind, Database, Connector.Description, cancellationToken).ConfigureAwait(false), planned),
    };

    /// <summary>What opens the work of a transaction: the fence, and settings behind it.</summary>
    /// <param name="signal">Text of its notice; null where nobody listens.</param>
    /// <param name="isSession">For work outside a transaction.</param>
    /// <param name="isFirst">False for a transaction behind another one of the same batch.</param>
    internal IEnumerable<string> Fence(Guid? signal = null, bool isSession = false, bool isFirst = true) =>
    [
        AdvisoryLocks.Fence(runLock.Holder, isSession, isFirst, signal ?? Guid.NewGuid()),
        .. AdvisoryLocks.Settings(
            isSession,
            (long)Options.DdlAttempt.TotalMilliseconds,
            Options.StatementTimeout is { } t ? (long)t.TotalMilliseconds : null,
            runLock.ServerVersion),
    ];
}
