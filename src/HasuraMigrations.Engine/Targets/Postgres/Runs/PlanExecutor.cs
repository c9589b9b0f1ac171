using System.Diagnostics;
using System.Runtime.ExceptionServices;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>
/// Runs the migrations of a plan: in groups of one trip each, one by one where a file wants no transaction, or all in one
/// transaction. What passes is tried again; what is not known is looked up before anything is said.
/// </summary>
internal sealed class PlanExecutor(RunContext context, WorkSession work, StateMirrorWriter mirror)
{
    private readonly FailureBuilder _failures = new(context);
    private readonly ActionsRunner _actions = new(context, work, new FailureBuilder(context));
    private readonly PassingWait _waiting = new(context.Options);
    private string _blockers = "";

    internal async Task RunAsync(MigrationPlan plan, CancellationToken cancellationToken)
    {
        var migrations = plan.Migrations;
        var inOneTransaction = plan.TransactionMode == MigrationTransactionMode.All;
        // In a project with metadata in its migrations, the metadata follows what SQL renames and drops, as on a server
        // (docs/migrations.md).
        var followsMetadata = migrations.Any(HasActions) || (plan.HasMetadataInMigrations && await HasMetadataAsync(cancellationToken).ConfigureAwait(false));
        var sizer = new GroupSizer(first: 8);
        var done = 0;
        while (done < migrations.Count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            FaultPoints.Reach("between-migrations");
            // While the lock was lost, another run may have done any part of the plan (docs/decisions/0002).
            if (work.IsRenewed)
            {
                migrations = await context.LeftAsync(work.Session, [.. migrations.Skip(done)], cancellationToken).ConfigureAwait(false);
                (done, work.IsRenewed) = (0, false);
                continue;
            }

            if (!migrations[done].IsTransactional)
            {
                await PostgresStatementWork.RunAsync(context, work, _failures, migrations[done], cancellationToken).ConfigureAwait(false);
                await FollowAsync([migrations[done]], cancellationToken).ConfigureAwait(false);
                done++;
                continue;
            }

            var group = inOneTransaction ? migrations.Skip(done).ToList() : sizer.Take(migrations, done);
            var clock = Stopwatch.StartNew();
            if (followsMetadata)
            {
                // ActionsRunner makes one transaction of its group; outside the mode All each migration has its own.
                group = inOneTransaction ? group : group[..1];
                if (!await _actions.RunAsync(group, cancellationToken).ConfigureAwait(false))
                {
                    continue;
                }

                await FollowAsync(group, cancellationToken).ConfigureAwait(false);
                done += group.Count;
                continue;
            }

            var committed = await RunGroupAsync(group, inOneTransaction, cancellationToken).ConfigureAwait(false);
            sizer.Adjust(clock.Elapsed);
            await FollowAsync([.. group.Take(committed)], cancellationToken).ConfigureAwait(false);
            done += committed;
        }
    }

    private async Task FollowAsync(IReadOnlyList<PlannedMigration> migrations, CancellationToken cancellationToken)
    {
        FaultPoints.Reach("before-mirror");
        await mirror.FollowAsync(migrations, cancellationToken).ConfigureAwait(false);
        FaultPoints.Reach("after-mirror");
    }

    private async Task<bool> HasMetadataAsync(CancellationToken cancellationToken)
    {
        var description = context.Connector.Description;
        return MetadataStores.Find(await CatalogProbe.ReadAsync(work.Session, description, cancellationToken).ConfigureAwait(false), description) is not null;
    }

    private static bool HasActions(PlannedMigration migration) => migration.Steps.Any(s => s.Actions.Count > 0);

