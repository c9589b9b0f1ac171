using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Records;

/// <summary>The database answered with an error, so that the unit did not happen; or a part of it, where it commits inside.</summary>
/// <param name="cause">The error of the driver or the server.</param>
/// <param name="sqlState">SQLSTATE of the database; null where it gave none.</param>
/// <param name="message">What the database said.</param>
internal sealed class UnitFailedException(Exception cause, string? sqlState, string message) : Exception(message, cause)
{
    internal string? SqlState { get; } = sqlState;

    /// <summary>True where the database proved that nothing of it was committed, although it may commit inside.</summary>
    internal bool IsProvenUndone { get; init; }

    /// <summary>True where the statement itself took effect, and only counting it failed: it stays in doubt.</summary>
    internal bool IsOfCount { get; init; }
}

/// <summary>No answer came, and the work has come to rest: the history tells how far it came.</summary>
internal sealed class UnitLostException(Exception cause) : Exception(cause.Message, cause);

/// <summary>The ways of one target to run statements one by one.</summary>
internal interface IStatementWork
{
    /// <summary>Takes the row of a migration for this run, or writes it.</summary>
    /// <param name="migration">As it stands in the history.</param>
    /// <param name="begin">Writes the row; null where an interrupted run left one.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UnitLostException">The row has to be read again.</exception>
    Task ClaimAsync(PlannedMigration migration, OwnStatement? begin, CancellationToken cancellationToken);

    /// <summary>Runs a unit and counts it in one transaction.</summary>
    Task RunCountedAsync(StatementUnit unit, OwnStatement count, CancellationToken cancellationToken);

    /// <summary>Runs a unit that leaves nothing.</summary>
    Task RunDiscardedAsync(StatementUnit unit, CancellationToken cancellationToken);

    /// <summary>Runs a statement outside of a transaction.</summary>
    Task RunAloneAsync(StatementUnit unit, CancellationToken cancellationToken);

    /// <summary>Writes a record of ours, in a transaction of its own, where the row is still this run's.</summary>
    Task WriteAsync(IReadOnlyList<OwnStatement> records, CancellationToken cancellationToken);

    /// <summary>Looks up whether a statement whose answer was lost took effect.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="cancellationToken">Stops it.</param>
    InDoubtProbe Probe(StatementUnit unit, CancellationToken cancellationToken);

    /// <summary>Records the migration as done, and reports it.</summary>
    Task EndAsync(TimeSpan elapsed, CancellationToken cancellationToken);

    /// <summary>After a loss: the migration as it stands now; null where it is done.</summary>
    /// <exception cref="HasuraMigrationException">The loss is final.</exception>
    Task<PlannedMigration?> RecoverAsync(PlannedMigration migration, Exception lost, CancellationToken cancellationToken);

    /// <summary>The error to show for a failed unit.</summary>
    /// <param name="migration">The migration.</param>
    /// <param name="unit">The unit; null for the records of ours.</param>
    /// <param name="failed">What failed.</param>
    /// <param name="isUntouched">True where nothing of the migration happened.</param>
    /// <param name="more">What to tell beside it.</param>
    Exception Failure(PlannedMigration migration, StatementUnit? unit, UnitFailedException failed, bool isUntouched, string more);
}

