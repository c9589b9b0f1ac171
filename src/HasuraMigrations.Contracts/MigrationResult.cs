namespace HasuraMigrations;

/// <summary>One migration that was applied, rolled back or recorded.</summary>
public sealed record MigrationResult
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

    /// <summary>What became of it.</summary>
    public required MigrationOutcome Outcome { get; init; }

    /// <summary>Time on the server from its first statement to its record; null where it is not known.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary><see cref="Duration"/> in milliseconds.</summary>
    public double? DurationMs => Duration?.TotalMilliseconds;

    /// <summary>True for an up below an applied version.</summary>
    public required bool IsOutOfOrder { get; init; }

    /// <summary>True where the connection broke and the commit was proved by reading the history.</summary>
    public bool IsResolved { get; init; }

    /// <summary>What was noticed about it.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What is to be noted, in short and separated by commas; empty where nothing is.</summary>
    public string Notes => FindingNotes.Join(
        [
            IsRepeatable && Direction == MigrationDirection.Down ? "file removed" : null,
            IsOutOfOrder ? "out of order" : null,
            IsResolved ? "commit confirmed after a lost connection" : null,
        ],
        Findings,
        "OutOfOrder",
        "RepeatableFileMissing");

    /// <summary>Outcome, version and name.</summary>
    public override string ToString() => IsRepeatable ? $"{Outcome} {Name}" : $"{Outcome} {Version}_{Name}";
}
