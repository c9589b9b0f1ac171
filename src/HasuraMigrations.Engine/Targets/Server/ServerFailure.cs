using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>Makes the error of a migration that failed on a server, which tells no position in a text.</summary>
internal sealed class ServerFailure(ServerRunContext run)
{
    private const int StatementCharacters = 2000;

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
        var file = isOneOfMany ? null : isOfFile ? step!.Step.Path : migration.Source?.Path;
        var subject = isOneOfMany
            ? $"one of the {candidates!.Count} migrations from {migration.Version}_{migration.Name} to {candidates[^1].Version}_{candidates[^1].Name}, which are one request"
            : $"migration {migration.Version}_{migration.Name}";
        var direction = migration.Direction == MigrationDirection.Up ? "up" : "down";
        var where = action is not null ? $" at {file}:{action.Position.Line}:{action.Position.Column}, action {action.Ordinal} ({action.Type})"
            : statement is not null && step?.Step.Path is null ? $" at {statement.Position} of {step?.Step.Place}, statement {statement.Ordinal}"
            : statement is not null ? $" at {file}:{statement.Position.Line}:{statement.Position.Column}, statement {statement.Ordinal}" : isOfFile ? $" in {step!.Step.Place}" : "";
        var said = server.SqlState is null ? server.Message : $"{server.SqlState}: {run.Scripts.Plain(server.DatabaseMessage)}";
        var how = isOfFile && statement is null && action is null && server.SqlState is not null ? " Servers do not report the position; -LocateError finds the statement." : "";
        var hidden = server.SqlState is null && server.Code == "postgres-error" ? " The server hides the error of the database; HASURA_GRAPHQL_ADMIN_INTERNAL_ERRORS=true makes it report the error." : "";
        return new MigrationFailedException(failed.ErrorId ?? IdOf(server), $"The {direction} step of {subject} failed{where}: {said.TrimEnd('.')}.{failed.More}{how}{hidden}", migration.Version, server)
        {
            Database = run.Database,
            Version = migration.Version,
            Name = migration.Name,
            Direction = migration.Direction,
            File = file,
            Line = action?.Position.Line ?? statement?.Position.Line,
            Column = action?.Position.Column ?? statement?.Position.Column,
            StatementNumber = action?.Ordinal ?? statement?.Ordinal,
            Statement = statement is null ? null : statement.Text.Length > StatementCharacters ? statement.Text[..StatementCharacters] : statement.Text,
            SourceLine = statement is null || step is null ? null : step.Script.LineOf(statement.Start),
            StatementStartLine = statement?.Position.Line,
            StatementEndLine = statement?.End.Line,
            SqlState = server.SqlState,
            ServerMessage = server.DatabaseMessage is null ? null : run.Scripts.Plain(server.DatabaseMessage),
            Hint = server.DatabaseHint,
            AppliedBefore = run.Committed,
        };
    }

    private static string IdOf(HasuraServerException e) => e.SqlState switch
    {
        null when e.Code is null => e.ErrorId,
        "57014" when e.DatabaseMessage?.Contains("statement timeout", StringComparison.Ordinal) == true => "StatementTimeout",
        "53200" => "LocksExhausted",
        _ => "MigrationFailed",
    };
}
