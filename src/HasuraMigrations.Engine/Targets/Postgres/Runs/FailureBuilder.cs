using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>Makes the error of a failed migration of what the driver reports.</summary>
internal sealed class FailureBuilder(RunContext context)
{
    internal MigrationFailedException Build(string errorId, Exception cause, PlannedMigration migration, CommandOrigin? origin, string? more = null)
    {
        var server = PostgresErrors.ServerError(cause);
        var (step, statement) = (origin?.Step, origin?.Statement);
        return new MigrationFailure(context, migration, errorId, cause)
        {
            When = origin?.Kind == CommandKind.Commit ? " when it was committed" : "",
            Step = step,
            File = step?.Step.Path ?? migration.Source?.Path,
            Statement = statement,
            Index = statement is not null && server is { Position: > 0 } ? step!.Script.IndexOfServerPosition(statement, server.Position) : null,
            Report = ReportOf(server),
            Reason = server is null ? (cause.InnerException ?? cause).Message : null,
            More = more ?? "",
        }.ToException();
    }

    /// <summary>What the server reported. The detail quotes rows; it is told only where the connection asks for it.</summary>
    internal DatabaseReport ReportOf(PostgresException? server) => new(server?.SqlState, server?.MessageText)
    {
        Detail = context.Connector.IncludesErrorDetail ? server?.Detail : null,
        Hint = server?.Hint,
        Context = server?.Where,
        SchemaName = server?.SchemaName,
        TableName = server?.TableName,
        ColumnName = server?.ColumnName,
        ConstraintName = server?.ConstraintName,
    };

    /// <summary>The id for a server error inside a migration.</summary>
    internal string IdOf(PostgresException server, CommandOrigin? origin) =>
        server.SqlState == "42501" && origin is { Kind: CommandKind.Record } ? "HistoryWriteDenied" : MigrationFailure.IdOf(ReportOf(server));

    /// <summary>True for a failure that passes: a lock somebody holds, a deadlock, a serialization conflict.</summary>
    internal static bool IsPassing(PostgresException e) => e.SqlState is "55P03" or "40P01" or "40001";
}
