using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>Runs the migrations or seed files of a plan through a server: several in one request, or all in one transaction.</summary>
/// <param name="run">How the run goes.</param>
/// <param name="isChecked">Let the server compare its metadata with the tables after each file.</param>
/// <param name="committed">Takes note of what is committed.</param>
/// <param name="findLeft">Finds what is still to be done after another run was at work.</param>
internal sealed class ServerPlanExecutor(
    ServerRunContext run,
    bool isChecked,
    Action<PlannedMigration> committed,
    Func<List<PlannedMigration>, CancellationToken, Task<List<PlannedMigration>>> findLeft)
{
    // A run that others always overtake is told so at last.
    private const int MostReadings = 100;
    private const int MostStanding = 3;

    /// <summary>Runs a plan; each migration and its record are one fact.</summary>
    /// <exception cref="HasuraMigrationException">What stopped it; migrations reported before stay.</exception>
    internal async Task RunAsync(MigrationPlan plan, CancellationToken cancellationToken)
    {
        var left = plan.Migrations.ToList();
        var sizer = new GroupSizer(first: 2);
        for (var (readings, standing) = (0, 0); left.Count > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var isOne = plan.TransactionMode == MigrationTransactionMode.All;
            var count = isOne ? left.Count : MayBeGrouped ? sizer.Take(left, 0).Count : 1;
            var clock = Stopwatch.StartNew();
            try
            {
                if (isOne || count == 1)
                {
                    await RunAsync(left[..count], cancellationToken).ConfigureAwait(false);
                    left.RemoveRange(0, count);
                }
                else if (!await RunGroupAsync(left, count, cancellationToken).ConfigureAwait(false))
                {
                    // Alone, it is waited for, tried again or given up with all that is known of it.
                    sizer.Restart();
                    continue;
                }

                sizer.Adjust(clock.Elapsed);
            }
            catch (HistoryMovedException e)
            {
                // Alone, it is known which of them it was where the history did not move.
                sizer.Restart();
                var serial = run.Scripts.Serial;
                left = await findLeft(left, cancellationToken).ConfigureAwait(false);
                // A history that only the work ever found moved did not move.
                if (serial == run.Scripts.Serial && ++standing > MostStanding && e.Cause is { } cause && left.Count > 0)
                {
                    throw await new ServerFailure(run).ReportAsync(new ServerWorkException(cause, [], [], ""), [.. left.Take(count)], cancellationToken).ConfigureAwait(false);
                }

                if (++readings > MostReadings)
                {
                    throw new HasuraMigrationException("LockTimeout", $"Other runs on {run.Description} changed the history {MostReadings} times before this run could continue.", run.Database, e);
                }
            }
        }
    }

    // A server of version 1 makes one transaction of a request; and where it looks after its metadata, it does so once for each migration.
    private bool MayBeGrouped => run.Source.IsVersion2 && !isChecked;

    /// <summary>Runs the first migrations as one request, and takes those away that are committed.</summary>
    /// <returns>False where the next of them has to be run alone.</returns>
    private async Task<bool> RunGroupAsync(List<PlannedMigration> left, int count, CancellationToken cancellationToken)
    {
        var group = left[..count];
        run.Observer.Started(group[0]);
        var end = await new ServerGroup(run, group).RunAsync(cancellationToken).ConfigureAwait(false);
        if (end.Error is null)
        {
            RequireRecords(end.Outcome, end.Attempts, group);
        }

        if (end.Committed > 0)
        {
            run.HasExecuted |= group.Any(m => m.MayChangeSchema);
            run.Written(end.Outcome);
        }

        for (var i = 0; i < end.Committed; i++)
        {
            if (i > 0)
            {
                run.Observer.Started(group[i]);
            }

            committed(group[i]);
            left.Remove(group[i]);
            await run.ReportAsync(group[i], end.Outcome.Durations[end.Attempts[i]], end.Outcome.IsResolved, cancellationToken).ConfigureAwait(false);
        }

        return end.Committed == count || await JudgeAsync(group[end.Committed], end, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>After a group that stopped at a migration: throws, or returns false where that may be tried again.</summary>
    private async Task<bool> JudgeAsync(PlannedMigration stopped, ServerGroupEnd end, CancellationToken cancellationToken)
    {
        var error = end.Error!;
        if (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(error.Message, error, cancellationToken);
        }

        if (run.Scripts.IsOurs(error, ServerScripts.Moved))
        {
            throw new HistoryMovedException(error);
        }

        if (end.IsLost)
        {
            run.Lost.Add();
        }

        return !end.IsFailure && !run.Lost.AreTooMany
            ? false
            : throw await new ServerFailure(run).ReportAsync(new ServerWorkException(error, [end.Attempts[end.Committed]], [], ""), [stopped], cancellationToken).ConfigureAwait(false);
    }

    private async Task RunAsync(IReadOnlyList<PlannedMigration> migrations, CancellationToken cancellationToken)
    {
        foreach (var migration in migrations)
        {
            run.Observer.Started(migration);
        }

        if (!migrations[0].IsTransactional)
        {
            await ServerStatementWork.RunAsync(run, run.Written, migrations[0], cancellationToken).ConfigureAwait(false);
            committed(migrations[0]);
            return;
        }

        try
        {
            Guid[] sent = [];
            var outcome = await new ServerAttempt(run, migrations[0]).RunAsync(migrations.Count, attempts => run.Scripts.Work(migrations, sent = attempts, isChecked), cancellationToken).ConfigureAwait(false);
            run.HasExecuted |= migrations.Any(m => m.MayChangeSchema);
            RequireRecords(outcome, sent, migrations);
            run.Written(outcome);
            for (var i = 0; i < migrations.Count; i++)
            {
                committed(migrations[i]);
                await run.ReportAsync(migrations[i], outcome.Durations.GetValueOrDefault(sent[i]), outcome.IsResolved, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ServerWorkException e)
        {
            throw await new ServerFailure(run).ReportAsync(e, migrations, cancellationToken).ConfigureAwait(false);
        }
    }

    // Only the log says that something was committed.
    private void RequireRecords(ServerOutcome outcome, Guid[] attempts, IReadOnlyList<PlannedMigration> migrations)
    {
        var missing = migrations.Where((_, i) => !outcome.Durations.ContainsKey(attempts[i])).FirstOrDefault();
        if (missing is not null)
        {
            throw new HasuraServerException("ServerOutcomeUnknown", $"{run.Description} answered without an error, but did not confirm that the log contains the {missing.Title}.", run.Database) { MayHaveRun = true };
        }
    }
}
