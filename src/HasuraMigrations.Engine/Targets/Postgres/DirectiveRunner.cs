using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>
/// Runs a migration statement by statement, for a file with the no-transaction directive. The history row says how far it
/// came: statements that may run in a transaction commit together with the counter, the others are marked in doubt while
/// they run.
/// </summary>
internal sealed class DirectiveRunner(RunContext context, WorkSession work, FailureBuilder failures)
{
    private const int MaximumRecoveries = 5;
    // Records are written as the role that connected; at the end of the transaction the file has its own role again.
    private static readonly string[] Unrole = ["SET LOCAL SESSION AUTHORIZATION DEFAULT", "SET LOCAL ROLE NONE"];

    private readonly Guid _attempt = Guid.NewGuid();
    private int _recoveries;

    internal async Task RunAsync(PlannedMigration migration, CancellationToken cancellationToken)
    {
        while (!await TryRunAsync(migration, cancellationToken).ConfigureAwait(false))
        {
            if (await WorkOfOthers.LeftAsync(work.Session, context, [migration], cancellationToken).ConfigureAwait(false) is not [var left])
            {
                context.Observer.Told($"Migration {migration.Version} was completed by another run.");
                return;
            }

            context.Observer.Told($"Resuming migration {migration.Version}.");
            migration = left;
        }
    }

