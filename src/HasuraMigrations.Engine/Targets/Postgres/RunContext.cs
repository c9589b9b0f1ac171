namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>What every part of one run straight on a database needs.</summary>
internal sealed class RunContext(string database, RunOptions options, StateStore store, RunLock runLock, IRunObserver observer, PostgresConnector connector)
    : RunProgress(database, options, observer)
{
    internal RunLock RunLock => runLock;

    internal PostgresConnector Connector => connector;

    internal StateStore Store => store;

    /// <summary>True where the state is written in the transaction of the migration.</summary>
    internal bool IsStateLocal => Records.IsStateLocal;

    /// <summary>The fence for a migration.</summary>
    internal string Fence(int ordinal, bool isSession = false) => AdvisoryLocks.Fence(
        runLock.ProcessId,
        isSession,
        (long)Options.DdlAttempt.TotalMilliseconds,
        Options.StatementTimeout is { } t ? (long)t.TotalMilliseconds : null,
        ordinal);
}
