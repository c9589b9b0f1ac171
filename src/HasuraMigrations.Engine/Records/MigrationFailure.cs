using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Records;

/// <summary>What a database reported of a failure.</summary>
/// <param name="SqlState">SQLSTATE; null where no database reported anything.</param>
/// <param name="Message">Its message.</param>
internal sealed record DatabaseReport(string? SqlState, string? Message)
{
    internal string? Detail { get; init; }

    internal string? Hint { get; init; }

    internal string? Context { get; init; }

    internal string? SchemaName { get; init; }

    internal string? TableName { get; init; }

    internal string? ColumnName { get; init; }

    internal string? ConstraintName { get; init; }
}

/// <summary>All that is known of a failed migration; both kinds of target make their errors of it.</summary>
/// <param name="Run">The run.</param>
/// <param name="Migration">The migration; the first one where it is not known which of several failed.</param>
/// <param name="ErrorId">Id of the error.</param>
/// <param name="Cause">The exception that stopped it.</param>
internal sealed record MigrationFailure(RunRecorder Run, PlannedMigration Migration, string ErrorId, Exception Cause)
{
    private const int StatementCharacters = 2000;

    /// <summary>What failed, in words.</summary>
    internal string Subject { get; init; } = Migration.Title;

    /// <summary>When it failed, with a blank before; empty where the place says enough.</summary>
    internal string When { get; init; } = "";

    /// <summary>The step in whose file it failed; null where that is not known.</summary>
    internal PlannedStep? Step { get; init; }

    /// <summary>The file to name; null for none.</summary>
    internal string? File { get; init; }

    /// <summary>The statement that failed; null where that is not known.</summary>
    internal SqlStatement? Statement { get; init; }

    /// <summary>Where in the text of the step the database found the error; null for the beginning of the statement.</summary>
    internal int? Index { get; init; }

    /// <summary>The action that failed; null for SQL.</summary>
    internal StepAction? Action { get; init; }

    /// <summary>What the database reported.</summary>
    internal DatabaseReport Report { get; init; } = new(null, null);

    /// <summary>The reason as the message gives it; null for code and message of <see cref="Report"/>.</summary>
    internal string? Reason { get; init; }

    /// <summary>Sentences to add, each with a blank before.</summary>
    internal string More { get; init; } = "";

    private SqlPosition? Position => Action?.Position ?? (Statement is null ? null : Index is { } index ? Step!.Script.PositionOf(index) : Statement.Position);

    private string Where => (Position, Action, Step) switch
    {
        ({ } at, { } action, _) => $" at {File}:{at.Line}:{at.Column}, action {action.Ordinal} ({action.Type})",
        ({ } at, null, { Step.Path: not null }) => $" at {File}:{at.Line}:{at.Column}, statement {Statement!.Ordinal}",
        ({ } at, null, _) => $" at {at} of {Step?.Step.Place}, statement {Statement!.Ordinal}",
        (null, _, not null) => $" in {Step.Step.Place}",
        _ => "",
    };

    /// <summary>The id of the error for what a database reported while SQL of a file ran.</summary>
    internal static string IdOf(DatabaseReport report) => report.SqlState switch
    {
        "57014" when report.Message?.Contains("statement timeout", StringComparison.Ordinal) == true => "StatementTimeout",
        "53200" when report.Hint?.Contains("max_locks_per_transaction", StringComparison.Ordinal) == true || report.Message?.Contains("shared memory", StringComparison.Ordinal) == true => "LocksExhausted",
        _ => "MigrationFailed",
    };

    private string ErrorIdOfKind => (Migration.Mark?.Kind, ErrorId) switch
    {
        (FileKind.Seed, "MigrationFailed") => "SeedFailed",
        (FileKind.Seed, "MigrationFailedPartly") => "SeedFailedPartly",
        (FileKind.Repeatable, "MigrationFailed") => "RepeatableFailed",
        _ => ErrorId,
    };

    /// <summary>The error.</summary>
    internal MigrationFailedException ToException()
    {
        var direction = Migration.Direction == MigrationDirection.Up ? "up" : "down";
        var mask = Run.Options.Mask;
        var reason = (mask.OfServer(Reason) ?? $"{Report.SqlState}: {mask.OfServer(Report.Message)}").TrimEnd('.');
        var what = Migration.Mark is null ? $"The {direction} step of {Subject}" : Subject == Migration.Title ? $"The {Subject}" : $"{char.ToUpperInvariant(Subject[0])}{Subject[1..]}";
        var failure = new MigrationFailedException(ErrorIdOfKind, $"{what} failed{When}{Where}: {reason}.{mask.OfSentence(More)}", Migration.Mark is null ? Migration.Version : Migration.Mark.Path, Cause)
        {
            Database = Run.Database,
            Version = Migration.LoggedVersion,
            Name = Migration.Name,
            Direction = Migration.Direction,
            File = File,
            Line = Position?.Line,
            Column = Position?.Column,
            StatementNumber = Action?.Ordinal ?? Statement?.Ordinal,
            Statement = Statement?.SourceText is { } text ? text[..Math.Min(text.Length, StatementCharacters)] : null,
            StatementStartLine = Statement?.Position.Line,
            StatementEndLine = Statement?.End.Line,
            SourceLine = Statement is null ? null : Step?.Script.LineOf(Index ?? Statement.Start),
            SqlState = Report.SqlState,
            ServerMessage = mask.OfServer(Report.Message),
            Detail = mask.OfServer(Report.Detail),
            Hint = mask.OfServer(Report.Hint),
            Context = mask.OfServer(Report.Context),
            SchemaName = mask.OfServer(Report.SchemaName),
            TableName = mask.OfServer(Report.TableName),
            ColumnName = mask.OfServer(Report.ColumnName),
            ConstraintName = mask.OfServer(Report.ConstraintName),
            AppliedBefore = Run.Committed,
        };
        return Advice is { } advice ? (MigrationFailedException)failure.Recommend(advice) : failure;
    }

    // Where the statement is right, and only the transaction around it is not.
    private string? Advice => (Report.SqlState, Migration.IsTransactional && Migration.Mark is null) switch
    {
        ("2D000", true) => $"The procedure or DO block ends the transaction, which the transaction of the migration does not allow. Move it to a separate migration whose first line is '{SqlScript.NoTransactionDirective}'.",
        ("55P04", true) => "The server accepts an enum value only after the transaction that added it is committed. Put the statements that use it into a later migration.",
        _ => null,
    };
}
