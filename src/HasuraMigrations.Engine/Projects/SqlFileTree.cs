namespace HasuraMigrations.Engine.Projects;

/// <summary>The files <c>*.sql</c> of a directory and those below it, each directory in lexical order.</summary>
/// <param name="projectDirectory">Directory of the project, which no link may leave.</param>
/// <param name="report">Takes what is left out: whether a link is broken, why, and the full path.</param>
internal sealed class SqlFileTree(string projectDirectory, Action<bool, string, string> report)
{
    /// <summary>The files: path below the directory, with slashes, and full path.</summary>
    /// <exception cref="HasuraMigrationException">PathOutsideProject, FileUnreadable.</exception>
    internal IEnumerable<(string Path, string File)> Walk(string root) => Walk(new DirectoryInfo(root), root, "");

    private IEnumerable<(string Path, string File)> Walk(DirectoryInfo directory, string root, string prefix)
    {
        if (!directory.Exists)
        {
            yield break;
        }

        foreach (var entry in ProjectPaths.Entries(directory))
        {
            var path = prefix + entry.Name;
            switch (entry)
            {
                case DirectoryInfo { LinkTarget: not null }:
                    report(false, "A link to a directory is not followed.", entry.FullName);
                    break;
                case DirectoryInfo nested:
                    foreach (var inner in Walk(nested, root, path + "/"))
                    {
                        yield return inner;
                    }

                    break;
                case FileInfo file when IsSql(file, root):
                    yield return (path, file.FullName);
                    break;
            }
        }
    }

    private bool IsSql(FileInfo file, string root)
    {
        // Hasura's CLI takes these two spellings for seed files.
        var isSql = file.Extension is ".sql" or ".SQL";
        if (!isSql && file.Extension.Equals(".sql", StringComparison.OrdinalIgnoreCase))
        {
            report(false, $"The extension '{file.Extension}' is not that of a SQL file; write .sql.", file.FullName);
        }

        if (isSql && ProjectPaths.Resolve(file, projectDirectory, root) is null)
        {
            report(true, "The target of the link does not exist; the link is ignored.", file.FullName);
            return false;
        }

        return isSql;
    }
}
