using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>
/// The files of one version on disk, empty ones too, as far as they are to be removed: links themselves, not what they point to,
/// and nothing outside the migrations directory.
/// </summary>
public sealed class MigrationFileSet
{
    private readonly List<string> _files = [];
    private readonly List<string> _directories = [];

    private MigrationFileSet(long version, string name) => (Version, Name) = (version, name);

    /// <summary>Version number.</summary>
    public long Version { get; }

    /// <summary>Name, as in the files.</summary>
    public string Name { get; }

    /// <summary>Full paths of the files.</summary>
    internal IReadOnlyList<string> Files => _files;

    /// <summary>True for a directory that is removed with the files, since it contains nothing else.</summary>
    internal bool RemovesDirectory(string path) =>
        _directories.Contains(path) && new DirectoryInfo(path) is { LinkTarget: null } directory && ProjectPaths.Entries(directory).All(e => _files.Contains(e.FullName));

    /// <summary>The sets of a database, by version.</summary>
    /// <exception cref="HasuraMigrationException">PathOutsideProject, FileUnreadable.</exception>
    public static IReadOnlyDictionary<long, MigrationFileSet> Scan(HasuraProject project, ProjectDatabase database)
    {
        var root = new DirectoryInfo(ProjectPaths.ReallyInside(database.MigrationsDirectory, project.MigrationsDirectory));
        var sets = new SortedDictionary<long, MigrationFileSet>();
        foreach (var entry in root.Exists ? ProjectPaths.Entries(root) : [])
        {
            if (entry is DirectoryInfo directory)
            {
                Add(directory);
            }
            else if (MigrationFileName.TryParse(entry.Name, project.ConfigVersion, out var name))
            {
                SetOf(name)._files.Add(entry.FullName);
            }
        }

        return sets;

        void Add(DirectoryInfo directory)
        {
            var isLink = directory.LinkTarget is not null;
            foreach (var file in ProjectPaths.Entries(directory).OfType<FileInfo>())
            {
                if (MigrationFileName.TryParse($"{directory.Name}.{file.Name}", project.ConfigVersion, out var name))
                {
                    var set = SetOf(name);
                    if (!isLink)
                    {
                        set._files.Add(file.FullName);
                    }

                    if (!set._directories.Contains(directory.FullName))
                    {
                        set._directories.Add(directory.FullName);
                    }
                }
            }
        }

        MigrationFileSet SetOf(MigrationFileName name)
        {
            if (!sets.TryGetValue(name.Version, out var set))
            {
                sets.Add(name.Version, set = new MigrationFileSet(name.Version, name.Name));
            }

            return set;
        }
    }

    /// <summary>
    /// Removes the files, and the directories that are then empty. One that still contains other files stays. Can be repeated where it
    /// stopped in the middle.
    /// </summary>
    /// <returns>What was removed, and what was noticed.</returns>
    /// <exception cref="HasuraMigrationException">FileUnwritable.</exception>
    public (IReadOnlyList<string> Removed, IReadOnlyList<Finding> Findings) Remove()
    {
        var removed = new List<string>();
        var findings = new List<Finding>();
        foreach (var path in _files)
        {
            Delete(path, File.Delete);
            removed.Add(path);
        }

        foreach (var path in _directories)
        {
            var directory = new DirectoryInfo(path);
            if (directory.LinkTarget is null && ProjectPaths.Entries(directory) is { Count: > 0 } others)
            {
                findings.Add(new Finding
                {
                    Id = "MigrationDirectoryKept",
                    Severity = FindingSeverity.Warning,
                    Message = $"The directory also contains files that are not steps of the migration ({string.Join(", ", others.Take(3).Select(e => e.Name))}{(others.Count > 3 ? ", ..." : "")}); they were kept.",
                    Version = Version,
                    File = path,
                });
                continue;
            }

            // Without its contents, which for a link would be those of another directory.
            Delete(path, Directory.Delete);
            removed.Add(path);
        }

        return (removed, findings);
    }

    private static void Delete(string path, Action<string> delete)
    {
        try
        {
            HeldFiles.Retry(() => delete(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.Unwritable(path, e);
        }
    }
}
