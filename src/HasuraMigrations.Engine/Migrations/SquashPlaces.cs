using System.Globalization;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>Directories that a squash makes beside migrations. Neither this module nor Hasura's CLI takes their files for migrations.</summary>
public static partial class SquashPlaces
{
    /// <summary>Where the replaced files go, as Hasura's CLI (2.x) names it.</summary>
    public static string BackupOf(ProjectDatabase database, long first, long last) =>
        Path.Combine(database.MigrationsDirectory, string.Create(CultureInfo.InvariantCulture, $"squashed_{first}_to_{last}"));

    /// <summary>Where the new files wait until the old ones are removed. While it exists, the squash is unfinished.</summary>
    public static string StagingOf(ProjectDatabase database, long first, long last) =>
        Path.Combine(database.MigrationsDirectory, string.Create(CultureInfo.InvariantCulture, $".squash_{first}_to_{last}"));

    /// <summary>True for the name of a backup.</summary>
    internal static bool IsBackup(string name) => Backup().IsMatch(name);

    /// <summary>The range of a squash that is unfinished; null for any other directory.</summary>
    internal static (long First, long Last)? UnfinishedRange(string name) =>
        Staging().Match(name) is { Success: true } match
        && long.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
        && long.TryParse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? (first, last)
            : null;

    [GeneratedRegex(@"^squashed_\d+_to_\d+$", RegexOptions.CultureInvariant)]
    private static partial Regex Backup();

    [GeneratedRegex(@"^\.squash_(\d+)_to_(\d+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Staging();
}
