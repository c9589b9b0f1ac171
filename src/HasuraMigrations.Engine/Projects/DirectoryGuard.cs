namespace HasuraMigrations.Engine.Projects;

/// <summary>Tells whether files lie inside a directory after links are followed; each directory's links are followed once.</summary>
internal sealed class DirectoryGuard(string root)
{
    private readonly Dictionary<string, bool> _directories = new(StringComparer.Ordinal);

    /// <summary>True where a file, which need not exist, is really inside.</summary>
    internal bool IsInside(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        if (!_directories.TryGetValue(directory, out var isInside))
        {
            _directories[directory] = isInside = ProjectPaths.IsInside(ProjectPaths.Real(directory), ProjectPaths.Real(root));
        }

        return isInside && (new FileInfo(path).LinkTarget is null || ProjectPaths.IsInside(ProjectPaths.Real(path), ProjectPaths.Real(root)));
    }
}
