namespace HasuraMigrations.Engine.Reports;

/// <summary>The directory that paths in reports and logs are relative to.</summary>
public static class ReportRoot
{
    /// <summary>The nearest directory upwards that is the root of a git repository; else the directory itself.</summary>
    /// <param name="directory">Full path of a directory.</param>
    public static string Find(string directory)
    {
        for (var at = directory; at is not null; at = Path.GetDirectoryName(at))
        {
            // In a work tree of its own, .git is a file.
            var mark = Path.Combine(at, ".git");
            if (Directory.Exists(mark) || File.Exists(mark))
            {
                return at;
            }
        }

        return directory;
    }

    /// <summary>The path of a file from the root, with slashes; a file outside keeps its full path.</summary>
    /// <param name="root">The root; null for none.</param>
    /// <param name="file">Full path of the file.</param>
    internal static string Relative(string? root, string file)
    {
        // A name from outside may hold what no path can.
        if (string.IsNullOrEmpty(root) || file.Contains('\0') || !Path.IsPathFullyQualified(file) || !Path.IsPathFullyQualified(root))
        {
            return file;
        }

        var relative = Path.GetRelativePath(root, file);
        var isInside = relative != ".." && !relative.StartsWith($"..{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !Path.IsPathRooted(relative);
        return isInside ? relative.Replace(Path.DirectorySeparatorChar, '/') : file;
    }
}
