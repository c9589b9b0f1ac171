using System.Collections.Concurrent;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Tells whether files lie inside a directory after links are followed; each directory's links are followed once. It can be asked by several threads.</summary>
internal sealed class DirectoryGuard(string root)
{
    private readonly ConcurrentDictionary<string, bool> _directories = new(StringComparer.Ordinal);

    /// <summary>True where a file, which need not exist, is really inside.</summary>
    internal bool IsInside(string path)
    {
        var isInside = _directories.GetOrAdd(Path.GetDirectoryName(path)!, d => ProjectPaths.IsInside(ProjectPaths.Real(d), ProjectPaths.Real(root)));
        return isInside && (new FileInfo(path).LinkTarget is null || ProjectPaths.IsInside(ProjectPaths.Real(path), ProjectPaths.Real(root)));
    }
}
