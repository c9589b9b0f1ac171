using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>
/// Runs a migration statement by statement through a server. Each request gets another session, so the settings of the file
/// go with each. The history row says how far it came: what may run in a transaction commits together with the counter, the
/// rest is marked in doubt while it runs.
/// </summary>
internal sealed class ServerDirectiveRunner(ServerRunContext run, Action<ServerOutcome> written)
{
    private const int MostLooks = 5;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    // Between two statements a run is not seen at work; longer than this it is never.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    private readonly Guid _owner = Guid.NewGuid();
    private readonly ServerSender _sender = new(run);

    internal async Task RunAsync(PlannedMigration migration, CancellationToken cancellationToken)
    {
        var step = migration.Steps.Count > 0 ? migration.Steps[0] : null;
        var units = step is null ? [] : StatementUnit.Cut(step.Script);
        StatementUnit? current = null;
        if (migration.Entry is { State: MigrationState.Interrupted })
        {
            await WaitForRestAsync(migration, cancellationToken).ConfigureAwait(false);
        }

        await BeginAsync(migration, step, cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var unit in units.Where(u => u.Last.Ordinal > migration.ResumeAfter))
            {
                cancellationToken.ThrowIfCancellationRequested();
                current = unit;
                var isFirst = unit == units.First(u => u.Last.Ordinal > migration.ResumeAfter);
                await (unit.IsAlone
                    ? RunAloneAsync(migration, step!, unit, isFirst && migration.Entry is { State: MigrationState.Interrupted, Row.IsNextInDoubt: true }, cancellationToken)
                    : RunInTransactionAsync(migration, step!, unit, cancellationToken)).ConfigureAwait(false);
            }

            current = null;
            await EndAsync(migration, units.Count > 0 ? units[^1].Last.Ordinal : 0, cancellationToken).ConfigureAwait(false);
        }
        catch (HistoryMovedException)
        {
            throw new HasuraMigrationException("MigrationUnfinished", $"Another run took over migration {migration.Version}_{migration.Name}, which runs without a transaction.", migration.Version);
        }
        catch (ServerWorkException e)
        {
            throw await FailAsync(migration, current, e).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until nothing tells of a run that is still at the migration: no session at work, and nothing new.</summary>
    /// <exception cref="HistoryMovedException">It was ended by the other run.</exception>
    private async Task WaitForRestAsync(PlannedMigration migration, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var quiet = Stopwatch.StartNew();
        var last = "";
        while (quiet.Elapsed < Quiet)
        {
            var rows = await run.Sql.QueryAsync(ServerScripts.Signs(run.Database, migration.Version), cancellationToken).ConfigureAwait(false);
            if (rows is not [var row])
            {
                throw new HistoryMovedException();
            }

            var signs = string.Join(' ', row);
            if (row[3] != "0" || (last.Length > 0 && signs != last))
            {
                quiet.Restart();
            }

            if (clock.Elapsed > run.Options.LockTimeout)
            {
                throw new HasuraMigrationException("LockTimeout", $"Waited {clock.Elapsed.TotalSeconds:N0} s on {run.Description} for another run, which is at migration {migration.Version}_{migration.Name}.", run.Database);
            }

            last = signs;
            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task BeginAsync(PlannedMigration migration, PlannedStep? step, CancellationToken cancellationToken)
    {
        var begin = migration.Entry is { State: MigrationState.Interrupted }
            ? new OwnStatement("UPDATE hasura_migrations.history SET attempt_id = $3 WHERE database_name = $1 AND version = $2", run.Database, migration.Version, _owner)
            : run.Records.Begin(migration, _owner, step is null ? "" : MigrationPlanner.HashOfFinished(step.Script, 0));
        try
        {
            await WorkAsync(migration, migration.Entry is { State: MigrationState.Interrupted } ? Claim(migration, migration.ResumeAfter, isOwn: false) : null, [], [begin], cancellationToken).ConfigureAwait(false);
        }
        catch (ServerWorkException e)
        {
            throw new ServerFailure(run).Build(e, migration, null);
        }

        run.HasExecuted = true;
    }

    private Task RunInTransactionAsync(PlannedMigration migration, PlannedStep step, StatementUnit unit, CancellationToken cancellationToken) => WorkAsync(
        migration,
        Claim(migration, unit.First.Ordinal - 1, isOwn: true),
        [.. SettingsBefore(step, unit), .. unit.Inner.Select(s => s.Text)],
        [Progress(migration, step, unit.Last.Ordinal, isInDoubt: false)],
        cancellationToken);

    private async Task RunAloneAsync(PlannedMigration migration, PlannedStep step, StatementUnit unit, bool isInDoubt, CancellationToken cancellationToken)
    {
        var before = unit.First.Ordinal - 1;
        for (var look = 0; ; look++)
        {
            if ((isInDoubt || look > 0) && await Probe(step, unit, cancellationToken).IsDoneAsync(migration, step, unit.Last, isInDoubt: true).ConfigureAwait(false))
            {
                break;
            }

            await WorkAsync(migration, Claim(migration, before, isOwn: true), [], [Progress(migration, step, before, isInDoubt: true)], cancellationToken).ConfigureAwait(false);
            if (await SendAloneAsync(migration, step, unit, look, cancellationToken).ConfigureAwait(false))
            {
                break;
            }
        }

        await WorkAsync(migration, Claim(migration, before, isOwn: true), [], [Progress(migration, step, unit.Last.Ordinal, isInDoubt: false)], CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Sends a statement outside a transaction; false where the answer was lost and it has come to rest.</summary>
    private async Task<bool> SendAloneAsync(PlannedMigration migration, PlannedStep step, StatementUnit unit, int look, CancellationToken cancellationToken)
    {
        var attempt = Guid.NewGuid();
        var marker = ServerScripts.Marker(attempt);
        IEnumerable<string> texts =
        [
            run.Scripts.AloneGuard(attempt),
            .. SettingsBefore(step, unit),
            .. unit.Last.IsConcurrent ? ["SET lock_timeout = 0"] : Array.Empty<string>(),
            marker + unit.Last.Text,
            ServerScripts.CleanUp,
        ];
        var sql = marker + string.Join(";\n", texts);
        try
        {
            await _sender.SendAsync(token => run.Sql.RunAloneAsync(sql, isWithoutTransaction: true, token), attempt, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (HasuraServerException e) when (e.MayHaveRun && e.SqlState is null && look < MostLooks)
        {
            await RestAsync(migration, attempt, e, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
        catch (HasuraServerException e)
        {
            throw cancellationToken.IsCancellationRequested && e.SqlState == "57014"
                ? new OperationCanceledException(e.Message, e, cancellationToken)
                : new ServerWorkException(e, [attempt], [], "");
        }
    }

    /// <summary>Waits until no session is at an attempt any more, and makes sure that it cannot begin again.</summary>
    private async Task RestAsync(PlannedMigration migration, Guid attempt, HasuraServerException lost, CancellationToken cancellationToken)
    {
        await new ServerAttempt(run, migration).ResolveAsync([attempt], lost, cancellationToken).ConfigureAwait(false);
        while ((await run.Sql.QueryAsync(ServerScripts.Running(attempt), CancellationToken.None).ConfigureAwait(false)).Count > 0)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                await _sender.CancelAsync(attempt).ConfigureAwait(false);
            }

            await Task.Delay(PollInterval, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task EndAsync(PlannedMigration migration, int finished, CancellationToken cancellationToken)
    {
        var running = migration with { Entry = new LedgerEntry(migration.Version, MigrationState.Interrupted, RunningRow(migration), MigrationOrigin.Module) };
        var outcome = await new ServerAttempt(run, migration).RunAsync(1, attempts => run.Scripts.Unit(attempts, Claim(migration, finished, isOwn: true), [], run.Records.Record(running, attempts[0], MigrationOrigin.Module, "succeeded")), cancellationToken).ConfigureAwait(false);
        written(outcome);
        await run.ReportAsync(migration, null, outcome.IsResolved, cancellationToken).ConfigureAwait(false);
    }

    private async Task WorkAsync(PlannedMigration migration, OwnStatement? claim, IReadOnlyList<string> statements, IReadOnlyList<OwnStatement> records, CancellationToken cancellationToken) =>
        written(await new ServerAttempt(run, migration).RunAsync(1, attempts => run.Scripts.Unit(attempts, claim, statements, [.. records, run.Records.LogFailure(migration, attempts[0], "progressed", null, "")]), cancellationToken).ConfigureAwait(false));

    private async Task<MigrationFailedException> FailAsync(PlannedMigration migration, StatementUnit? unit, ServerWorkException failed)
    {
        // Nothing happened where the first statement failed inside a transaction; then the migration is simply pending.
        var isUntouched = unit is { IsAlone: false, First.Ordinal: 1 } && migration.Entry is not { State: MigrationState.Interrupted };
        var partly = new ServerWorkException(failed.Cause, failed.Attempts, [], isUntouched ? failed.More : $"{failed.More} It runs without a transaction: the {(unit is null ? "" : $"{unit.First.Ordinal - 1} ")}statement(s) before it are kept.")
        {
            ErrorId = failed.ErrorId ?? (isUntouched || failed.Cause.SqlState is null or "57014" or "53200" ? null : "MigrationFailedPartly"),
        };
        var error = new ServerFailure(run).Build(partly, migration, unit is not null && unit.First == unit.Last && failed.Cause.SqlState is not null ? unit.Last : null);
        try
        {
            var log = run.Records.LogFailure(migration, Guid.NewGuid(), "failed", failed.Cause.SqlState, failed.Cause.DatabaseMessage ?? failed.Cause.Message);
            await WorkAsync(migration, Claim(migration), [], isUntouched ? [run.Records.Untouch(migration), log] : [log], CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ServerWorkException or HasuraMigrationException or HistoryMovedException)
        {
            run.Observer.Told($"The failed attempt could not be written to the log: {e.Message}");
        }

        return error;
    }

    private InDoubtProbe Probe(PlannedStep step, StatementUnit unit, CancellationToken cancellationToken) => new(
        async statement => [.. await run.Sql.RunAloneAsync(ServerScripts.Ask(SettingsBefore(step, unit), statement), isWithoutTransaction: false, cancellationToken).ConfigureAwait(false)],
        sql => run.Sql.RunAloneAsync(string.Join(";\n", [.. SettingsBefore(step, unit), sql, ServerScripts.CleanUp]), isWithoutTransaction: true, cancellationToken));

    private static IEnumerable<string> SettingsBefore(PlannedStep step, StatementUnit unit) =>
        step.Script.Statements.TakeWhile(s => s.Ordinal < unit.First.Ordinal).Where(s => s.Has(SqlStatementTraits.SessionSetting) && !s.CannotRunInTransaction).Select(s => s.Text);

    private OwnStatement Progress(PlannedMigration migration, PlannedStep step, int finished, bool isInDoubt) =>
        run.Records.Progress(migration, finished, MigrationPlanner.HashOfFinished(step.Script, finished), isInDoubt);

    /// <summary>The row must be as this run left it, or as it was planned.</summary>
    private OwnStatement Claim(PlannedMigration migration, int finished, bool isOwn) => new(
        $"SELECT FROM hasura_migrations.history h WHERE h.database_name = $1 AND h.version = $2 AND h.state = 'running' AND h.finished_statements = $3{(isOwn ? " AND h.attempt_id = $4" : "")}",
        run.Database,
        migration.Version,
        finished,
        _owner);

    /// <summary>The row must be this run's.</summary>
    private OwnStatement Claim(PlannedMigration migration) => new(
        "SELECT FROM hasura_migrations.history h WHERE h.database_name = $1 AND h.version = $2 AND h.state = 'running' AND h.attempt_id = $3",
        run.Database,
        migration.Version,
        _owner);

    private static HistoryRow RunningRow(PlannedMigration migration) => new()
    {
        Version = migration.Version,
        Name = migration.Name,
        Direction = migration.Direction,
        IsRunning = true,
        Checksums = new Dictionary<string, string>(),
    };
}
