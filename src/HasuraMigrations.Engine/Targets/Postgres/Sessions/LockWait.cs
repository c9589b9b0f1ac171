using System.Diagnostics;
using HasuraMigrations.Engine.Records;

namespace HasuraMigrations.Engine.Targets.Postgres.Sessions;

/// <summary>Waits for an advisory lock by asking again and again.</summary>
/// <param name="connector">Where the lock is, for messages.</param>
/// <param name="query">Runs a query on the session that is to hold the lock.</param>
/// <param name="waiting">Is told once whom it waits for.</param>
internal sealed class LockWait(PostgresConnector connector, Func<string, object?[], CancellationToken, Task<List<string?[]>>> query, Action<Finding> waiting)
{
    /// <summary>What the first column of a query has while the lock is held by another session.</summary>
    internal const string Taken = "taken";

    // Polled: a session that waits inside a statement has a snapshot, and CREATE INDEX CONCURRENTLY of the holder would wait for it
    // (PostgreSQL manual, CREATE INDEX).
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Asks until the first column is not <see cref="Taken"/>.</summary>
    /// <param name="sql">Tries to take the lock.</param>
    /// <param name="key">Its key, for the holder.</param>
    /// <param name="whom">Whom it waits for, in words.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="clock">Began with the wait.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The row.</returns>
    /// <exception cref="HasuraMigrationException">LockTimeout.</exception>
    internal async Task<string?[]> RunAsync(string sql, long key, string whom, TimeSpan timeout, Stopwatch clock, CancellationToken cancellationToken)
    {
        var isReported = false;
        while (true)
        {
            var row = (await query(sql, [], cancellationToken).ConfigureAwait(false))[0];
            if (row[0] != Taken)
            {
                return row;
            }

            if (!isReported || clock.Elapsed > timeout)
            {
                var holders = AdvisoryLocks.Holders(key);
                var holder = AdvisoryLocks.HolderText(await query(holders.Sql, holders.Arguments, cancellationToken).ConfigureAwait(false));
                if (clock.Elapsed > timeout)
                {
                    throw new HasuraMigrationException("LockTimeout", $"Waited {clock.Elapsed.TotalSeconds:N0} s on {connector.Description} for {whom}: {holder}.", connector.DatabaseName);
                }

                isReported = true;
                waiting(new Finding { Id = "WaitingForLock", Severity = FindingSeverity.Information, Message = $"Waiting for {whom}: {holder}." });
            }

            await Task.Delay(Interval, cancellationToken).ConfigureAwait(false);
        }
    }
}
