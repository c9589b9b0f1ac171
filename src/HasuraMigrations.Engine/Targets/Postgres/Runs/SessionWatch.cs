using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>Looks at the server process of a session through a session of its own, since the others may be as dead as that one.</summary>
internal static class SessionWatch
{
    // Where the state may not be seen, or is not kept, nothing tells that it waits for its client.
    private const string State = "SELECT (coalesce(a.state, '') NOT IN ('idle', 'idle in transaction', 'idle in transaction (aborted)'))::text, a.state_change::text FROM pg_catalog.pg_stat_activity a WHERE a.pid = $1 AND extract(epoch FROM a.backend_start)::text = $2";

    // One that is at work is left to end it, and may commit.
    private const string End = """
        SELECT pg_catalog.pg_terminate_backend(a.pid)::text
        FROM pg_catalog.pg_stat_activity a JOIN pg_catalog.pg_stat_activity own ON own.pid = pg_catalog.pg_backend_pid()
            JOIN ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) lost(pid, began) ON a.pid = lost.pid AND extract(epoch FROM a.backend_start)::text = lost.began
        WHERE a.datid = own.datid AND a.usesysid = own.usesysid
            AND a.state IN ('idle', 'idle in transaction', 'idle in transaction (aborted)')
        """;

    /// <summary>
    /// Ends server processes of sessions that this run has given up, so that one that has not heard of it frees its locks at
    /// once and not when the network tells it.
    /// </summary>
    /// <param name="session">Another session of the run.</param>
    /// <param name="processes">Their server processes.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static Task EndAsync(NpgsqlConnection session, IReadOnlyList<ServerProcess> processes, CancellationToken cancellationToken) =>
        session.RowsAsync(End, [processes.Select(p => p.Id).ToArray(), processes.Select(p => p.Began ?? "").ToArray()], cancellationToken);

    /// <summary>Runs work on a session until its answer is there, or is known not to come any more.</summary>
    /// <param name="context">The run.</param>
    /// <param name="session">The session.</param>
    /// <param name="process">Its server process.</param>
    /// <param name="work">The work; its token ends the wait.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="NpgsqlException">No answer comes, or the session has ended.</exception>
    internal static async Task RunAsync(RunContext context, NpgsqlConnection session, ServerProcess process, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        SessionQueries.CheckOpen(session);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var working = work(end.Token);
        var isAnswered = await new AnswerWatch(context.Options, token => SignAsync(context, process, token)).IsAnsweredAsync(working).ConfigureAwait(false);
        if (!isAnswered)
        {
            context.Observer.Informed("The server has finished the work but no response arrived; the connection is closed.");
            await end.CancelAsync().ConfigureAwait(false);
        }

        try
        {
            await working.ConfigureAwait(false);
        }
        catch (InvalidOperationException e) when (session.State != System.Data.ConnectionState.Open)
        {
            throw new NpgsqlException("the session has ended", e);
        }
        catch (Exception e) when (!isAnswered && !cancellationToken.IsCancellationRequested && PostgresErrors.ServerError(e) is null)
        {
            throw new NpgsqlException("no response arrived, although the server has finished the work", e);
        }
    }

    private static async Task<WorkSign> SignAsync(RunContext context, ServerProcess process, CancellationToken cancellationToken)
    {
        if (process.Began is null)
        {
            return new WorkSign(true);
        }

        try
        {
            await using var other = await context.Connector.OpenAsync("watch", keepAlive: false, cancellationToken).ConfigureAwait(false);
            var rows = await other.RowsAsync(State, [process.Id, process.Began], cancellationToken).ConfigureAwait(false);
            return rows is [["true", ..]] ? new WorkSign(true) : new WorkSign(false, rows.Count > 0 ? rows[0][1] ?? "" : "gone");
        }
        catch (HasuraMigrationException e) when (!PostgresErrors.IsOfLostSession(e))
        {
            // The server is there and refuses one more session: nothing is known of the work, so it is left alone.
            context.Observer.Informed($"It could not be checked whether the work is still active: {e.Message}");
            return new WorkSign(true);
        }
        catch (Exception e) when (e is HasuraMigrationException or NpgsqlException or IOException)
        {
            context.Observer.Informed($"It could not be checked whether the work is still active: {e.Message}");
            return WorkSign.Silent;
        }
    }
}
