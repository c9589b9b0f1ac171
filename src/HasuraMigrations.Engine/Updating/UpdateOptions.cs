namespace HasuraMigrations.Engine.Updating;

/// <summary>How a project is updated.</summary>
/// <param name="ToVersion">Config version that it gets: 2 or 3.</param>
public sealed record UpdateOptions(int ToVersion)
{
    /// <summary>Source name of the database in config version 3.</summary>
    public string Database { get; init; } = Projects.HasuraProject.DefaultDatabase;

    /// <summary>The metadata directory, relative to the project or rooted; null for the one of the project.</summary>
    public string? MetadataDirectory { get; init; }

    /// <summary>Full path of the backup; null for the usual one.</summary>
    public string? BackupPath { get; init; }
}
