namespace HasuraMigrations;

/// <summary>Migrations that were squashed into one.</summary>
public sealed record MigrationSquash
{
    /// <summary>Source name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>Version number of the squashed migration.</summary>
    public required long Version { get; init; }

    /// <summary>Name of the squashed migration.</summary>
    public required string Name { get; init; }

    /// <summary>The versions that were squashed, ascending.</summary>
    public required IReadOnlyList<long> Replaced { get; init; }

    /// <summary>The steps of the squashed migration.</summary>
    public required IReadOnlyList<MigrationStepKind> Steps { get; init; }

    /// <summary>Full path of the directory of the squashed migration.</summary>
    public required string Path { get; init; }

    /// <summary>Full path of the directory with the files that were replaced; null if it no longer exists.</summary>
    public string? BackupPath { get; init; }

    /// <summary>True where this call proved that the squashed migration does what those do that it replaces.</summary>
    public required bool IsProven { get; init; }

    /// <summary>True where the files were written; false where an earlier call had written them.</summary>
    public required bool AreFilesWritten { get; init; }

    /// <summary>True where the records of a database were replaced; false where none of the versions was applied, or no database was given.</summary>
    public required bool AreRecordsReplaced { get; init; }

    /// <summary>What was noticed.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What was done, in short and separated by commas.</summary>
    public string Notes => FindingNotes.Join(
        [$"{Replaced.Count} migrations", IsProven ? "proven" : null, AreFilesWritten ? "files" : null, AreRecordsReplaced ? "records" : null],
        Findings,
        "");

    /// <summary>Version and name.</summary>
    public override string ToString() => $"Squashed {Replaced.Count} migrations into {Version}_{Name}";
}
