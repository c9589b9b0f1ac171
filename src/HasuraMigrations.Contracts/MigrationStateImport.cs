namespace HasuraMigrations;

/// <summary>What an import changed in Hasura's own record.</summary>
public sealed record MigrationStateImport
{
    /// <summary>Source name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>The store that was read, or the store in the file.</summary>
    public required MigrationStateStore From { get; init; }

    /// <summary>The file; null where a store was read.</summary>
    public string? Path { get; init; }

    /// <summary>The store that was written.</summary>
    public required MigrationStateStore To { get; init; }

    /// <summary>Versions that were added, ascending.</summary>
    public required IReadOnlyList<long> Added { get; init; }

    /// <summary>How many versions were recorded there before.</summary>
    public required int Present { get; init; }

    /// <summary>Names of the settings that were changed.</summary>
    public required IReadOnlyList<string> Settings { get; init; }

    /// <summary>Keys that are no versions, so that they were not added to a table.</summary>
    public required IReadOnlyList<string> Skipped { get; init; }

    /// <summary>What was noticed.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Settings and skipped keys, in short and separated by commas.</summary>
    public string Notes => FindingNotes.Join([Settings.Count > 0 ? $"set {string.Join(" and ", Settings)}" : null, Skipped.Count > 0 ? $"{Skipped.Count} skipped" : null], Findings, "");

    /// <summary>What was added where.</summary>
    public override string ToString() => $"Added {Added.Count} version(s) to the {To.ToString().ToLowerInvariant()} of database '{Database}'";
}
