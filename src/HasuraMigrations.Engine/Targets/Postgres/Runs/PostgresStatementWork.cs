using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>The fence refused, and so nothing behind it ran.</summary>
/// <param name="sqlState">Why.</param>
/// <param name="cause">The error of the server.</param>
internal sealed class FenceRefusedException(string sqlState, Exception cause) : Exception(cause.Message, cause)
{
    internal string SqlState { get; } = sqlState;
}

/// <summary>Statements one by one on a session that is held for the whole run.</summary>
internal sealed class PostgresStatementWork(RunContext context, WorkSession work, FailureBuilder failures, PlannedMigration planned, Guid owner) : IStatementWork
{
    // Records are written as the role that connected and with our search path; at the end of the transaction the file has its own again.
    private readonly Dictionary<NpgsqlBatchCommand, CommandOrigin> _origins = [];
    private readonly PlannedStep? _step = planned.Steps.Count > 0 ? planned.Steps[0] : null;
    private PlannedMigration _migration = planned;

    private string[] AsOurselves => [context.Patience(isLocal: true), "SET LOCAL SESSION AUTHORIZATION DEFAULT", "SET LOCAL ROLE NONE", OwnPath.Local];

    /// <summary>Runs a migration.</summary>
    internal static Task RunAsync(RunContext context, WorkSession work, FailureBuilder failures, PlannedMigration migration, CancellationToken cancellationToken)
    {
        var owner = Guid.NewGuid();
        return new StatementRun(context, owner, new PostgresStatementWork(context, work, failures, migration, owner)).RunAsync(migration, cancellationToken);
    }

    public async Task ClaimAsync(PlannedMigration migration, OwnStatement? begin, CancellationToken cancellationToken)
    {
        _migration = migration;
        context.Observer.Started(migration);
        await using var batch = work.Session.CreateBatch().OfAnyLength();
        batch.Add("DISCARD ALL");
        List<NpgsqlBatchCommand> fence = [.. context.Fence(isSession: true).Select(sql => batch.Add(sql))];
        if (begin is not null)
        {
            batch.Add(OwnPath.Enter);
            batch.Add(begin);
        }
        else if (_step?.CutUnits() is { } units && units.FirstOrDefault(u => u.Last.Ordinal > migration.ResumeAfter) is { } next)
        {
            foreach (var setting in next.SettingsBefore(units, isInTransaction: false))
            {
                batch.Add(setting);
            }
        }

        try
        {
            await ExecuteAsync(batch, isInTransaction: false, cancellationToken).ConfigureAwait(false);
        }
        catch (UnitFailedException e) when (e.SqlState is AdvisoryLocks.WorkBusy or AdvisoryLocks.RunLockLost && ReferenceEquals(PostgresErrors.ServerError(e.InnerException!)?.BatchCommand, fence[0]))
        {
            // Nothing of the file has run.
            throw new UnitLostException(new FenceRefusedException(e.SqlState!, e.InnerException!));
        }
    }

