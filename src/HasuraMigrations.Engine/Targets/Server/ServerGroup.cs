using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>How a group ended.</summary>
/// <param name="Attempts">The attempts, by index of the migration.</param>
/// <param name="Committed">How many migrations, from the first on, are committed.</param>
/// <param name="Outcome">What the log says of them.</param>
/// <param name="Error">What stopped the group; null where all of it was answered.</param>
/// <param name="IsFailure">True where the migration behind the committed ones failed for good, so that it is of no use to try it again.</param>
internal sealed record ServerGroupEnd(Guid[] Attempts, int Committed, ServerOutcome Outcome, HasuraServerException? Error, bool IsFailure)
{
    /// <summary>True where no answer came, or none of Hasura's.</summary>
    internal bool IsLost => Error is { Code: null };
}

/// <summary>
/// Sends several migrations in one request, each in a transaction of its own. A server stops at the first that fails, and its answer
/// then tells only of that one; what became of those before it, the log tells.
/// </summary>
internal sealed class ServerGroup(ServerRunContext run, IReadOnlyList<PlannedMigration> migrations)
{
    private static readonly string[] Guards = [ServerScripts.Locked, ServerScripts.Moved, ServerScripts.Abandoned];

    private readonly ServerAttempt _attempt = new(run, migrations[0]);

    /// <summary>Sends the group once.</summary>
    /// <param name="cancellationToken">Stops the migration that is at work; those behind it then do not begin.</param>
    /// <exception cref="HasuraMigrationException">ServerOutcomeUnknown; the errors of reading the log.</exception>
    internal async Task<ServerGroupEnd> RunAsync(CancellationToken cancellationToken)
    {
        var attempts = ServerAttempt.NewAttempts(migrations.Count);
        var scripts = migrations.Select((m, i) => run.Scripts.Work([m], [attempts[i]], isChecked: false, i == 0 ? null : attempts[i - 1])).ToList();
        try
        {
            var rows = await new ServerSender(run).SendAsync(token => run.Sql.RunEachAsync(scripts, AttemptSessions.Marker(attempts[0]), token), attempts[0], cancellationToken).ConfigureAwait(false);
            return End(attempts, ServerAttempt.Outcome(rows, isResolved: false), null);
        }
        catch (HasuraServerException e)
        {
            var isOver = await IsOverAsync(e, attempts[0], cancellationToken).ConfigureAwait(false);
            var end = End(attempts, isOver ? await ReadAsync(attempts).ConfigureAwait(false) : await _attempt.SettleAsync(attempts, e, cancellationToken).ConfigureAwait(false), e);
            if (!isOver && end.Committed > 0)
            {
                _attempt.WarnOfCommitted(migrations[end.Committed - 1], e);
            }

            return end;
        }
    }

    // An answer with an error of the database is the end of the request; other answers may come while it goes on. What a guard says may
    // also be the answer to a request that a gateway sent again.
    private async Task<bool> IsOverAsync(HasuraServerException e, Guid attempt, CancellationToken cancellationToken) =>
        !e.MayHaveRun && !run.Scripts.IsOurs(e, ServerScripts.Abandoned)
        && !(run.Scripts.IsOurs(e, ServerScripts.Locked) && await _attempt.IsAtWorkAsync(attempt, cancellationToken).ConfigureAwait(false));

    private ServerGroupEnd End(Guid[] attempts, ServerOutcome outcome, HasuraServerException? error)
    {
        // Each guard wants the record of the migration before it, so that what is committed is always the beginning.
        var committed = attempts.TakeWhile(outcome.Durations.ContainsKey).Count();
        // What Hasura itself answers, it would answer again; a guard or a passing conflict may not.
        var isFailure = error?.Code is not null && committed < attempts.Length && !ServerAttempt.IsPassing(error) && !Guards.Any(g => run.Scripts.IsOurs(error, g));
        return new ServerGroupEnd(attempts, committed, outcome, error, isFailure);
    }

    private async Task<ServerOutcome> ReadAsync(Guid[] attempts)
    {
        try
        {
            return ServerAttempt.Outcome(await run.Sql.QueryAsync(run.Scripts.Answer(attempts), CancellationToken.None).ConfigureAwait(false), isResolved: false);
        }
        catch (HasuraServerException e) when (e.SqlState == "42P01")
        {
            // The first of them makes the log, in its own transaction.
            return ServerAttempt.Outcome([], isResolved: false);
        }
    }
}
