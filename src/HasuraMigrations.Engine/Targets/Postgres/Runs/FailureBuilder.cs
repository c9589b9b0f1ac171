using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>Makes the error of a failed migration: which statement, where in the file, what the server said.</summary>
internal sealed class FailureBuilder(RunContext context)
{
    private const int StatementCharacters = 2000;

    internal MigrationFailedException Build(string errorId, Exception cause, PlannedMigration migration, CommandOrigin? origin, string? more = null)
    {
        var server = PostgresErrors.ServerError(cause);
        var statement = origin?.Statement;
        var script = origin?.Step?.Script;
        int? at = statement is null ? null : server is { Position: > 0 } ? script!.IndexOfServerPosition(statement, server.Position) : statement.Start;
        SqlPosition? position = at is { } index ? script!.PositionOf(index) : null;
        var direction = migration.Direction == MigrationDirection.Up ? "up" : "down";
        var file = origin?.Step?.Step.Path ?? migration.Source?.Path;
        var said = server is null ? (cause.InnerException ?? cause).Message : $"{server.SqlState}: {server.MessageText}";
        var where = position is null ? "" : origin!.Step!.Step.Path is null ? $" at {position.Value} of {origin.Step.Step.Place}, statement {statement!.Ordinal}" : $" at {file}:{position.Value.Line}:{position.Value.Column}, statement {statement!.Ordinal}";
        var when = origin?.Kind == CommandKind.Commit ? " when it was committed" : "";
        return new MigrationFailedException(errorId, $"The {direction} step of migration {migration.Version}_{migration.Name} failed{when}{where}: {said.TrimEnd('.')}.{more}", migration.Version, cause)
        {
            Database = context.Database,
            Version = migration.Version,
            Name = migration.Name,
            Direction = migration.Direction,
            File = file,
            Line = position?.Line,
            Column = position?.Column,
            StatementNumber = statement?.Ordinal,
            Statement = statement is null ? null : statement.Text.Length > StatementCharacters ? statement.Text[..StatementCharacters] : statement.Text,
            StatementStartLine = statement?.Position.Line,
            StatementEndLine = statement?.End.Line,
            SqlState = server?.SqlState,
            ServerMessage = server?.MessageText,
            Detail = IsDetailWanted ? server?.Detail : null,
            SchemaName = server?.SchemaName,
            TableName = server?.TableName,
            ColumnName = server?.ColumnName,
            ConstraintName = server?.ConstraintName,
            SourceLine = at is { } place ? script!.LineOf(place) : null,
            Hint = server?.Hint,
            Context = server?.Where,
            AppliedBefore = context.Committed,
        };
    }

    // The detail quotes rows; it is told only where the connection asks for it.
    private bool IsDetailWanted => context.Connector.IncludesErrorDetail;

    /// <summary>The id for a server error inside a migration.</summary>
    internal static string IdOf(PostgresException e, CommandOrigin? origin) => e.SqlState switch
    {
        "57014" when e.MessageText.Contains("statement timeout", StringComparison.Ordinal) => "StatementTimeout",
        "53200" when e.Hint?.Contains("max_locks_per_transaction", StringComparison.Ordinal) == true || e.MessageText.Contains("shared memory", StringComparison.Ordinal) => "LocksExhausted",
        "42501" when origin is { Kind: CommandKind.Record } => "HistoryWriteDenied",
        _ => "MigrationFailed",
    };

    /// <summary>True for a failure that passes: a lock somebody holds, a deadlock, a serialization conflict.</summary>
    internal static bool IsPassing(PostgresException e) => e.SqlState is "55P03" or "40P01" or "40001";
}
