namespace HasuraMigrations.Engine.Projects;

/// <summary>Tells migrations from what else stands in a directory, by names alone.</summary>
internal static class MigrationEntries
{
    /// <summary>True for a name that begins with a version and an underscore.</summary>
    internal static bool HasVersion(string name) =>
        name.IndexOf('_', StringComparison.Ordinal) is > 0 and var end && !name.AsSpan(0, end).ContainsAnyExceptInRange('0', '9');

    /// <summary>True for the file of a step of metadata actions in the flat form.</summary>
    internal static bool IsActions(string name) => HasVersion(name) && (name.EndsWith(".up.yaml", StringComparison.Ordinal) || name.EndsWith(".down.yaml", StringComparison.Ordinal));

    /// <summary>True for a migration, in either form.</summary>
    /// <exception cref="HasuraMigrationException">FileUnreadable.</exception>
    internal static bool IsMigration(FileSystemInfo entry) => HasVersion(entry.Name) && entry switch
    {
        DirectoryInfo directory => ProjectPaths.Entries(directory).Any(e => e.Name is "up.sql" or "down.sql" or "up.yaml" or "down.yaml"),
        _ => IsActions(entry.Name) || entry.Name.EndsWith(".up.sql", StringComparison.Ordinal) || entry.Name.EndsWith(".down.sql", StringComparison.Ordinal),
    };
}
