namespace HasuraMigrations;

/// <summary>One line of a plan: what a run would do with a seed file.</summary>
public sealed record PlannedSeedInfo
{
    /// <summary>Source name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>Path below the seeds directory of the database, with slashes.</summary>
    public required string Path { get; init; }

    /// <summary>Full path of the file.</summary>
    public required string File { get; init; }

    /// <summary>What would become of it.</summary>
    public required SeedOutcome Outcome { get; init; }

    /// <summary>Number of SQL statements that would run.</summary>
    public required int StatementCount { get; init; }

    /// <summary>False where it runs statement by statement.</summary>
    public required bool IsTransactional { get; init; }

    /// <summary>Number of statements already done by an interrupted run; 0 for a fresh one.</summary>
    public required int ResumeAfter { get; init; }

    /// <summary>What was noticed about it.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What is to be noted, in short and separated by commas; empty where nothing is.</summary>
    public string Notes => FindingNotes.Join(
        [
            Outcome == SeedOutcome.Skipped ? "unchanged" : null,
            IsTransactional ? null : "no transaction",
            ResumeAfter > 0 ? $"resumes after statement {ResumeAfter}" : null,
        ],
        Findings,
        "");

    /// <summary>Outcome and path.</summary>
    public override string ToString() => $"{Outcome} {Path}";
}
