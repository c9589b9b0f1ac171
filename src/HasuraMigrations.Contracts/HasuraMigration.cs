namespace HasuraMigrations;

/// <summary>A migration of one database: what is on disk, and where it stands in the database.</summary>
public sealed record HasuraMigration
{
    /// <summary>Source name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>Version number, from 1 to 9223372036854775807.</summary>
    public required long Version { get; init; }

    /// <summary>Name, as in the files; from the history where there are none.</summary>
    public string? Name { get; init; }

    /// <summary>True for a repeatable file, which has a path for its name and the version 0.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>Where it stands.</summary>
    public required MigrationState Status { get; init; }

    /// <summary>The files that count as steps, in the order in which they run.</summary>
    public required IReadOnlyList<MigrationStepKind> Steps { get; init; }

    /// <summary>When it was applied; null where that is not known.</summary>
    public DateTimeOffset? AppliedAt { get; init; }

    /// <summary>Role and host that applied it; null where that is not known.</summary>
    public string? AppliedBy { get; init; }

    /// <summary>Who recorded it; null where it is not applied.</summary>
    public MigrationOrigin? Origin { get; init; }

    /// <summary>How the files compare to what was applied.</summary>
    public required MigrationChecksumState ChecksumState { get; init; }

    /// <summary>True for a pending version below an applied one.</summary>
    public required bool IsOutOfOrder { get; init; }

    /// <summary>True where the version is recorded and has no files.</summary>
    public required bool IsMissing { get; init; }

    /// <summary>True where the history holds the text of its steps, so that it can be rolled back without files.</summary>
    public required bool HasStoredText { get; init; }

    /// <summary>Full path of its directory, or of its first file; null without files.</summary>
    public string? Path { get; init; }

    /// <summary>What was noticed about it.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What is to be noted, in short and separated by commas; empty where nothing is.</summary>
    public string Notes => FindingNotes.Join(
        [
            ChecksumState == MigrationChecksumState.Changed ? "changed" : null,
            ChecksumState == MigrationChecksumState.Assumed ? "checksum assumed" : null,
            IsMissing ? "no files" : null,
            IsOutOfOrder ? "out of order" : null,
            Origin == MigrationOrigin.Hasura ? "by Hasura" : null,
            Origin == MigrationOrigin.Baseline ? "recorded only" : null,
        ],
        Findings,
        "MigrationFileMissing",
        "RepeatableFileMissing",
        "MigrationChanged");

    /// <summary>The messages of its findings: why it stands where it stands.</summary>
    public IReadOnlyList<string> Reasons => [.. (Findings ?? []).Select(f => f.Message)];

    /// <summary>Version and name.</summary>
    public override string ToString() => IsRepeatable ? $"{Name}" : $"{Version}_{Name}";
}
