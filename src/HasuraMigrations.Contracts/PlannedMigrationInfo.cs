namespace HasuraMigrations;

/// <summary>One line of a plan: what a run would do.</summary>
public sealed record PlannedMigrationInfo
{
    /// <summary>Source name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>Version number.</summary>
    public required long Version { get; init; }

    /// <summary>Name, as in the files.</summary>
    public string? Name { get; init; }

    /// <summary>True for a repeatable file, which has a path for its name and the version 0.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>Which way.</summary>
    public required MigrationDirection Direction { get; init; }

    /// <summary>The files that would run, in order.</summary>
    public required IReadOnlyList<MigrationStepKind> Steps { get; init; }

    /// <summary>Number of SQL statements that would run.</summary>
    public required int StatementCount { get; init; }

    /// <summary>False where it runs statement by statement.</summary>
    public required bool IsTransactional { get; init; }

    /// <summary>True where only the record changes and nothing runs.</summary>
    public required bool IsRecordOnly { get; init; }

    /// <summary>True for an up below an applied version.</summary>
    public required bool IsOutOfOrder { get; init; }

    /// <summary>Number of statements already done by an interrupted run; 0 for a fresh one.</summary>
    public required int ResumeAfter { get; init; }

    /// <summary>What was noticed about it.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What is to be noted, in short and separated by commas; empty where nothing is.</summary>
    public string Notes => FindingNotes.Join(
        [
            IsRepeatable && Direction == MigrationDirection.Down ? "file removed" : IsRecordOnly ? "record only" : null,
            IsTransactional ? null : "no transaction",
            ResumeAfter > 0 ? $"resumes after statement {ResumeAfter}" : null,
            IsOutOfOrder ? "out of order" : null,
        ],
        Findings,
        "OutOfOrder",
        "RepeatableFileMissing");

    /// <summary>Direction, version and name.</summary>
    public override string ToString() => IsRepeatable ? $"{Direction} {Name}" : $"{Direction} {Version}_{Name}";
}
