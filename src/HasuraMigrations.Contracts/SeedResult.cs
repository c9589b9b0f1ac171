namespace HasuraMigrations;

/// <summary>One seed file that ran, or that was skipped because it was recorded before.</summary>
public sealed record SeedResult
{
    /// <summary>Source name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>Path below the seeds directory of the database, with slashes.</summary>
    public required string Path { get; init; }

    /// <summary>Full path of the file.</summary>
    public required string File { get; init; }

    /// <summary>What became of it.</summary>
    public required SeedOutcome Outcome { get; init; }

    /// <summary>SHA-256 of the text in lower-case hex, with line ends read as LF.</summary>
    public required string Checksum { get; init; }

    /// <summary>Number of SQL statements in the file.</summary>
    public required int StatementCount { get; init; }

    /// <summary>Time on the server from its first statement to its end; null where it is not known, or nothing ran.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary><see cref="Duration"/> in milliseconds.</summary>
    public double? DurationMs => Duration?.TotalMilliseconds;

    /// <summary>True where the connection broke and the commit was proved by reading the log.</summary>
    public bool IsResolved { get; init; }

    /// <summary>What was noticed about it.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What is to be noted, in short and separated by commas; empty where nothing is.</summary>
    public string Notes => FindingNotes.Join([IsResolved ? "commit confirmed after a lost connection" : null], Findings, "");

    /// <summary>Outcome and path.</summary>
    public override string ToString() => $"{Outcome} {Path}";
}