    public async Task RunCountedAsync(StatementUnit unit, OwnStatement count, CancellationToken cancellationToken)
    {
        var waiting = new PassingWait(context.Options);
        while (true)
        {
            try
            {
                await SendAsync(unit, [$"BEGIN {unit.Options}".TrimEnd()], [.. AsOurselves, count.Inline(), "COMMIT"], cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (UnitFailedException e) when (e.InnerException is PostgresException server && FailureBuilder.IsPassing(server) && waiting.MayTryAgain())
            {
                context.ReportWait(_migration, server.MessageText);
                await waiting.PauseAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public Task RunDiscardedAsync(StatementUnit unit, CancellationToken cancellationToken) =>
        SendAsync(unit, [$"BEGIN {unit.Options}".TrimEnd()], [unit.IsRolledBack ? "ROLLBACK" : "COMMIT"], cancellationToken);

    public async Task RunAloneAsync(StatementUnit unit, CancellationToken cancellationToken)
    {
        if (unit.Last.IsConcurrent)
        {
            await SendOwnAsync(["SET lock_timeout = 0"], isInTransaction: false, cancellationToken).ConfigureAwait(false);
        }

        var before = unit.MayCommitInside ? await TransactionNumberAsync(cancellationToken).ConfigureAwait(false) : null;
        try
        {
            await SendAsync(unit, [], [], cancellationToken).ConfigureAwait(false);
        }
        catch (UnitFailedException e) when (before is not null)
        {
            // The statement itself takes one number, this question the next; a commit inside takes more.
            var after = await TransactionNumberAsync(CancellationToken.None).ConfigureAwait(false);
            throw new UnitFailedException(e.InnerException!, e.SqlState, e.Message) { IsProvenUndone = after == before + 2 };
        }

        if (unit.Last.IsConcurrent)
        {
            await SendOwnAsync([$"SET lock_timeout = {(long)context.Options.DdlAttempt.TotalMilliseconds}"], isInTransaction: false, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task WriteAsync(IReadOnlyList<OwnStatement> records, CancellationToken cancellationToken) =>
        SendOwnAsync(["BEGIN READ WRITE", .. AsOurselves, .. records.Select(r => r.Inline()), "COMMIT"], isInTransaction: true, cancellationToken);

    public InDoubtProbe Probe(StatementUnit unit, CancellationToken cancellationToken) => new(
        statement => work.Session.RowsAsync(statement, cancellationToken),
        async sql =>
        {
            await work.Session.CommandAsync("SET lock_timeout = 0", cancellationToken).ConfigureAwait(false);
            await work.Session.CommandAsync(sql, cancellationToken).ConfigureAwait(false);
        });

    public async Task EndAsync(TimeSpan elapsed, CancellationToken cancellationToken)
    {
        await using var batch = work.Session.CreateBatch().OfAnyLength();
        foreach (var sql in (string[])["BEGIN READ WRITE", context.Patience(isLocal: false), "RESET SESSION AUTHORIZATION", "RESET ROLE", OwnPath.Local])
        {
            batch.Add(sql);
        }

        batch.Add(RecordStatements.Started(elapsed));
        foreach (var statement in context.Records.RecordRunning(_migration, owner))
        {
            batch.Add(statement);
        }

        batch.Add("COMMIT");
        batch.Add("DISCARD ALL");
        await ExecuteAsync(batch, isInTransaction: true, cancellationToken).ConfigureAwait(false);
        await context.ReportAsync(_migration, elapsed, isResolved: false, cancellationToken).ConfigureAwait(false);
    }

    public async Task<PlannedMigration?> RecoverAsync(PlannedMigration migration, Exception lost, CancellationToken cancellationToken)
    {
        var refused = lost as FenceRefusedException;
        if (refused is not null)
        {
            await work.RegainAsync(refused.SqlState, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            context.Lost.Add();
            await work.RecoverAsync(cancellationToken.IsCancellationRequested ? CancellationToken.None : cancellationToken).ConfigureAwait(false);
            if (await IsRecordedAsync().ConfigureAwait(false))
            {
                await context.ReportAsync(migration, null, isResolved: true, cancellationToken).ConfigureAwait(false);
                return null;
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (PostgresErrors.ServerError(lost) is { } server && !PostgresErrors.EndsSession(server))
            {
                // The driver gives a session up for some SQLSTATEs, which a file can raise.
                var origin = server.BatchCommand is NpgsqlBatchCommand command ? _origins.GetValueOrDefault(command) : null;
                throw failures.Build("MigrationFailedPartly", lost, migration, origin, " It runs without a transaction, and the history shows which statements completed.");
            }

            if (context.Lost.AreTooMany || PostgresErrors.ServerError(lost)?.SqlState == "57P01")
            {
                throw failures.Build("ConnectionLost", lost, migration, null, $"{context.LostTimes} It runs without a transaction, and the history shows which statements completed; run again to resume.");
            }
        }

        return (await context.LeftAsync(work.Session, [migration], cancellationToken).ConfigureAwait(false)).SingleOrDefault();
    }

    public Exception Failure(PlannedMigration migration, StatementUnit? unit, UnitFailedException failed, bool isUntouched, string more)
    {
        if (PostgresErrors.ServerError(failed.InnerException!) is not { } server)
        {
            return failed.InnerException!;
        }

        var origin = server.BatchCommand is NpgsqlBatchCommand command && _origins.TryGetValue(command, out var known) ? known
            : unit is null ? null : new CommandOrigin(0, _step, unit.Last);
        var id = FailureBuilder.IsPassing(server) ? "DdlLockTimeout" : failures.IdOf(server, origin);
        return failures.Build(id == "MigrationFailed" && !isUntouched ? "MigrationFailedPartly" : id, failed.InnerException!, migration, origin, more);
    }

    private async Task<bool> IsRecordedAsync() =>
        (await work.Session.RowsAsync("SELECT 1::text FROM hasura_migrations.log WHERE attempt_id = $1 AND outcome = 'succeeded'", [owner], CancellationToken.None).ConfigureAwait(false)).Count > 0;

    /// <summary>The number of the transaction of this question; the server counts the transactions of a session one by one.</summary>
    private async Task<long?> TransactionNumberAsync(CancellationToken cancellationToken)
    {
        var rows = await work.Session.RowsAsync("SELECT l.virtualtransaction FROM pg_catalog.pg_locks l WHERE l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid() AND l.locktype OPERATOR(pg_catalog.=) 'virtualxid'::pg_catalog.text LIMIT 1", [], cancellationToken).ConfigureAwait(false);
        return rows is [[{ } text]] && long.TryParse(text.AsSpan(text.IndexOf('/') + 1), out var number) ? number : null;
    }

    private async Task SendAsync(StatementUnit unit, string[] before, string[] after, CancellationToken cancellationToken)
    {
        await using var batch = work.Session.CreateBatch().OfAnyLength();
        TextResults.Ask(batch);
        foreach (var sql in before)
        {
            batch.Add(sql);
        }

        foreach (var statement in unit.Inner)
        {
            _origins[batch.Add(statement.Text)] = new CommandOrigin(0, _step, statement);
        }

        foreach (var sql in after)
        {
            batch.Add(sql);
        }

        await ExecuteAsync(batch, isInTransaction: before.Length > 0, cancellationToken).ConfigureAwait(false);
    }

    private async Task SendOwnAsync(IEnumerable<string> statements, bool isInTransaction, CancellationToken cancellationToken)
    {
        await using var batch = work.Session.CreateBatch().OfAnyLength();
        foreach (var sql in statements)
        {
            batch.Add(sql);
        }

        await ExecuteAsync(batch, isInTransaction, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a batch; a transaction that failed is ended, so that the session can be used again.</summary>
    private async Task ExecuteAsync(NpgsqlBatch batch, bool isInTransaction, CancellationToken cancellationToken)
    {
        try
        {
            await work.RunAsync(batch.ExecuteNonQueryAsync, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or IOException)
        {
            if (PostgresErrors.IsBroken(e, work.Session))
            {
                throw new UnitLostException(e);
            }

            if (isInTransaction)
            {
                await EndTransactionAsync().ConfigureAwait(false);
            }

            if (PostgresErrors.ServerError(e) is not { } server)
            {
                throw;
            }

            throw new UnitFailedException(e, server.SqlState, server.MessageText);
        }
    }

    private async Task EndTransactionAsync()
    {
        try
        {
            await work.RollbackAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            throw new UnitLostException(e);
        }
    }
}
