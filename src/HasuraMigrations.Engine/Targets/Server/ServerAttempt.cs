using System.Diagnostics;
using System.Globalization;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>What became of work that was sent.</summary>
/// <param name="Durations">Time on the database by attempt.</param>
/// <param name="Serial">Newest number of the log afterwards.</param>
/// <param name="IsResolved">True where the answer was lost and the log proved that it happened.</param>
internal sealed record ServerOutcome(IReadOnlyDictionary<Guid, TimeSpan?> Durations, long Serial, bool IsResolved);

/// <summary>The history is not what it was when the plan was made: another run was at work.</summary>
/// <param name="cause">What the guard raised; null where it was found out otherwise.</param>
internal sealed class HistoryMovedException(HasuraServerException? cause) : Exception("The history changed.", cause)
{
    internal HasuraServerException? Cause => cause;
}

/// <summary>
/// Sends work until it is known what became of it. What is refused because of others is tried again; an answer that is lost
/// is looked up, and where the work is not there, it is made sure that it cannot come any more, before it is said or tried
/// again.
/// </summary>
internal sealed class ServerAttempt(ServerRunContext run, PlannedMigration migration)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly ServerSender _sender = new(run);
    private readonly Stopwatch _sinceLocked = new();
    private readonly PassingWait _passing = new(run.Options);
    private bool _isWaitTold;
    private bool _wasSeenLocked;

    /// <summary>Runs a script.</summary>
    /// <param name="count">How many attempts, one for each migration in it.</param>
    /// <param name="build">Makes the script of the attempts' ids.</param>
    /// <param name="cancellationToken">Stops it; what it was doing is rolled back or, where it was done already, reported.</param>
    /// <exception cref="HistoryMovedException">Another run was at work.</exception>
    /// <exception cref="ServerWorkException">It failed, and nothing of it happened.</exception>
    /// <exception cref="HasuraMigrationException">LockTimeout, ServerOutcomeUnknown.</exception>
    internal async Task<ServerOutcome> RunAsync(int count, Func<Guid[], IReadOnlyList<ScriptPart>> build, CancellationToken cancellationToken)
    {
        var attempts = NewAttempts(count);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var parts = build(attempts);
            HasuraServerException lost;
            try
            {
                return Outcome(await _sender.SendAsync(token => run.Sql.RunAsync(parts, AttemptSessions.Marker(attempts[0]), token), attempts[0], cancellationToken).ConfigureAwait(false), isResolved: false);
            }
            catch (HasuraServerException e) when (run.Scripts.IsOurs(e, ServerScripts.Moved))
            {
                throw new HistoryMovedException(e);
            }
            catch (HasuraServerException e) when (run.Scripts.IsOurs(e, ServerScripts.Locked))
            {
                if (!await IsAtWorkAsync(attempts[0], cancellationToken).ConfigureAwait(false))
                {
                    await WaitForLockAsync(e, attempts, parts, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                lost = e;
            }
            catch (HasuraServerException e) when (IsPassing(e))
            {
                await WaitAfterAsync(e, attempts, parts, cancellationToken).ConfigureAwait(false);
                continue;
            }
            catch (HasuraServerException e) when (e.MayHaveRun || run.Scripts.IsOurs(e, ServerScripts.Abandoned))
            {
                lost = e;
            }
            catch (HasuraServerException e) when (e.ErrorId == "ServerUnreachable")
            {
                await RecoverAsync(e, attempts, parts, cancellationToken).ConfigureAwait(false);
                continue;
            }
            catch (HasuraServerException e)
            {
                throw cancellationToken.IsCancellationRequested && e.SqlState == "57014"
                    ? new OperationCanceledException(e.Message, e, cancellationToken)
                    : new ServerWorkException(e, attempts, parts, "");
            }

            if (await ResolveAsync(attempts, lost, cancellationToken).ConfigureAwait(false) is { } outcome)
            {
                WarnOfCommitted(migration, lost);
                return outcome;
            }

            await RecoverAsync(lost, attempts, parts, cancellationToken).ConfigureAwait(false);
            attempts = NewAttempts(count);
        }
    }

    /// <summary>Warns where the server found fault with its metadata after the SQL was committed, as those of version 2 do.</summary>
    internal void WarnOfCommitted(PlannedMigration committed, HasuraServerException lost)
    {
        if (lost.Code is not null && !IsOfRepeat(lost))
        {
            run.Warn(lost.ErrorId, FindingSeverity.Warning, $"The {committed.Title} is committed. {lost.Message}");
        }
    }

    // A gateway that sends a request again gives what the guard says to the second for the answer to the first.
    internal bool IsOfRepeat(HasuraServerException e) => run.Scripts.IsOurs(e, ServerScripts.Abandoned) || run.Scripts.IsOurs(e, ServerScripts.Locked);

    /// <summary>True where a session is at the work of an attempt.</summary>
    internal async Task<bool> IsAtWorkAsync(Guid attempt, CancellationToken cancellationToken) =>
        (await run.Sql.QueryAsync(AttemptSessions.Running(attempt), cancellationToken).ConfigureAwait(false)).Count > 0;

    /// <summary>Ids for attempts.</summary>
    internal static Guid[] NewAttempts(int count) => [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())];

    /// <summary>True where the database says that the work may succeed when it is tried again.</summary>
    internal static bool IsPassing(HasuraServerException e) => e.SqlState is "55P03" or "40P01" or "40001";

    /// <summary>Waits until a guard without work gets the locks, so that the work need not be sent again to ask.</summary>
    private async Task WaitForLockAsync(HasuraServerException locked, Guid[] attempts, IReadOnlyList<ScriptPart> parts, CancellationToken cancellationToken)
    {
        _sinceLocked.Start();
        do
        {
            if (_sinceLocked.Elapsed > run.Options.LockTimeout)
            {
                // A file can read the text it is part of and repeat what the guard would have said. A lock that only the work
                // ever found taken was not taken.
                throw _wasSeenLocked
                    ? new HasuraMigrationException("LockTimeout", $"Waited {_sinceLocked.Elapsed.TotalSeconds:N0} s on {run.Description} for another run: {await HolderAsync(cancellationToken).ConfigureAwait(false)}.", run.Database, locked)
                    : new ServerWorkException(locked, attempts, parts, "");
            }

            if (!_isWaitTold)
            {
                _isWaitTold = true;
                run.Warn("WaitingForLock", FindingSeverity.Information, $"Waiting for another run: {await HolderAsync(cancellationToken).ConfigureAwait(false)}.");
            }

            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }
        while (await IsLockedAsync(cancellationToken).ConfigureAwait(false));
    }

    private async Task<string> HolderAsync(CancellationToken cancellationToken)
    {
        try
        {
            return AdvisoryLocks.HolderText(await run.Sql.QueryAsync(AdvisoryLocks.Holders(AdvisoryLocks.Run, AdvisoryLocks.Work), cancellationToken).ConfigureAwait(false));
        }
        catch (HasuraServerException e)
        {
            return $"it could not be asked which ({e.Message.TrimEnd('.')})";
        }
    }

    private async Task<bool> IsLockedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await run.Sql.RunAsync([new(run.Scripts.Guard([], takesRun: true, isCounted: false))], "", cancellationToken, isOwn: true).ConfigureAwait(false);
            return false;
        }
        catch (HasuraServerException e) when (run.Scripts.IsOurs(e, ServerScripts.Locked))
        {
            return _wasSeenLocked = true;
        }
        catch (HasuraServerException e)
        {
            run.Observer.Informed($"{e.Message} Running the work anyway.");
            return false;
        }
    }

    private async Task WaitAfterAsync(HasuraServerException passing, Guid[] attempts, IReadOnlyList<ScriptPart> parts, CancellationToken cancellationToken)
    {
        if (!_passing.MayTryAgain())
        {
            throw new ServerWorkException(passing, attempts, parts, $" Tried for {_passing.Elapsed.TotalSeconds:N0} s.") { ErrorId = "DdlLockTimeout" };
        }

        run.ReportWait(migration, $"{passing.DatabaseMessage}");
        await _passing.PauseAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits and returns where nothing happened and a second try is of use.</summary>
    private async Task RecoverAsync(HasuraServerException lost, Guid[] attempts, IReadOnlyList<ScriptPart> parts, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(lost.Message, lost, cancellationToken);
        }

        run.Lost.Add();
        // What Hasura itself answers, it would answer again.
        if ((lost.Code is not null && !IsOfRepeat(lost)) || run.Lost.AreTooMany)
        {
            throw new ServerWorkException(lost, attempts, parts, lost.MayHaveRun ? " The history shows that nothing of it was committed." : " Nothing was sent.");
        }

        run.Observer.Informed($"{lost.Message} {(lost.MayHaveRun ? "History proves that nothing was committed" : "Nothing was sent")}; trying again.");
        await Task.Delay(TimeSpan.FromMilliseconds(100 << run.Lost.Count), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What became of attempts whose answer was lost; null where they did not and now cannot happen.</summary>
    internal async Task<ServerOutcome?> ResolveAsync(IReadOnlyList<Guid> attempts, HasuraServerException lost, CancellationToken cancellationToken) =>
        await SettleAsync(attempts, lost, cancellationToken).ConfigureAwait(false) is { } outcome && attempts.All(outcome.Durations.ContainsKey) ? outcome : null;

    /// <summary>Which attempts happened whose answer was lost; the others now cannot happen.</summary>
    internal async Task<ServerOutcome> SettleAsync(IReadOnlyList<Guid> attempts, HasuraServerException lost, CancellationToken cancellationToken)
    {
        run.Observer.Informed($"{lost.Message} Checking whether it was committed.");
        var sinceAnswer = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                var rows = await run.Sql.RunAsync(run.Scripts.Resolution(migration, attempts), "", CancellationToken.None, isOwn: true).ConfigureAwait(false);
                return Outcome([.. rows.Where(r => r[1] != "abandoned")], isResolved: true);
            }
            catch (HasuraServerException e) when (run.Scripts.IsOurs(e, ServerScripts.Locked))
            {
                // It goes on in the database, for as long as it takes.
                sinceAnswer.Restart();
                if (cancellationToken.IsCancellationRequested)
                {
                    await _sender.CancelAsync(attempts[0]).ConfigureAwait(false);
                }
            }
            catch (HasuraServerException e) when (sinceAnswer.Elapsed < run.Options.ReconnectTimeout && (e.MayHaveRun || e.ErrorId == "ServerUnreachable" || IsPassing(e)))
            {
                run.Observer.Informed($"{e.Message} Asking again.");
            }
            catch (HasuraServerException e)
            {
                throw new HasuraServerException("ServerOutcomeUnknown", $"It is unknown whether the {migration.Title} was committed on {run.Description}: {lost.Message.TrimEnd('.')}, and the server could not be queried: {e.Message}", run.Database, lost) { MayHaveRun = true };
            }

            await Task.Delay(PollInterval, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>What rows of <see cref="ServerScripts.Answer"/> tell.</summary>
    internal static ServerOutcome Outcome(List<string[]> rows, bool isResolved) => new(
        rows.Where(r => r.Length > 3 && Guid.TryParse(r[0], out _)).GroupBy(r => r[0]).ToDictionary(g => Guid.Parse(g.Key), g => double.TryParse(g.First()[2], NumberStyles.Float, CultureInfo.InvariantCulture, out var ms) ? TimeSpan.FromMilliseconds(ms) : (TimeSpan?)null),
        rows.Select(r => r.Length > 3 && long.TryParse(r[3], NumberStyles.None, CultureInfo.InvariantCulture, out var serial) ? serial : 0).DefaultIfEmpty().Max(),
        isResolved);
}
