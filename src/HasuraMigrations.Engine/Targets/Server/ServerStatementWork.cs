using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>
/// Statements one by one through a server. Each request gets another session, so the settings of the file go with each. A
/// row of the history belongs to the run whose id it carries.
/// </summary>
internal sealed class ServerStatementWork(ServerRunContext run, Action<ServerOutcome> written, PlannedMigration planned, Guid owner) : IStatementWork
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    // Between two statements a run is not seen at work; longer than this it is never.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    private readonly ServerSender _sender = new(run);
    private readonly PlannedStep? _step = planned.Steps.Count > 0 ? planned.Steps[0] : null;
    private readonly IReadOnlyList<StatementUnit> _units = planned.Steps.Count > 0 ? planned.Steps[0].CutUnits() : [];
    private PlannedMigration _migration = planned;
    private StatementUnit? _alone;
    private bool _isClaimed;

    /// <summary>Runs a migration.</summary>
    internal static Task RunAsync(ServerRunContext run, Action<ServerOutcome> written, PlannedMigration migration, CancellationToken cancellationToken)
    {
        var owner = Guid.NewGuid();
        return new StatementRun(run, owner, new ServerStatementWork(run, written, migration, owner)).RunAsync(migration, cancellationToken);
    }

    public async Task ClaimAsync(PlannedMigration migration, OwnStatement? begin, CancellationToken cancellationToken)
    {
        _migration = migration;
        if (_isClaimed)
        {
            return;
        }

        if (begin is null)
        {
            await WaitForRestAsync(cancellationToken).ConfigureAwait(false);
        }

        var take = run.Records.Take(migration, owner);
        await SendAsync(begin is null ? Claim(isOwn: false) : null, [], [begin ?? take], "", cancellationToken).ConfigureAwait(false);
        _isClaimed = true;
    }

    public Task RunCountedAsync(StatementUnit unit, OwnStatement count, CancellationToken cancellationToken) => OwnAsync(() =>
        SendAsync(Claim(), [.. unit.SettingsBefore(_units, isInTransaction: true), .. unit.Inner.Select(s => s.Text)], [count], unit.Options, cancellationToken));

    public Task RunDiscardedAsync(StatementUnit unit, CancellationToken cancellationToken) => OwnAsync(() =>
        SendAsync(attempts => run.Scripts.Discarded(attempts, Claim(), [.. unit.SettingsBefore(_units, isInTransaction: true), .. unit.Inner.Select(s => s.Text)], unit.Options), cancellationToken));

    public Task WriteAsync(IReadOnlyList<OwnStatement> records, CancellationToken cancellationToken) => OwnAsync(() =>
        SendAsync(Claim(), [], records, "", cancellationToken));

    public async Task RunAloneAsync(StatementUnit unit, CancellationToken cancellationToken)
    {
        _alone = unit;
        while (true)
        {
            var attempt = Guid.NewGuid();
            try
            {
                await SendAloneAsync(unit, attempt, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (HasuraServerException e) when (e is { MayHaveRun: true, SqlState: null } || run.Scripts.IsOurs(e, ServerScripts.Abandoned))
            {
                if (await HasBegunAsync(attempt, e, cancellationToken).ConfigureAwait(false))
                {
                    throw new UnitLostException(e);
                }

                cancellationToken.ThrowIfCancellationRequested();
                run.Lost.Add();
                if (run.Lost.AreTooMany)
                {
                    throw Failed(new ServerWorkException(e, [attempt], [], ""));
                }
            }
            catch (HasuraServerException e)
            {
                throw Failed(new ServerWorkException(e, [attempt], [], ""));
            }
        }
    }

    /// <summary>Sends a statement; again where its guard found the work lock taken, since then nothing of it has begun.</summary>
    private async Task SendAloneAsync(StatementUnit unit, Guid attempt, CancellationToken cancellationToken)
    {
        var marker = AttemptSessions.Marker(attempt);
        IEnumerable<string> texts =
        [
            run.Scripts.AloneGuard(_migration, attempt),
            .. unit.SettingsBefore(_units, isInTransaction: false),
            .. unit.Last.IsConcurrent ? ["SET lock_timeout = 0"] : Array.Empty<string>(),
            marker + unit.Last.Text,
            ServerScripts.CleanUp,
        ];
        var sql = marker + string.Join(";\n", texts);
        for (var clock = Stopwatch.StartNew(); ;)
        {
            try
            {
                await _sender.SendAsync(token => run.Sql.RunAloneAsync(sql, isWithoutTransaction: true, token), attempt, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (HasuraServerException e) when (run.Scripts.IsOurs(e, ServerScripts.Locked) && clock.Elapsed < run.Options.LockTimeout)
            {
                await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public InDoubtProbe Probe(StatementUnit unit, CancellationToken cancellationToken) => new(
        async statement => [.. await run.Sql.RunAloneAsync(ServerScripts.Ask(unit.SettingsBefore(_units, isInTransaction: true), statement), isWithoutTransaction: false, cancellationToken, isOwn: true).ConfigureAwait(false)],
        sql => run.Sql.RunAloneAsync(string.Join(";\n", [.. unit.SettingsBefore(_units, isInTransaction: false), sql, ServerScripts.CleanUp]), isWithoutTransaction: true, cancellationToken));

    public Task EndAsync(TimeSpan elapsed, CancellationToken cancellationToken) => OwnAsync(async () =>
    {
        var outcome = await TryAsync(attempts => run.Scripts.Unit(attempts, Claim(), [], [RecordStatements.Started(elapsed), .. run.Records.RecordRunning(_migration, attempts[0])]), cancellationToken).ConfigureAwait(false);
        written(outcome);
        await run.ReportAsync(_migration, elapsed, outcome.IsResolved, cancellationToken).ConfigureAwait(false);
    });

    public Task<PlannedMigration?> RecoverAsync(PlannedMigration migration, Exception lost, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        run.Lost.Add();
        if (run.Lost.AreTooMany)
        {
            throw new HasuraServerException("ServerOutcomeUnknown", $"The responses to the {migration.Title} were lost {run.Lost.Count} times. It runs without a transaction, and the history shows which statements completed; run again to resume. {lost.Message}", run.Database, lost) { MayHaveRun = true };
        }

        // Only a statement outside of a transaction is lost; whatever goes in one is resolved where it is sent.
        var finished = _alone!.First.Ordinal - 1;
        var row = RecordStatements.RunningRow(migration) with { FinishedStatements = finished, IsNextInDoubt = true };
        return Task.FromResult<PlannedMigration?>(migration with { Entry = new LedgerEntry(migration.Version, MigrationState.Interrupted, row, MigrationOrigin.Module), ResumeAfter = finished });
    }

    public Exception Failure(PlannedMigration migration, StatementUnit? unit, UnitFailedException failed, bool isUntouched, string more)
    {
        var work = (ServerWorkException)failed.InnerException!;
        var partly = new ServerWorkException(work.Cause, work.Attempts, [], work.More + more)
        {
            ErrorId = work.ErrorId ?? (isUntouched || work.Cause.SqlState is null or "57014" or "53200" ? null : "MigrationFailedPartly"),
        };
        return new ServerFailure(run).Build(partly, migration, unit is not null && unit.First == unit.Last && work.Cause.SqlState is not null ? unit.Last : null);
    }

    /// <summary>Waits until nothing tells of a run that is still at the migration: no session at work, and nothing new.</summary>
    /// <exception cref="HistoryMovedException">It was ended by the other run.</exception>
    private async Task WaitForRestAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var quiet = Stopwatch.StartNew();
        var last = "";
        while (quiet.Elapsed < Quiet)
        {
            var rows = await run.Sql.QueryAsync(run.Records.Signs(_migration, AttemptSessions.Working), cancellationToken).ConfigureAwait(false);
            if (rows is not [var row])
            {
                throw new HistoryMovedException(null);
            }

            var signs = string.Join(' ', row);
            if (row[3] != "0" || (last.Length > 0 && signs != last))
            {
                quiet.Restart();
            }

            if (clock.Elapsed > run.Options.LockTimeout)
            {
                throw new HasuraMigrationException("LockTimeout", $"Waited {clock.Elapsed.TotalSeconds:N0} s on {run.Description} for another run, which is executing the {_migration.Title}.", run.Database);
            }

            last = signs;
            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until no session is at an attempt any more, and makes sure that it cannot begin again.</summary>
    /// <returns>False where it never began.</returns>
    private async Task<bool> HasBegunAsync(Guid attempt, HasuraServerException lost, CancellationToken cancellationToken)
    {
        var hasBegun = await new ServerAttempt(run, _migration).ResolveAsync([attempt], lost, cancellationToken).ConfigureAwait(false) is not null;
        while ((await run.Sql.QueryAsync(AttemptSessions.Running(attempt), CancellationToken.None).ConfigureAwait(false)).Count > 0)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                await _sender.CancelAsync(attempt).ConfigureAwait(false);
            }

            await Task.Delay(PollInterval, CancellationToken.None).ConfigureAwait(false);
        }

        return hasBegun;
    }

    private Task SendAsync(OwnStatement? claim, IReadOnlyList<string> statements, IReadOnlyList<OwnStatement> records, string transactionOptions, CancellationToken cancellationToken) =>
        SendAsync(attempts => run.Scripts.Unit(attempts, claim, statements, [.. records, run.Records.LogFailure(_migration, attempts[0], "progressed", null, "")], transactionOptions), cancellationToken);

    private async Task SendAsync(Func<Guid[], IReadOnlyList<ScriptPart>> build, CancellationToken cancellationToken) =>
        written(await TryAsync(build, cancellationToken).ConfigureAwait(false));

    private async Task<ServerOutcome> TryAsync(Func<Guid[], IReadOnlyList<ScriptPart>> build, CancellationToken cancellationToken)
    {
        try
        {
            return await new ServerAttempt(run, _migration).RunAsync(1, build, cancellationToken).ConfigureAwait(false);
        }
        catch (ServerWorkException e)
        {
            throw Failed(e);
        }
    }

    /// <summary>Does what rests on the row being this run's.</summary>
    private async Task OwnAsync(Func<Task> send)
    {
        try
        {
            await send().ConfigureAwait(false);
        }
        catch (HistoryMovedException e)
        {
            // Who raises what our guard would have raised does not take the row over.
            if (e.Cause is not null && await IsOwnAsync().ConfigureAwait(false))
            {
                throw Failed(new ServerWorkException(e.Cause, [], [], ""));
            }

            throw new HasuraMigrationException("MigrationUnfinished", $"Another run took over the {_migration.Title}, which runs without a transaction.", _migration.LoggedVersion);
        }
    }

    private async Task<bool> IsOwnAsync() =>
        (await run.Sql.QueryAsync($"SELECT 1::pg_catalog.text WHERE EXISTS ({Claim().Inline()})", CancellationToken.None).ConfigureAwait(false)).Count > 0;

    private static UnitFailedException Failed(ServerWorkException e) => new(e, e.Cause.SqlState, e.Cause.DatabaseMessage ?? e.Cause.Message);

    /// <summary>The row must be this run's; or, to take it over, as it was planned.</summary>
    private OwnStatement Claim(bool isOwn = true) => run.Records.Claim(_migration, isOwn ? owner : null);
}
