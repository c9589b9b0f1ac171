using System.Globalization;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Directories that an update of a project to a newer config version makes in the project.</summary>
public static class UpdatePlaces
{
    private static readonly (int From, int To)[] Steps = [(1, 2), (1, 3), (2, 3)];

    /// <summary>Name of the file in a backup that says what was changed.</summary>
    public const string ManifestFile = "update.json";

    /// <summary>Where the files go that are replaced, moved or removed.</summary>
    public static string BackupOf(string projectDirectory, int from) =>
        Path.Combine(projectDirectory, string.Create(CultureInfo.InvariantCulture, $"backup_config_v{from}"));

    /// <summary>Where the new files wait. While it exists, the update is unfinished.</summary>
    internal static string StagingOf(string projectDirectory, int from, int to) =>
        Path.Combine(projectDirectory, string.Create(CultureInfo.InvariantCulture, $".update_{from}_to_{to}"));

    /// <summary>The directory of an update that was interrupted, and where to it went; null where there is none.</summary>
    public static (string Path, int To)? FindUnfinished(string projectDirectory)
    {
        foreach (var (from, to) in Steps)
        {
            if (StagingOf(projectDirectory, from, to) is var path && Directory.Exists(path))
            {
                return (path, to);
            }
        }

        return null;
    }
}
