using System.Diagnostics;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>The session that does the work, and how it comes back after it was lost.</summary>
internal sealed class WorkSession(RunContext context, NpgsqlConnection session, ServerProcess process) : IAsyncDisposable
{
    internal NpgsqlConnection Session { get; private set; } = session;

    /// <summary>Its server process, also once the session has ended.</summary>
    internal ServerProcess Process { get; private set; } = process;

    /// <summary>True where one of the sessions is known to have ended.</summary>
    internal bool IsBroken => Session.State != System.Data.ConnectionState.Open || context.RunLock.IsBroken;

    /// <summary>How often the sessions were opened again.</summary>
    internal int Reopened { get; private set; }

    /// <summary>True where the server did not come back in time.</summary>
    internal bool IsGivenUp { get; private set; }

    /// <summary>True after the lock was lost and taken anew, until it was looked up what other runs did meanwhile.</summary>
    internal bool IsRenewed { get; set; }

    /// <summary>Refuses a pooler that changes the server process behind a session.</summary>
    /// <exception cref="HasuraMigrationException">PoolerDetected.</exception>
    internal async Task CheckPoolerAsync(CancellationToken cancellationToken)
    {
        // A broken lock session is no sign of a pooler; the next fence refuses, and the lock is taken again.
        if (context.RunLock.IsBroken)
        {
            return;
        }

        // Two sessions that are open at once have a process each, unless a pooler lends both the same one.
        var isShared = Process == context.RunLock.Process;
        if ((isShared || !await context.RunLock.IsHeldAsync(cancellationToken).ConfigureAwait(false)) && !context.RunLock.IsBroken)
        {
            throw Pooler();
        }
    }

    /// <summary>The error for such a pooler.</summary>
    internal HasuraMigrationException Pooler() =>
        new("PoolerDetected", $"The session that took the migration lock on {context.Connector.Description} is served by different server processes.", context.Database);

    /// <summary>After a fence refused: waits for the work of an orphan, or takes the lock anew where its session was lost.</summary>
    /// <exception cref="HasuraMigrationException">PoolerDetected where the lock is held and the fence does not see it; LockTimeout.</exception>
    internal async Task RegainAsync(string sqlState, CancellationToken cancellationToken)
    {
        if (!await context.RunLock.IsHeldAsync(cancellationToken).ConfigureAwait(false))
        {
            context.Lost.Add();
            // A pooler gives another server process each time, so that the lock seems to be lost again and again.
            if (context.Lost.AreTooMany)
            {
                throw Pooler();
            }

            context.Observer.Informed("The session that held the migration lock was lost; the lock is acquired again.");
            await RecoverAsync(cancellationToken).ConfigureAwait(false);
        }
        else if (sqlState == AdvisoryLocks.WorkBusy)
        {
            await context.RunLock.WaitForWorkAsync(context.Options.LockTimeout, Stopwatch.StartNew(), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            throw Pooler();
        }
    }

    /// <summary>Runs work of any length on the session, and watches that its answer does not get lost.</summary>
    /// <exception cref="NpgsqlException">No answer comes.</exception>
    internal Task RunAsync(Func<CancellationToken, Task> run, CancellationToken cancellationToken) => SessionWatch.RunAsync(context, Session, Process, run, cancellationToken);

    /// <summary>Ends a failed transaction, if one is open.</summary>
    internal async Task RollbackAsync(CancellationToken cancellationToken) =>
        await Session.CommandAsync("ROLLBACK", cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// After a lost connection or lock: both sessions anew, RUN taken, WORK free. From then on nothing of the old session
    /// can commit any more, and history tells what did.
    /// </summary>
    /// <exception cref="HasuraMigrationException">OutcomeUnknown where the server does not come back in time; LockTimeout.</exception>
    internal async Task RecoverAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        // Both: the old sessions may hold RUN and WORK until the server notices the loss (docs/decisions/0002).
        ServerProcess[] lost = context.RunLock.Process is { } holder ? [Process, holder] : [Process];
        context.Observer.Informed("The connection was lost; connecting again to check what was committed.");
        while (true)
        {
            try
            {
                await Session.DisposeAsync().ConfigureAwait(false);
                // -LockTimeout limits the whole recovery, not each try.
                var waited = clock.Elapsed;
                await context.RunLock.TakeAsync(context.Options.LockTimeout - waited, lost, cancellationToken).ConfigureAwait(false);
                Session = await context.Connector.OpenAsync("work", keepAlive: true, cancellationToken, context.Options.ReconnectTimeout).ConfigureAwait(false);
                Process = await ReadProcessAsync(cancellationToken).ConfigureAwait(false);
                IsRenewed = true;
                Reopened++;
                return;
            }
            catch (HasuraMigrationException e) when (e.Kind is ErrorKind.ConnectionError or ErrorKind.ResourceBusy && e.ErrorId != "LockTimeout")
            {
                // A server that has just restarted may refuse sessions for a while. LockTimeout is also ResourceBusy, but final.
                if (clock.Elapsed > context.Options.ReconnectTimeout)
                {
                    IsGivenUp = true;
                    throw new HasuraMigrationException("OutcomeUnknown", $"The connection to {context.Connector.Description} was lost and could not be reestablished within {context.Options.ReconnectTimeout.TotalSeconds:0.#} s (-ReconnectTimeout); it is unknown whether the running migration was committed. {e.Message}", context.Database, e);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(250), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<ServerProcess> ReadProcessAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ServerProcess.ReadAsync(Session, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Query(e, "connecting again", context.Connector.Description);
        }
    }

    /// <summary>A working session for what is done at the end, even after a failure.</summary>
    internal async Task ReopenIfBrokenAsync(CancellationToken cancellationToken)
    {
        if (IsBroken)
        {
            await RecoverAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => Session.DisposeAsync();
}
