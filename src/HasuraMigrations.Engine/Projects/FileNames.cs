namespace HasuraMigrations.Engine.Projects;

/// <summary>How names of files are compared: by the file system they lie on, which may be another than the system's usual one.</summary>
internal static class FileNames
{
    /// <summary>The longest path that programs on Windows take without special settings, git among them.</summary>
    internal const int MaximumPath = 259;

    private static readonly HashSet<string> Reserved = new(
        ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", .. new[] { "COM", "LPT" }.SelectMany(d => "0123456789\u00B9\u00B2\u00B3".Select(n => $"{d}{n}"))],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Compares names where nothing may be lost: two that some file system takes for one are the same, whatever system this is.
    /// </summary>
    internal static StringComparer Cautious => StringComparer.OrdinalIgnoreCase;

    /// <summary>Compares names in a directory.</summary>
    /// <param name="directory">The directory; where it does not exist, the nearest above it counts.</param>
    /// <param name="ignoreCase">The rule, where it is known; null to look at the file system.</param>
    internal static StringComparer Comparer(string directory, bool? ignoreCase = null) =>
        ignoreCase ?? IgnoresCase(directory) ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>True for a name that means a device on Windows, alone or with an extension.</summary>
    internal static bool IsReserved(string name) => Reserved.Contains(name.Split('.')[0].TrimEnd(' '));

    // A name in the other case is there only where case does not count, or where both are listed.
    private static bool IgnoresCase(string directory)
    {
        for (var current = new DirectoryInfo(directory); current is not null; current = current.Parent)
        {
            if (current.Exists && Witness(current) is { } witness)
            {
                return witness;
            }
        }

        return OperatingSystem.IsWindows() || OperatingSystem.IsMacOS();
    }

    private static bool? Witness(DirectoryInfo directory)
    {
        try
        {
            var names = directory.EnumerateFileSystemInfos().Take(100).Select(e => e.Name).ToHashSet(StringComparer.Ordinal);
            return names.FirstOrDefault(n => Other(n) != n && !names.Contains(Other(n))) is { } name
                ? Path.Exists(Path.Combine(directory.FullName, Other(name)))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Other(string name) => string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? char.ToLowerInvariant(c) : char.IsAsciiLetterLower(c) ? char.ToUpperInvariant(c) : c));
}
