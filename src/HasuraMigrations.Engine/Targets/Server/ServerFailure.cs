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
            ? failure with { Subject = $"one of the {candidates!.Count} migrations from {migration.Version}_{migration.Name} to {candidates[^1].Version}_{candidates[^1].Name}, which are one request" }
            : failure).ToException();
    }
}
