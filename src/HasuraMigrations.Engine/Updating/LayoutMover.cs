using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Updating;

/// <summary>
/// Where files of migrations and seeds go in config version 3, which has a directory for each database. Directories among the
/// migrations go there whatever they contain, because in their old place they would be databases.
/// </summary>
/// <param name="project">The project.</param>
/// <param name="database">Source name of the database.</param>
/// <param name="backup">Full path of the backup, which stays.</param>
internal sealed class LayoutMover(HasuraProject project, string database, string backup)
{
    private readonly List<(string From, string To)> _moves = [];
    private readonly List<Finding> _findings = [];

    /// <summary>What was noticed.</summary>
    internal IReadOnlyList<Finding> Findings => _findings;

    /// <summary>The files with their new places, in the order in which they can be moved.</summary>
    /// <exception cref="HasuraMigrationException">UpdateTargetExists, SquashUnfinished, PathOutsideProject, FileUnreadable.</exception>
    internal IReadOnlyList<(string From, string To)> Find()
    {
        Require(Path.Combine(project.MigrationsDirectory, database));
        Require(Path.Combine(project.SeedsDirectory, database));
        var migrations = new DirectoryInfo(project.MigrationsDirectory);
        foreach (var entry in migrations.Exists ? ProjectPaths.Entries(migrations) : [])
        {
            Take(entry);
        }

        var tree = new SqlFileTree(project.Directory, (isBroken, message, file) => Note(isBroken ? "LinkBroken" : "FileNotMoved", FindingSeverity.Warning, message, file));
        foreach (var (path, file) in tree.Walk(project.SeedsDirectory))
        {
            _moves.Add((file, Path.Combine([project.SeedsDirectory, database, .. path.Split('/')])));
        }

        return _moves;
    }

    /// <summary>The place of a file among the migrations.</summary>
    internal string PlaceOf(string path) => Path.Combine(project.MigrationsDirectory, database, Path.GetRelativePath(project.MigrationsDirectory, path));

    private void Take(FileSystemInfo entry)
    {
        if (SquashPlaces.UnfinishedRange(entry.Name) is var (first, last))
        {
            throw new HasuraMigrationException("SquashUnfinished", $"The squash of {first} to {last} was interrupted while its files were replaced.", entry.FullName)
            {
                RecommendedAction = $"Run Merge-HasuraMigration -From {first} -To {last} first; it completes that squash.",
            };
        }

        var isHidden = entry.Name.StartsWith('.');
        if (entry is DirectoryInfo directory && !isHidden && !IsOfProject(directory.FullName))
        {
            if (!MigrationFileName.TryParsePrefix(entry.Name, out _, out _) && entry.Name != RepeatableFile.Directory && !SquashPlaces.IsBackup(entry.Name))
            {
                Note("DirectoryMoved", FindingSeverity.Warning, "The directory is not that of a migration. It was moved along, since a directory in its place would be a database.", entry.FullName);
            }

            Add(directory);
        }
        else if (entry is FileInfo && !isHidden && MigrationFileName.TryParsePrefix(entry.Name, out _, out _))
        {
            _moves.Add((entry.FullName, PlaceOf(entry.FullName)));
        }
        else if (!isHidden && !IsOfProject(entry.FullName))
        {
            Note("FileNotMoved", FindingSeverity.Information, "The file is not that of a migration; it was left where it is.", entry.FullName);
        }
    }

    // A link is moved itself, not what it leads to.
    private void Add(DirectoryInfo directory)
    {
        if (directory.LinkTarget is not null)
        {
            _moves.Add((directory.FullName, PlaceOf(directory.FullName)));
            return;
        }

        foreach (var entry in ProjectPaths.Entries(directory))
        {
            if (entry is DirectoryInfo nested)
            {
                Add(nested);
            }
            else
            {
                _moves.Add((entry.FullName, PlaceOf(entry.FullName)));
            }
        }
    }

    // A directory of the project may lie among the migrations.
    private bool IsOfProject(string path) =>
        new[] { project.SeedsDirectory, project.MetadataDirectory, backup }.Any(d => ProjectPaths.IsInside(d, path));

    private static void Require(string directory)
    {
        if (Directory.Exists(directory) && ProjectPaths.Entries(new DirectoryInfo(directory)).Count > 0)
        {
            throw new HasuraMigrationException("UpdateTargetExists", $"The directory '{directory}', which config version 3 uses for the database, exists already and is not empty.", directory)
            {
                File = directory,
                RecommendedAction = "If an earlier update by another tool made it, delete it; else rename it, or choose another name with -Database.",
            };
        }
    }

    private void Note(string id, FindingSeverity severity, string message, string file) =>
        _findings.Add(new Finding { Id = id, Severity = severity, Message = message, File = file });
}
