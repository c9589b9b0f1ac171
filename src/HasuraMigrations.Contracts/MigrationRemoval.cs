namespace HasuraMigrations;

/// <summary>A migration whose files or records were removed.</summary>
public sealed record MigrationRemoval
{
    /// <summary>Source name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>Version number.</summary>
    public required long Version { get; init; }

    /// <summary>Name, as in the files, or else in the history.</summary>
    public string? Name { get; init; }

    /// <summary>Full paths of the files and directories that were removed.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>True where the version was recorded as applied and its record was removed.</summary>
    public required bool IsRecordRemoved { get; init; }

    /// <summary>What was noticed.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What was removed, in short and separated by commas.</summary>
    public string Notes => FindingNotes.Join([Files.Count > 0 ? "files" : null, IsRecordRemoved ? "record" : null], Findings, "");

    /// <summary>Version and name.</summary>
    public override string ToString() => $"Removed {Version}_{Name}";
}
