using System.Globalization;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>
/// Runs migrations with actions on metadata: their SQL, their actions, their records and the metadata are one transaction. An
/// action rests on what is there when it comes, so this goes step by step and not in one trip.
/// </summary>
internal sealed class ActionsRunner(RunContext context, WorkSession work, FailureBuilder failures)
{
    private readonly PassingWait _waiting = new(context.Options);
    private bool _isOpening;
    private (PlannedMigration Migration, PlannedStep? Step, SqlStatement? Statement, StepAction? Action) _at;
    private (PlannedMigration Migration, PlannedStep? Step, SqlStatement? Statement, StepAction? Action) _acted;

    /// <summary>Runs migrations in one transaction; false where the rest is to be looked at again.</summary>
    internal async Task<bool> RunAsync(IReadOnlyList<PlannedMigration> migrations, CancellationToken cancellationToken)
    {
        context.HasExecuted = true;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Guid[] attempts = [.. migrations.Select(_ => Guid.NewGuid())];
            try
            {
                await ReportAsync(migrations, await TryAsync(migrations, attempts, cancellationToken).ConfigureAwait(false), isResolved: false, cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (MetadataCommandException e)
            {
                await FailAsync(attempts[IndexOf(migrations)], e, null).ConfigureAwait(false);
                throw Refused(e);
            }
            catch (HasuraMigrationException e) when ((_at.Step ?? _acted.Step) is not null && work.Session.State == System.Data.ConnectionState.Open)
            {
                // What is found out when the metadata is written was caused by the last action.
                _at = _at.Step is null && _acted.Step is not null ? _acted : _at;
                await FailAsync(attempts[IndexOf(migrations)], e, null).ConfigureAwait(false);
                throw Failed(_at.Action, e.Message.TrimEnd('.'), e, null, e.ErrorId);
            }
            catch (HasuraMigrationException) when (work.Session.State == System.Data.ConnectionState.Open)
            {
                await work.RollbackAsync(CancellationToken.None).ConfigureAwait(false);
                throw;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or OperationCanceledException)
            {
                if (PostgresErrors.IsBroken(e, work.Session))
                {
                    return await RecoverAsync(migrations, attempts, e, cancellationToken).ConfigureAwait(false);
                }

                await JudgeAsync(attempts[IndexOf(migrations)], e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<double?[]> TryAsync(IReadOnlyList<PlannedMigration> migrations, Guid[] attempts, CancellationToken cancellationToken)
    {
        var session = work.Session;
        var durations = new double?[migrations.Count];
        _acted = _at = (migrations[0], null, null, null);
        _isOpening = true;
        await session.CommandAsync(["DISCARD ALL", $"BEGIN {migrations[0].TransactionOptions}".TrimEnd(), .. context.Fence()], cancellationToken).ConfigureAwait(false);
        _isOpening = false;
        var metadata = await RunMetadata.OpenAsync(context, session, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < migrations.Count; i++)
        {
            _at = (migrations[i], null, null, null);
            context.Observer.Started(migrations[i]);
            if (i > 0)
            {
                await session.CommandAsync([.. MigrationBatch.CleanInTransaction, context.Settings()], cancellationToken).ConfigureAwait(false);
            }

            foreach (var (step, number) in migrations[i].Steps.Select((step, number) => (step, number)))
            {
                if (number > 0)
                {
                    await CleanAsync(cancellationToken).ConfigureAwait(false);
                }

                await RunStepAsync(metadata, step, cancellationToken).ConfigureAwait(false);
            }

            _at = (migrations[i], null, null, null);
            durations[i] = await RecordAsync(migrations[i], attempts[i], cancellationToken).ConfigureAwait(false);
        }

        await metadata.WriteAsync(!context.Options.NoReload, cancellationToken).ConfigureAwait(false);
        FaultPoints.Reach("before-actions-commit");
        await work.RunAsync(token => session.CommandAsync("COMMIT", token), cancellationToken).ConfigureAwait(false);
        FaultPoints.Reach("after-actions-commit");
        return durations;
    }

    // What one file sets is gone before the next one of the same migration; the time it began is not.
    private async Task CleanAsync(CancellationToken cancellationToken)
    {
        var started = await work.Session.RowsAsync("SELECT pg_catalog.current_setting('hasura_migrations.started', true)", [], cancellationToken).ConfigureAwait(false);
        await work.Session.CommandAsync(["RESET SESSION AUTHORIZATION", "RESET ROLE", .. MigrationBatch.CleanInTransaction, context.Settings()], cancellationToken).ConfigureAwait(false);
        await work.Session.RowsAsync("SELECT pg_catalog.set_config('hasura_migrations.started', $1, true)", [started[0][0]], cancellationToken).ConfigureAwait(false);
    }

    private async Task RunStepAsync(RunMetadata metadata, PlannedStep step, CancellationToken cancellationToken)
    {
        foreach (var action in step.Actions)
        {
            _acted = _at = (_at.Migration, step, null, action);
            await work.RunAsync(token => metadata.RunAsync(action.Body, token), cancellationToken).ConfigureAwait(false);
        }

        if (step.Actions.Count == 0)
        {
            _at = (_at.Migration, step, null, null);
            await metadata.RunSqlAsync(RunSqlRule.IsChecked(step.Script.Content), () => RunSqlAsync(step, cancellationToken), context.Database, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RunSqlAsync(PlannedStep step, CancellationToken cancellationToken)
    {
        foreach (var statement in step.Statements)
        {
            _at = (_at.Migration, step, statement, null);
            await using var command = work.Session.CreateCommand();
            command.CommandTimeout = 0;
            command.CommandText = statement.Text;
            command.AllResultTypesAreUnknown = true;
            await work.RunAsync(command.ExecuteNonQueryAsync, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<double?> RecordAsync(PlannedMigration migration, Guid attempt, CancellationToken cancellationToken)
    {
        await work.Session.CommandAsync(context.AfterFile(), cancellationToken).ConfigureAwait(false);
        double? duration = null;
        foreach (var statement in context.Records.Record(migration, attempt, migration.IsRecordOnly ? MigrationOrigin.Baseline : MigrationOrigin.Module, migration.IsRecordOnly ? "recorded" : "succeeded"))
        {
            var rows = await work.Session.RowsAsync(statement, cancellationToken).ConfigureAwait(false);
            duration = rows is [[_, { } milliseconds]] ? double.Parse(milliseconds, CultureInfo.InvariantCulture) : duration;
        }

        return duration;
    }

    private async Task ReportAsync(IReadOnlyList<PlannedMigration> migrations, double?[] durations, bool isResolved, CancellationToken cancellationToken)
    {
        for (var i = 0; i < migrations.Count; i++)
        {
            await context.ReportAsync(migrations[i], durations[i] is { } ms ? TimeSpan.FromMilliseconds(ms) : null, isResolved, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>After a lost connection: history tells whether all of it was committed; else it is looked at again.</summary>
    private async Task<bool> RecoverAsync(IReadOnlyList<PlannedMigration> migrations, Guid[] attempts, Exception error, CancellationToken cancellationToken)
    {
        context.Lost.Add();
        await work.RecoverAsync(cancellationToken.IsCancellationRequested ? CancellationToken.None : cancellationToken).ConfigureAwait(false);
        var done = await work.Session.RowsAsync("SELECT 1::text FROM hasura_migrations.log WHERE attempt_id = $1", [attempts[0]], CancellationToken.None).ConfigureAwait(false);
        if (done.Count > 0)
        {
            await ReportAsync(migrations, new double?[migrations.Count], isResolved: true, cancellationToken).ConfigureAwait(false);
            return true;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (PostgresErrors.ServerError(error) is { } server && !PostgresErrors.EndsSession(server))
        {
            throw failures.Build("MigrationFailed", error, _at.Migration, new CommandOrigin(0, _at.Step, _at.Statement));
        }

        if (context.Lost.AreTooMany || PostgresErrors.ServerError(error)?.SqlState == "57P01")
        {
            throw failures.Build("ConnectionLost", error, _at.Migration, null, $"{context.LostTimes} The history shows that it was not committed.");
        }

        return false;
    }

    /// <summary>Waits and returns where the failure passes; throws where it does not.</summary>
    private async Task JudgeAsync(Guid attempt, Exception error, CancellationToken cancellationToken)
    {
        var reopened = work.Reopened;
        try
        {
            await work.RollbackAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (NpgsqlException)
        {
            context.Lost.Add();
            await work.RecoverAsync(CancellationToken.None).ConfigureAwait(false);
        }

        var server = PostgresErrors.ServerError(error);
        // Behind the fence, files may raise what it raises.
        if (_isOpening && server?.SqlState is (AdvisoryLocks.WorkBusy or AdvisoryLocks.RunLockLost) and var state)
        {
            // If both sessions were opened again meanwhile, the fence asked for a session that is gone.
            if (work.Reopened == reopened)
            {
                await work.RegainAsync(state, cancellationToken).ConfigureAwait(false);
            }

            return;
        }

        if (server is not null && FailureBuilder.IsPassing(server) && _waiting.MayTryAgain())
        {
            context.ReportWait(_at.Migration, server.MessageText);
            await _waiting.PauseAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        await FailAsync(attempt, error, server, cancellationToken.IsCancellationRequested).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        var origin = new CommandOrigin(0, _at.Step, _at.Statement);
        var id = server is null ? "MigrationFailed" : FailureBuilder.IsPassing(server) ? "DdlLockTimeout" : _at.Action is null ? failures.IdOf(server, origin) : "MigrationFailed";
        throw _at.Action is { } action && server is not null
            ? Failed(action, $"{server.SqlState}: {server.MessageText}", error, server)
            : failures.Build(id, error, _at.Migration, origin);
    }

    private async Task FailAsync(Guid attempt, Exception error, PostgresException? server, bool isStopped = false)
    {
        if (server is null)
        {
            await work.RollbackAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await work.Session.ExecuteAsync(context.Records.LogFailure(_at.Migration, attempt, isStopped ? "stopped" : "failed", server?.SqlState, server?.MessageText ?? error.Message), CancellationToken.None).ConfigureAwait(false);
    }

    private int IndexOf(IReadOnlyList<PlannedMigration> migrations) => Math.Max(0, migrations.ToList().FindIndex(m => m.Version == _at.Migration.Version));

    // What the SQL of a file did is judged when all of it ran, so no statement can be named.
    private MigrationFailedException Refused(MetadataCommandException error) =>
        Failed(_at.Action, $"{error.Message.TrimEnd('.')} ({error.Code}{(_at.Action is null ? "" : $" at {error.Path}")})", error, null);

    private MigrationFailedException Failed(StepAction? action, string said, Exception cause, PostgresException? server, string errorId = "MigrationFailed") =>
        new MigrationFailure(context, _at.Migration, errorId, cause)
        {
            When = _at.Step is null ? " when its metadata was written" : "",
            Step = _at.Step,
            File = _at.Step?.Step.Path,
            Action = action,
            Report = server is null ? new DatabaseReport(null, cause.Message) : failures.ReportOf(server),
            Reason = said,
        }.ToException();
}