/// <summary>
/// Runs a migration statement by statement, on either target. The history row says how far it came: what may run in a
/// transaction commits together with the count, the rest is marked in doubt while it runs. An error answer takes the mark
/// away; only a lost answer leaves it, and then the catalog is asked.
/// </summary>
internal sealed class StatementRun(RunRecorder run, Guid owner, IStatementWork work)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    internal async Task RunAsync(PlannedMigration migration, CancellationToken cancellationToken)
    {
        for (PlannedMigration? left = migration; left is not null;)
        {
            try
            {
                await RunLeftAsync(left, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (UnitLostException e)
            {
                left = await work.RecoverAsync(left, e.InnerException!, cancellationToken).ConfigureAwait(false);
                run.Observer.Informed(left is null ? $"The {migration.Title} is complete." : $"Resuming the {migration.Title}.");
            }
        }
    }

    private async Task RunLeftAsync(PlannedMigration migration, CancellationToken cancellationToken)
    {
        var step = migration.Steps.Count > 0 ? migration.Steps[0] : null;
        var units = step?.CutUnits() ?? [];
        var isResumed = migration.Entry is { State: MigrationState.Interrupted };
        StatementUnit? current = null;
        try
        {
            FaultPoints.Reach("before-no-transaction-begin");
            await work.ClaimAsync(migration, isResumed ? null : run.Records.Begin(migration, owner, step is null ? "" : Resumption.HashOfFinished(step.Script, 0)), cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach("no-transaction-begin");
            run.HasExecuted |= migration.MayChangeSchema;
            foreach (var unit in units.Where(u => u.Last.Ordinal > migration.ResumeAfter))
            {
                cancellationToken.ThrowIfCancellationRequested();
                // Only the statement at which the earlier run stopped can be in doubt, or have left an invalid index.
                var isRetried = isResumed && current is null;
                current = unit;
                if (!isRetried || !await IsDoneAsync(migration, step!, unit, cancellationToken).ConfigureAwait(false))
                {
                    await RunUnitAsync(migration, step!, unit, cancellationToken).ConfigureAwait(false);
                }

                run.Lost.Progress();

                FaultPoints.Reach("no-transaction-between-statements");
            }

            current = null;
            FaultPoints.Reach("no-transaction-end");
            await work.EndAsync(_clock.Elapsed, cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach("after-no-transaction-end");
        }
        catch (UnitFailedException e)
        {
            var isFirst = current is not null && current.First.Ordinal == units[0].First.Ordinal;
            throw await FailAsync(migration, step, current, isFirst, e, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>True where the unit at which a run was interrupted took effect; then it is counted.</summary>
    private async Task<bool> IsDoneAsync(PlannedMigration migration, PlannedStep step, StatementUnit unit, CancellationToken cancellationToken)
    {
        if (unit.Kind != StatementUnitKind.Alone)
        {
            return false;
        }

        var probe = work.Probe(unit, cancellationToken);
        // The statement failed or was never sent. A CREATE INDEX CONCURRENTLY that failed may have left an invalid index
        // (PostgreSQL manual, CREATE INDEX).
        if (!migration.Entry!.Row!.IsNextInDoubt)
        {
            await probe.RemoveLeftoverAsync(unit).ConfigureAwait(false);
            return false;
        }

        var isDone = await probe.IsDoneAsync(migration, step, unit).ConfigureAwait(false);
        if (isDone)
        {
            await work.WriteAsync([Count(migration, step, unit.Last.Ordinal, isInDoubt: false)], cancellationToken).ConfigureAwait(false);
        }

        return isDone;
    }

    private async Task RunUnitAsync(PlannedMigration migration, PlannedStep step, StatementUnit unit, CancellationToken cancellationToken)
    {
        var done = Count(migration, step, unit.Last.Ordinal, isInDoubt: false);
        switch (unit.Kind)
        {
            case StatementUnitKind.Counted:
                await work.RunCountedAsync(unit, done, cancellationToken).ConfigureAwait(false);
                return;
            case StatementUnitKind.Discarded:
                // No record can be part of a block that is rolled back or read only, so it is counted afterwards (docs/decisions/0001).
                await work.RunDiscardedAsync(unit, cancellationToken).ConfigureAwait(false);
                break;
            default:
                // Committed before the statement is sent: if its answer is lost, the row shows which statement is in doubt.
                await work.WriteAsync([Count(migration, step, unit.First.Ordinal - 1, isInDoubt: true)], cancellationToken).ConfigureAwait(false);
                FaultPoints.Reach("no-transaction-in-doubt");
                await work.RunAloneAsync(unit, cancellationToken).ConfigureAwait(false);
                FaultPoints.Reach("no-transaction-after-statement");
                break;
        }

        try
        {
            await work.WriteAsync([done], cancellationToken).ConfigureAwait(false);
        }
        catch (UnitFailedException e)
        {
            throw new UnitFailedException(e.InnerException!, e.SqlState, e.Message) { IsOfCount = true };
        }
    }

    private OwnStatement Count(PlannedMigration migration, PlannedStep step, int finished, bool isInDoubt) =>
        run.Records.Progress(migration, finished, Resumption.HashOfFinished(step.Script, finished), isInDoubt);

    private async Task<Exception> FailAsync(PlannedMigration migration, PlannedStep? step, StatementUnit? unit, bool isFirst, UnitFailedException failed, CancellationToken cancellationToken)
    {
        var isDefinite = !failed.IsOfCount && (unit is not { MayCommitInside: true } || failed.IsProvenUndone);
        // What the server refuses for its text or its names leaves no invalid index.
        var leavesIndex = unit is { MayLeaveIndex: true } && failed.SqlState?.StartsWith("42", StringComparison.Ordinal) != true;
        // Nothing happened where the first unit failed; then the migration is simply pending.
        var isUntouched = isFirst && isDefinite && !leavesIndex;
        var isStopped = cancellationToken.IsCancellationRequested;
        List<OwnStatement> records = [run.Records.LogFailure(migration, Guid.NewGuid(), isStopped ? "stopped" : "failed", failed.SqlState, failed.Message)];
        if (isUntouched)
        {
            records.Insert(0, run.Records.ResetInDoubt(migration));
        }
        else if (isDefinite && unit is { Kind: StatementUnitKind.Alone })
        {
            records.Insert(0, Count(migration, step!, unit.First.Ordinal - 1, isInDoubt: false));
        }

        try
        {
            // Ctrl+C stops the work, not the record of what happened to it.
            await work.WriteAsync(records, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is UnitFailedException or UnitLostException or HasuraMigrationException)
        {
            // The failure itself is what has to be told; that it is not in the log is only said beside it.
            run.Observer.Informed($"The failed attempt could not be written to the log: {e.Message}");
        }

        if (isStopped)
        {
            return new OperationCanceledException(failed.Message, failed.InnerException, cancellationToken);
        }

        return work.Failure(migration, unit, failed, isUntouched, isUntouched ? "" : Kept(migration, unit, failed, isDefinite));
    }

    private static string Kept(PlannedMigration migration, StatementUnit? unit, UnitFailedException failed, bool isDefinite)
    {
        var before = unit is null ? "The statements before it are kept." : unit.First.Ordinal == 1 ? "" : $"The {unit.First.Ordinal - 1} statement(s) before it are kept.";
        var inside = isDefinite ? "" : failed.IsOfCount ? $"The statement took effect, but this could not be recorded. Run {StatementDoubt.Repairs(migration)}." : $"The statement may have committed a part of its work before it failed. Check the database, then run {StatementDoubt.Repairs(migration)}.";
        return string.Concat(new[] { migration.Mark is null ? "The migration runs without a transaction." : "The file runs without a transaction.", before, inside }.Where(p => p.Length > 0).Select(p => " " + p));
    }
}
