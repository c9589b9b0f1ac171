namespace HasuraMigrations.Engine.Projects;

/// <summary>Keeps what a project names inside the project.</summary>
internal static class ProjectPaths
{
    /// <summary>Joins a directory setting to the project; a rooted one is honoured, a relative one may not leave.</summary>
    /// <exception cref="HasuraMigrationException">PathOutsideProject.</exception>
    internal static string FromSetting(string projectDirectory, string key, string value)
    {
        if (Path.IsPathRooted(value))
        {
            return Path.GetFullPath(value);
        }

        var full = Path.GetFullPath(Path.Combine(projectDirectory, value));
        return IsInside(full, projectDirectory)
            ? full
            : throw new HasuraMigrationException("PathOutsideProject", $"The setting '{key}' with the value '{value}' leads out of the project directory '{projectDirectory}'.", value);
    }

    /// <summary>Follows a link; null where its end does not exist.</summary>
    /// <exception cref="HasuraMigrationException">PathOutsideProject, where the end lies in none of the <paramref name="roots"/>.</exception>
    internal static FileSystemInfo? Resolve(FileSystemInfo entry, params string[] roots)
    {
        if (entry.LinkTarget is null)
        {
            return entry;
        }

        FileSystemInfo? end;
        try
        {
            end = entry.ResolveLinkTarget(returnFinalTarget: true);
        }
        catch (IOException)
        {
            return null;
        }

        if (end is null || !end.Exists)
        {
            return null;
        }

        var real = Real(end.FullName);
        return roots.Any(root => IsInside(real, Real(root)))
            ? end
            : throw new HasuraMigrationException("PathOutsideProject", $"The link '{entry.FullName}' leads out of '{roots[0]}', to '{end.FullName}'.", entry.FullName) { File = entry.FullName };
    }

    /// <summary>True where <paramref name="path"/> is <paramref name="root"/> or lies below it.</summary>
    internal static bool IsInside(string path, string root)
    {
        var relative = Path.GetRelativePath(root, path);
        return relative != ".." && !relative.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal) && !Path.IsPathRooted(relative);
    }

    // A project below a linked directory (as /tmp is on macOS) is still inside itself.
    internal static string Real(string path)
    {
        var full = Path.GetFullPath(path);
        var parent = Path.GetDirectoryName(full);
        if (parent is null)
        {
            return full;
        }

        var realParent = Real(parent);
        var candidate = Path.Combine(realParent, Path.GetFileName(full));
        return new FileInfo(candidate).LinkTarget is null ? candidate : Directory.ResolveLinkTarget(candidate, returnFinalTarget: true)?.FullName ?? candidate;
    }
}
