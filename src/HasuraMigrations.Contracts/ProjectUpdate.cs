namespace HasuraMigrations;

/// <summary>A project that was updated to a newer config version. With -WhatIf, what would be done.</summary>
public sealed record ProjectUpdate
{
    /// <summary>Full path of the project directory.</summary>
    public required string Path { get; init; }

    /// <summary>Config version before.</summary>
    public required int FromVersion { get; init; }

    /// <summary>Config version now.</summary>
    public required int ToVersion { get; init; }

    /// <summary>Source name of the database: 'default' for config version 2.</summary>
    public required string Database { get; init; }

    /// <summary>Migrations whose YAML steps were replaced, ascending.</summary>
    public required IReadOnlyList<UpdatedMigration> Migrations { get; init; }

    /// <summary>Full paths of the files that were written.</summary>
    public required IReadOnlyList<string> Written { get; init; }

    /// <summary>Files that were moved.</summary>
    public required IReadOnlyList<ProjectFileMove> Moved { get; init; }

    /// <summary>Full paths of the files that were removed.</summary>
    public required IReadOnlyList<string> Removed { get; init; }

    /// <summary>Full path of the directory with the files as they were; null where no files were changed.</summary>
    public string? BackupPath { get; init; }

    /// <summary>Where the metadata files come from; null where none were written.</summary>
    public ProjectMetadataSource? MetadataSource { get; init; }

    /// <summary>True where this call proved that the SQL of the new files does what the old migrations do.</summary>
    public required bool IsProven { get; init; }

    /// <summary>True where this call changed the files; false with -WhatIf, and where an earlier call had changed them.</summary>
    public required bool AreFilesWritten { get; init; }

    /// <summary>The database or server whose records were brought in line with the files; null for none.</summary>
    public string? Target { get; init; }

    /// <summary>Versions whose records on the target were changed or removed, ascending.</summary>
    public required IReadOnlyList<long> Recorded { get; init; }

    /// <summary>How many versions were added to Hasura's catalog state, which config version 3 uses.</summary>
    public required int StateAdded { get; init; }

    /// <summary>What was noticed.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What was done, in short and separated by commas.</summary>
    public string Notes => FindingNotes.Join(
        [
            Migrations.Count > 0 ? $"{Migrations.Count(m => !m.IsRemoved)} converted" : null,
            Migrations.Any(m => m.IsRemoved) ? $"{Migrations.Count(m => m.IsRemoved)} removed" : null,
            Moved.Count > 0 ? $"{Moved.Count} moved" : null,
            IsProven ? "proven" : null,
            AreFilesWritten ? "files" : null,
            Target is not null ? "records" : null,
        ],
        Findings);

    /// <summary>Both versions and what was done.</summary>
    public override string ToString() =>
        $"Config version {FromVersion} to {ToVersion}: {Migrations.Count(m => !m.IsRemoved)} migrations converted, {Migrations.Count(m => m.IsRemoved)} removed, {Written.Count} files written, {Moved.Count} moved, {Removed.Count} removed";
}