    /// <summary>Runs what is left; false where the connection was lost and the rest is to be resumed.</summary>
    private async Task<bool> TryRunAsync(PlannedMigration migration, CancellationToken cancellationToken)
    {
        var step = migration.Steps.Count > 0 ? migration.Steps[0] : null;
        var units = step is null ? [] : StatementUnit.Cut(step.Script);
        StatementUnit? current = null;
        try
        {
            context.Observer.Started(migration);
            FaultPoints.Reach("before-no-transaction-begin");
            await BeginAsync(migration, step, cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach("no-transaction-begin");
            context.HasExecuted = true;
            foreach (var unit in units.Where(u => u.Last.Ordinal > migration.ResumeAfter))
            {
                current = unit;
                await RunUnitAsync(migration, step!, unit, units, cancellationToken).ConfigureAwait(false);
                FaultPoints.Reach("no-transaction-between-statements");
            }

            current = null;
            FaultPoints.Reach("no-transaction-end");
            await EndAsync(migration, cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach("after-no-transaction-end");
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or IOException)
        {
            if (PostgresErrors.IsBroken(e, work.Session))
            {
                return await RecoverAsync(migration, e, cancellationToken).ConfigureAwait(false);
            }

            // The fence is the first thing of a file: nothing of it has run.
            if (PostgresErrors.ServerError(e)?.SqlState is (PostgresErrors.WorkBusy or PostgresErrors.RunLockLost) and var state && ++_recoveries <= MaximumRecoveries)
            {
                await work.RegainAsync(state, cancellationToken).ConfigureAwait(false);
                return false;
            }

            await FailAsync(migration, step, current, e, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private async Task BeginAsync(PlannedMigration migration, PlannedStep? step, CancellationToken cancellationToken)
    {
        await using var batch = work.Session.CreateBatch();
        batch.Add("DISCARD ALL");
        batch.Add(context.Fence(0, isSession: true));
        var isResume = migration.Entry is { State: MigrationState.Interrupted };
        if (!isResume)
        {
            batch.Add(context.Records.Begin(migration, _attempt, step is null ? "" : MigrationPlanner.HashOfFinished(step.Script, 0)));
        }
        else
        {
            foreach (var setting in step!.Script.Statements.Take(migration.ResumeAfter).Where(s => s.Has(SqlStatementTraits.SessionSetting) && !s.CannotRunInTransaction))
            {
                batch.Add(setting.Text);
            }
        }

        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task RunUnitAsync(PlannedMigration migration, PlannedStep step, StatementUnit unit, IReadOnlyList<StatementUnit> units, CancellationToken cancellationToken)
    {
        var isFirstOfResume = migration.Entry is { State: MigrationState.Interrupted } && unit.Last.Ordinal == units.First(u => u.Last.Ordinal > migration.ResumeAfter).Last.Ordinal;
        if (unit.IsAlone && isFirstOfResume && await InDoubtProbe.On(work.Session, cancellationToken).IsDoneAsync(migration, step, unit.Last, migration.Entry!.Row!.IsNextInDoubt).ConfigureAwait(false))
        {
            await work.Session.ExecuteAsync(Counter(step, unit, migration, isInDoubt: false), [], cancellationToken).ConfigureAwait(false);
            return;
        }

        if (unit.IsAlone)
        {
            await RunAloneAsync(migration, step, unit, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await RunInTransactionAsync(migration, step, unit, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RunAloneAsync(PlannedMigration migration, PlannedStep step, StatementUnit unit, CancellationToken cancellationToken)
    {
        await work.Session.ExecuteAllAsync(["BEGIN", .. Unrole, Counter(step, unit, migration, isInDoubt: true), "COMMIT"], cancellationToken).ConfigureAwait(false);
        FaultPoints.Reach("no-transaction-in-doubt");
        if (unit.Last.IsConcurrent)
        {
            await work.Session.ExecuteAsync("SET lock_timeout = 0", [], cancellationToken).ConfigureAwait(false);
        }

        await SendAsync(step, [unit.Last], [], [], cancellationToken).ConfigureAwait(false);
        FaultPoints.Reach("no-transaction-after-statement");
        await work.Session.ExecuteAllAsync(["BEGIN", .. Unrole, Counter(step, unit, migration, isInDoubt: false), "COMMIT"], cancellationToken).ConfigureAwait(false);
        if (unit.Last.IsConcurrent)
        {
            await work.Session.ExecuteAsync($"SET lock_timeout = {(long)context.Options.DdlAttempt.TotalMilliseconds}", [], cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RunInTransactionAsync(PlannedMigration migration, PlannedStep step, StatementUnit unit, CancellationToken cancellationToken)
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await SendAsync(step, unit.Inner, [$"BEGIN {unit.Options}".TrimEnd()], [.. Unrole, Counter(step, unit, migration, isInDoubt: false), "COMMIT"], cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (PostgresException e) when (FailureBuilder.IsPassing(e) && waiting.Elapsed < context.Options.DdlTimeout)
            {
                await work.RollbackAsync(cancellationToken).ConfigureAwait(false);
                context.Observer.Told($"Migration {migration.Version} waits: {e.MessageText}. Trying again.");
                await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task SendAsync(PlannedStep step, IReadOnlyList<SqlStatement> statements, string[] before, string[] after, CancellationToken cancellationToken)
    {
        await using var batch = work.Session.CreateBatch();
        TextResults.Ask(batch);
        foreach (var sql in before)
        {
            batch.Add(sql);
        }

        foreach (var statement in statements)
        {
            _origins[batch.Add(statement.Text)] = new CommandOrigin(0, step, statement);
        }

        foreach (var sql in after)
        {
            batch.Add(sql);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private readonly Dictionary<NpgsqlBatchCommand, CommandOrigin> _origins = [];

    private string Counter(PlannedStep step, StatementUnit unit, PlannedMigration migration, bool isInDoubt)
    {
        var finished = isInDoubt ? unit.First.Ordinal - 1 : unit.Last.Ordinal;
        return context.Records.Progress(migration, finished, MigrationPlanner.HashOfFinished(step.Script, finished), isInDoubt).Inline();
    }

    private async Task EndAsync(PlannedMigration migration, CancellationToken cancellationToken)
    {
        await using var batch = work.Session.CreateBatch();
        batch.Add("BEGIN");
        batch.Add("RESET SESSION AUTHORIZATION");
        batch.Add("RESET ROLE");
        // The running row is replaced by the record, as any earlier row is.
        var running = migration with { Entry = new LedgerEntry(migration.Version, MigrationState.Interrupted, EmptyRow(migration), MigrationOrigin.Module) };
        foreach (var statement in context.Records.Record(running, _attempt, MigrationOrigin.Module, "succeeded"))
        {
            batch.Add(statement);
        }

        batch.Add("COMMIT");
        batch.Add("DISCARD ALL");
        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        await context.ReportAsync(migration, null, isResolved: false, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> RecoverAsync(PlannedMigration migration, Exception error, CancellationToken cancellationToken)
    {
        await work.RecoverAsync(cancellationToken.IsCancellationRequested ? CancellationToken.None : cancellationToken).ConfigureAwait(false);
        var done = await work.Session.RowsAsync("SELECT 1::text FROM hasura_migrations.log WHERE attempt_id = $1 AND outcome = 'succeeded'", [_attempt], CancellationToken.None).ConfigureAwait(false);
        if (done.Count > 0)
        {
            await context.ReportAsync(migration, null, isResolved: true, cancellationToken).ConfigureAwait(false);
            return true;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (PostgresErrors.ServerError(error)?.SqlState == "57P01" || ++_recoveries > MaximumRecoveries)
        {
            throw failures.Build("ConnectionLost", error, migration, null, " It runs without a transaction, and history tells how far it came; run again to resume.");
        }

        return false;
    }

    private async Task FailAsync(PlannedMigration migration, PlannedStep? step, StatementUnit? unit, Exception error, CancellationToken cancellationToken)
    {
        await work.RollbackAsync(CancellationToken.None).ConfigureAwait(false);
        await work.Session.ExecuteAllAsync(["DISCARD ALL"], CancellationToken.None).ConfigureAwait(false);
        var server = PostgresErrors.ServerError(error);
        if (server?.SqlState is PostgresErrors.WorkBusy or PostgresErrors.RunLockLost)
        {
            throw server.SqlState == PostgresErrors.WorkBusy
                ? new HasuraMigrationException("LockTimeout", $"The work of another run is still going on on {context.Connector.Description}.", context.Database, error)
                : work.Pooler();
        }

        // Nothing happened where the first statement failed inside a transaction; then the migration is simply pending.
        var isUntouched = unit is { IsAlone: false, First.Ordinal: 1 } && migration.Entry is not { State: MigrationState.Interrupted };
        if (isUntouched)
        {
            await work.Session.ExecuteAsync(context.Records.Untouch(migration), CancellationToken.None).ConfigureAwait(false);
        }

        var isStopped = cancellationToken.IsCancellationRequested;
        await work.Session.ExecuteAsync(context.Records.LogFailure(migration, _attempt, isStopped ? "stopped" : "failed", server?.SqlState, server?.MessageText ?? error.Message), CancellationToken.None).ConfigureAwait(false);
        if (isStopped || server is null)
        {
            return;
        }

        var origin = server.BatchCommand is NpgsqlBatchCommand command && _origins.TryGetValue(command, out var known) ? known
            : unit is null ? null : new CommandOrigin(0, step, unit.Last);
        var id = FailureBuilder.IsPassing(server) ? "DdlLockTimeout" : FailureBuilder.IdOf(server, origin);
        throw failures.Build(
            id == "MigrationFailed" && !isUntouched ? "MigrationFailedPartly" : id,
            error,
            migration,
            origin,
            isUntouched ? null : $" It runs without a transaction: the {(unit is null ? "" : $"{unit.First.Ordinal - 1} ")}statement(s) before it are kept.");
    }

    private static HistoryRow EmptyRow(PlannedMigration migration) => new()
    {
        Version = migration.Version,
        Name = migration.Name,
        Direction = migration.Direction,
        IsRunning = true,
        Checksums = new Dictionary<string, string>(),
    };
}
