using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>Makes the error of a migration that failed on a server, which tells no position in a text.</summary>
internal sealed class ServerFailure(ServerRunContext run)
{
    /// <summary>The error.</summary>
    /// <param name="failed">What failed.</param>
    /// <param name="migration">The migration it was.</param>
    /// <param name="statement">The statement that was found to be the cause; null where that is not known.</param>
    /// <param name="candidates">The migrations of the request where it is not known which of them failed; empty where it is.</param>
    internal MigrationFailedException Build(ServerWorkException failed, PlannedMigration migration, SqlStatement? statement, IReadOnlyList<PlannedMigration>? candidates = null)
    {
        var server = failed.Cause;
        var isOneOfMany = candidates is { Count: > 0 };
        var step = isOneOfMany ? null : failed.Part?.Step ?? migration.Steps.FirstOrDefault();
        var action = failed.Part?.Action;
        var isOfFile = step is not null && failed.Part is not { Step: null };
        statement ??= isOfFile && server.SqlState is not null && step!.Statements.Take(2).ToList() is [var only] ? only : null;
        var report = new DatabaseReport(server.SqlState, server.DatabaseMessage is null ? null : run.Scripts.Plain(server.DatabaseMessage)) { Hint = server.DatabaseHint };
        var how = isOfFile && statement is null && action is null && server.SqlState is not null ? " Servers do not report the position; -LocateError finds the statement." : "";
        var hidden = server.SqlState is null && server.Code == "postgres-error" ? " The server hides the error of the database; HASURA_GRAPHQL_ADMIN_INTERNAL_ERRORS=true makes it report the error." : "";
        var failure = new MigrationFailure(run, migration, failed.ErrorId ?? (server is { SqlState: null, Code: null } ? server.ErrorId : MigrationFailure.IdOf(report)), server)
        {
            Step = isOfFile || statement is not null ? step : null,
            File = isOneOfMany ? null : isOfFile ? step!.Step.Path : migration.Source?.Path,
            Statement = statement,
            Action = action,
            Report = report,
            Reason = server.SqlState is null ? server.Message : null,
            More = $"{failed.More}{how}{hidden}",
        };
        return (isOneOfMany
            ? failure with { Subject = Describe(candidates!) }
            : failure).ToException();
    }

    private static string Describe(IReadOnlyList<PlannedMigration> candidates)
    {
        var (first, last) = (candidates[0], candidates[^1]);
        var which = first.Mark is null
            ? $"migrations from {first.Version}_{first.Name} to {last.Version}_{last.Name}"
            : $"{first.Mark.Noun}s from '{first.Name}' to '{last.Name}'";
        return $"one of the {candidates.Count} {which}, which are one request";
    }

    /// <summary>Finds out what can be known of a failure, writes it to the log, and makes the error.</summary>
    /// <param name="failed">What failed.</param>
    /// <param name="migrations">The migrations that were in one transaction.</param>
    /// <param name="cancellationToken">Stops the search for the statement.</param>
    internal async Task<MigrationFailedException> ReportAsync(ServerWorkException failed, IReadOnlyList<PlannedMigration> migrations, CancellationToken cancellationToken)
    {
        (PlannedMigration Migration, SqlStatement Statement)? found = null;
        var isOfDatabase = failed.Cause.SqlState is not null && failed.ErrorId is null && failed.Part?.Action is null;
        // Of several in one text, nothing else tells which one it was.
        if (isOfDatabase && (run.Options.LocateError || (migrations.Count > 1 && failed.Part is null)))
        {
            try
            {
                found = await new ServerStatementFinder(run).FindAsync(migrations, cancellationToken).ConfigureAwait(false);
            }
            catch (HasuraServerException e)
            {
                run.Observer.Informed($"The statement that failed could not be found: {e.Message}");
            }
        }

        var isKnown = found is not null || failed.Part is not null || migrations.Count == 1;
        var migration = found?.Migration ?? migrations[failed.Part?.Index ?? 0];
        var error = Build(failed, migration, found?.Statement, isKnown ? [] : migrations);
        await LogAsync(migration, failed).ConfigureAwait(false);
        return error;
    }

    private async Task LogAsync(PlannedMigration migration, ServerWorkException failed)
    {
        try
        {
            var statement = run.Records.LogFailure(migration, Guid.NewGuid(), "failed", failed.Cause.SqlState, failed.Cause.DatabaseMessage ?? failed.Cause.Message);
            await run.Sql.RunAsync([new(run.Scripts.Guard([], takesRun: false, isCounted: false)), new(ServerScripts.CreateHistory()), new(statement.Inline())], "", CancellationToken.None, isOwn: true).ConfigureAwait(false);
        }
        catch (HasuraServerException e)
        {
            // The failure itself is what has to be told; that it is not in the log is only said beside it.
            run.Observer.Informed($"The failed attempt could not be written to the log: {e.Message}");
        }
    }
}
