namespace HasuraMigrations.Engine.Projects;

/// <summary>Keeps what a project names inside the project.</summary>
internal static class ProjectPaths
{
    /// <summary>A path without parts such as <c>..</c> and without a separator at its end, so that its parent is its parent.</summary>
    internal static string Full(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    /// <summary>Joins a directory setting to the project; a rooted one is honoured, a relative one may not leave.</summary>
    /// <param name="projectDirectory">The project.</param>
    /// <param name="key">The setting.</param>
    /// <param name="value">Its value.</param>
    /// <param name="original">What the project is a copy of: rooted paths in there are meant in the copy; null for no copy.</param>
    /// <exception cref="HasuraMigrationException">PathOutsideProject.</exception>
    internal static string FromSetting(string projectDirectory, string key, string value, string? original = null)
    {
        RefuseDriveRelative(key, value);
        if (Path.IsPathRooted(value))
        {
            return original is null ? Full(value) : InCopy(projectDirectory, key, value, original);
        }

        var full = Full(Path.Combine(projectDirectory, value));
        return IsInside(full, projectDirectory)
            ? ReallyInside(full, projectDirectory)
            : throw new HasuraMigrationException("PathOutsideProject", $"The setting '{key}' with the value '{value}' is outside the project directory '{projectDirectory}'.", value);
    }

    /// <summary>A directory, which need not exist, that is inside another one after its links are followed.</summary>
    /// <exception cref="HasuraMigrationException">PathOutsideProject, FileUnreadable.</exception>
    internal static string ReallyInside(string path, string root)
    {
        var real = Real(path);
        return IsInside(real, Real(root))
            ? path
            : throw new HasuraMigrationException("PathOutsideProject", $"The directory '{path}' resolves to '{real}', which is outside '{root}'.", path)
            {
                File = path,
                RecommendedAction = "Replace the link with the files, or specify the full path of the directory in config.yaml.",
            };
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
            : throw new HasuraMigrationException("PathOutsideProject", $"The link '{entry.FullName}' points to '{end.FullName}', which is outside '{roots[0]}'.", entry.FullName) { File = entry.FullName };
    }

    /// <summary>True where <paramref name="path"/> is <paramref name="root"/> or lies below it.</summary>
    internal static bool IsInside(string path, string root)
    {
        var relative = Path.GetRelativePath(root, path);
        return relative != ".." && !relative.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal) && !Path.IsPathRooted(relative);
    }

    /// <summary>True for a file that is there. One that cannot be looked for is no missing one.</summary>
    /// <exception cref="HasuraMigrationException">FileUnreadable: a directory above it may not be searched.</exception>
    internal static bool FileExists(string path)
    {
        if (File.Exists(path))
        {
            return true;
        }

        try
        {
            // Unlike File.GetAttributes, it tells of a missing file without an exception, which costs more than the look.
            _ = new FileInfo(path).Attributes;
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HasuraMigrationException("FileUnreadable", $"The file '{path}' could not be checked: {e.Message}", path, e) { File = path };
        }
    }

    /// <summary>What a directory holds, by name.</summary>
    /// <exception cref="HasuraMigrationException">FileUnreadable.</exception>
    internal static IReadOnlyList<FileSystemInfo> Entries(DirectoryInfo directory)
    {
        try
        {
            return [.. directory.GetFileSystemInfos().OrderBy(e => e.Name, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HasuraMigrationException("FileUnreadable", $"The directory '{directory.FullName}' could not be listed: {e.Message}", directory.FullName, e) { File = directory.FullName };
        }
    }

    /// <summary>A path with its links followed. A project below a linked directory (as /tmp is on macOS) is still inside itself.</summary>
    /// <exception cref="HasuraMigrationException">FileUnreadable: links that lead to each other, or a directory that may not be searched.</exception>
    internal static string Real(string path)
    {
        try
        {
            return Follow(Full(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HasuraMigrationException("FileUnreadable", $"The links of '{path}' cannot be followed: {e.Message}", path, e) { File = path };
        }
    }

    // "C:x" lies in the current directory of the drive, whatever that is.
    private static void RefuseDriveRelative(string key, string value)
    {
        if (value.Length >= 2 && value[1] == ':' && char.IsAsciiLetter(value[0]) && (value.Length == 2 || value[2] is not ('/' or '\\')) && (OperatingSystem.IsWindows() || !value.Contains('/', StringComparison.Ordinal)))
        {
            throw new HasuraMigrationException("PathOutsideProject", $"The setting '{key}' with the value '{value}' is relative to the current directory of a drive. Write a path relative to the project, or a full path such as C:\\directory.", value);
        }
    }

    private static string InCopy(string copy, string key, string value, string original) =>
        IsInside(Real(value), Real(original))
            ? Full(Path.Combine(copy, Path.GetRelativePath(Real(original), Real(value))))
            : throw new HasuraMigrationException("PathOutsideProject", $"The setting '{key}' with the value '{value}' is outside the project directory '{original}', so a revision of the project does not contain it.", value);

    private static string Follow(string full)
    {
        var parent = Path.GetDirectoryName(full);
        if (parent is null)
        {
            return full;
        }

        var realParent = Follow(parent);
        var candidate = Path.Combine(realParent, Path.GetFileName(full));
        return new FileInfo(candidate).LinkTarget is null ? candidate : Directory.ResolveLinkTarget(candidate, returnFinalTarget: true)?.FullName ?? candidate;
    }
}