    /// <summary>Runs a group; returns how many are committed, which is fewer than all only where the rest is to be tried again.</summary>
    private async Task<int> RunGroupAsync(IReadOnlyList<PlannedMigration> group, bool inOneTransaction, CancellationToken cancellationToken)
    {
        context.HasExecuted |= group.Any(m => m.MayChangeSchema);
        FlushOutcome outcome;
        await using var batch = new MigrationBatch(work.Session, context, group, inOneTransaction);
        using (var watch = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        using (var giveUp = new CancellationTokenSource())
        {
            var blockers = WatchBlockersAsync(work.Process.Id, watch.Token, giveUp.Token);
            outcome = await new FlushExecutor(context, work, batch, inOneTransaction).RunAsync(ReportAsync, cancellationToken).ConfigureAwait(false);
            await watch.CancelAsync().ConfigureAwait(false);
            if (outcome.IsBroken)
            {
                // What took the one connection may have taken the other.
                await giveUp.CancelAsync().ConfigureAwait(false);
            }

            await blockers.ConfigureAwait(false);
        }

        if (outcome.Error is null)
        {
            _waiting.Reset();
            return group.Count;
        }

        return await HandleAsync(batch, outcome, cancellationToken).ConfigureAwait(false);
    }

    private async Task<int> HandleAsync(MigrationBatch batch, FlushOutcome outcome, CancellationToken cancellationToken)
    {
        var reopened = work.Reopened;
        // The answer of a stop that came late is not the end of the story either: history is.
        if (outcome.IsObserverFailure)
        {
            await ReportRestAsync(batch, outcome, await ResolveFailureAsync(batch, outcome).ConfigureAwait(false), new CancellationToken(true)).ConfigureAwait(false);
            ExceptionDispatchInfo.Throw(outcome.Error!);
        }

        var committed = outcome.IsBroken
            ? await RecoverAsync(batch, outcome, cancellationToken).ConfigureAwait(false)
            : await ResolveFailureAsync(batch, outcome).ConfigureAwait(false);
        var isStopped = cancellationToken.IsCancellationRequested;
        await ReportRestAsync(batch, outcome, committed, cancellationToken).ConfigureAwait(false);
        if (committed == batch.Migrations.Count && !isStopped)
        {
            return committed;
        }

        // If the driver names no command, the first migration that is not committed is the one that failed.
        var failed = batch.OriginOf(PostgresErrors.ServerError(outcome.Error!)?.BatchCommand as NpgsqlBatchCommand)?.Index ?? Math.Min(committed, batch.Migrations.Count - 1);
        var migration = batch.Migrations[failed];
        var attempt = batch.Attempts[failed];
        if (isStopped || outcome.Error is OperationCanceledException)
        {
            await LogAsync(migration, attempt, "stopped", outcome.Error!).ConfigureAwait(false);
            throw new OperationCanceledException(outcome.Error!.Message, outcome.Error, cancellationToken);
        }

        if (outcome.IsBroken)
        {
            await JudgeBrokenAsync(migration, attempt, batch, outcome.Error!).ConfigureAwait(false);
        }
        else
        {
            await JudgeAsync(migration, attempt, batch, outcome.Error!, isRenewed: work.Reopened > reopened, cancellationToken).ConfigureAwait(false);
        }

        return committed;
    }

    /// <summary>Waits and returns where the failure passes; throws where it does not.</summary>
    private async Task JudgeAsync(PlannedMigration migration, Guid attempt, MigrationBatch batch, Exception error, bool isRenewed, CancellationToken cancellationToken)
    {
        var server = PostgresErrors.ServerError(error);
        var origin = batch.OriginOf(server?.BatchCommand as NpgsqlBatchCommand);
        switch (server?.SqlState)
        {
            // Only from the fence itself: a file can raise the same SQLSTATEs (docs/security.md, What is trusted).
            case (AdvisoryLocks.WorkBusy or AdvisoryLocks.RunLockLost) and var state when origin is { Kind: CommandKind.Fence }:
                // If both sessions were opened again meanwhile, the fence asked for a session that is gone.
                if (!isRenewed)
                {
                    await work.RegainAsync(state, cancellationToken).ConfigureAwait(false);
                }

                return;
            // The transaction is rolled back, so it can run again. -DdlTimeout limits all its attempts together.
            case not null when FailureBuilder.IsPassing(server):
                if (_waiting.MayTryAgain())
                {
                    context.ReportWait(migration, $"{server.MessageText}{(_blockers.Length > 0 ? $"; blocked by {_blockers}" : "")}");
                    await _waiting.PauseAsync(cancellationToken).ConfigureAwait(false);
                    return;
                }

                await LogAsync(migration, attempt, "failed", error).ConfigureAwait(false);
                throw _failures.Build("DdlLockTimeout", error, migration, origin, $" Tried for {_waiting.Elapsed.TotalSeconds:N0} s; blocked by {(_blockers.Length > 0 ? _blockers : "sessions that ended meanwhile")}.");
            default:
                await LogAsync(migration, attempt, "failed", error).ConfigureAwait(false);
                throw _failures.Build(server is null ? "MigrationFailed" : _failures.IdOf(server, origin), error, migration, origin);
        }
    }

    /// <summary>Connection usable: the transaction is rolled back, and history tells what was committed before.</summary>
    private async Task<int> ResolveFailureAsync(MigrationBatch batch, FlushOutcome outcome)
    {
        try
        {
            await work.RollbackAsync(CancellationToken.None).ConfigureAwait(false);
            return await CommittedAsync(batch, outcome.Committed).ConfigureAwait(false);
        }
        catch (NpgsqlException)
        {
            return await RecoverAsync(batch, outcome, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<int> RecoverAsync(MigrationBatch batch, FlushOutcome outcome, CancellationToken cancellationToken)
    {
        context.Lost.Add();
        // Also after Ctrl+C: what is committed must be known and reported.
        await work.RecoverAsync(cancellationToken.IsCancellationRequested ? CancellationToken.None : cancellationToken).ConfigureAwait(false);
        return await CommittedAsync(batch, outcome.Committed).ConfigureAwait(false);
    }

    /// <summary>How many migrations of a batch the log has; the log row is part of each migration's transaction.</summary>
    private async Task<int> CommittedAsync(MigrationBatch batch, int atLeast)
    {
        // The log, not the history: its rows name the attempt, while the row of a version may be of another run or gone after a rollback.
        var rows = await work.Session.RowsAsync(
            "SELECT attempt_id::text FROM hasura_migrations.log WHERE attempt_id = ANY ($1) AND outcome IN ('succeeded', 'recorded')",
            [batch.Attempts.ToArray()],
            CancellationToken.None).ConfigureAwait(false);
        // The first error skips all that follows in a batch, so what is committed is always its beginning.
        return Math.Max(atLeast, rows.Count);
    }

    /// <summary>
    /// After a lost connection and the proof that nothing was committed: returns where the connection simply broke, so that
    /// the migration is run again; throws where the server gave a reason that a second try would not change.
    /// </summary>
    private async Task JudgeBrokenAsync(PlannedMigration migration, Guid attempt, MigrationBatch batch, Exception error)
    {
        var server = PostgresErrors.ServerError(error);
        // 57P02 (crash) and 57P03 (starting up) pass like a broken connection (PostgreSQL manual, PostgreSQL Error Codes).
        var isBreak = server is null || (PostgresErrors.EndsSession(server) && server.SqlState is ("57P02" or "57P03"));
        if (isBreak && !context.Lost.AreTooMany)
        {
            return;
        }

        await LogAsync(migration, attempt, "failed", error).ConfigureAwait(false);
        var origin = batch.OriginOf(server?.BatchCommand as NpgsqlBatchCommand);
        // Somebody ended the session on purpose; trying again at once would work against them.
        throw isBreak || server is null || (PostgresErrors.EndsSession(server) && server.SqlState == "57P01")
            ? _failures.Build("ConnectionLost", error, migration, null, $"{context.LostTimes} The history shows that it was not committed.")
            : _failures.Build(_failures.IdOf(server, origin), error, migration, origin);
    }

    private async Task LogAsync(PlannedMigration migration, Guid attempt, string outcome, Exception error)
    {
        var server = PostgresErrors.ServerError(error);
        try
        {
            await work.Session.ExecuteAsync(context.Records.LogFailure(migration, attempt, outcome, server?.SqlState, server?.MessageText ?? error.Message), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // The failure itself is what has to be told; that it is not in the log is only said beside it.
            context.Observer.Informed($"The failed attempt could not be written to the log: {e.Message}");
        }
    }

    // What history proved to be committed and the answers did not; after a stop it is only counted.
    private async Task ReportRestAsync(MigrationBatch batch, FlushOutcome outcome, int committed, CancellationToken cancellationToken)
    {
        for (var i = outcome.Committed; i < committed; i++)
        {
            await context.ReportAsync(batch.Migrations[i], outcome.DurationOf(batch.Migrations[i]), outcome.IsBroken, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task ReportAsync(PlannedMigration migration, TimeSpan? duration, CancellationToken cancellationToken) =>
        context.ReportAsync(migration, duration, isResolved: false, cancellationToken);

    private async Task WatchBlockersAsync(int process, CancellationToken cancellationToken, CancellationToken giveUp)
    {
        try
        {
            while (true)
            {
                // Blockers are visible only while an attempt waits, which it does for up to 2 s (lock_timeout of the fence).
                await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken).ConfigureAwait(false);
                if (await context.RunLock.BlockersAsync(process, giveUp).ConfigureAwait(false) is { Length: > 0 } blockers)
                {
                    _blockers = blockers;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or NpgsqlException or InvalidOperationException or IOException)
        {
            // The watch ends with the batch. A lock session that died shows at the next fence, and there it is handled.
            return;
        }
    }
}
