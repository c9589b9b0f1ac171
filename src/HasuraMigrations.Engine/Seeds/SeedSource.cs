using System.IO.Enumeration;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Seeds;

/// <summary>The seed files of one database, in the order in which they run.</summary>
public sealed class SeedSource
{
    private readonly ProjectDatabase _database;
    private readonly List<Finding> _findings = [];

    private SeedSource(HasuraProject project, ProjectDatabase database)
    {
        _database = database;
        Directory = ProjectPaths.ReallyInside(project.SeedsDirectoryOf(database), project.SeedsDirectory);
    }

    /// <summary>Source name of the database.</summary>
    public string Database => _database.Name;

    /// <summary>Full path of the directory; it need not exist.</summary>
    public string Directory { get; }

    /// <summary>The files.</summary>
    public IReadOnlyList<SeedEntry> Entries { get; private set; } = [];

    /// <summary>What was noticed.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>
    /// Finds the files of a database. As in Hasura's CLI, all of them are the files <c>*.sql</c> of the whole tree, each directory in
    /// lexical order; those that are named run in the order of their names.
    /// </summary>
    /// <param name="project">The project.</param>
    /// <param name="database">The database.</param>
    /// <param name="paths">Files, directories and wildcards below the seeds directory; null for all files.</param>
    /// <exception cref="HasuraMigrationException">SeedNotFound, PathOutsideProject, FileUnreadable.</exception>
    public static SeedSource Scan(HasuraProject project, ProjectDatabase database, IReadOnlyList<string>? paths = null)
    {
        var source = new SeedSource(project, database);
        var tree = new SqlFileTree(project.Directory, (isBroken, message, file) => source.Report(isBroken ? "LinkBroken" : "SeedFileIgnored", message, file));
        var all = tree.Walk(source.Directory).Select(f => new SeedEntry(f.Path, f.File)).ToList();
        source.Entries = paths is null ? all : [.. paths.SelectMany(p => source.Select(p, all)).DistinctBy(e => e.Path)];
        return source;
    }

    private List<SeedEntry> Select(string name, List<SeedEntry> all)
    {
        var path = Relative(name);
        // A literal name first: a file may have the characters of wildcards in its own.
        var found = all.Where(e => e.Path == path || e.Path.StartsWith(path + "/", StringComparison.Ordinal)).ToList();
        if (found.Count == 0)
        {
            var parts = path.Split('/');
            var ignoresCase = FileNames.Comparer(Directory).Equals("a", "A");
            found = [.. all.Where(e => Matches(e.Path.Split('/'), parts, ignoresCase))];
        }

        return found.Count > 0 ? found : throw new HasuraMigrationException("SeedNotFound", $"There is no seed file '{name}' in '{Directory}'{(Exists(path) ? ": its extension is not .sql" : "")}.", name) { File = Path.Combine(Directory, path) };
    }

    private bool Exists(string path) => !path.Contains('\0') && File.Exists(Path.Combine(Directory, path));

    private static bool Matches(string[] path, string[] pattern, bool ignoresCase) =>
        path.Length == pattern.Length && path.Zip(pattern).All(p => FileSystemName.MatchesSimpleExpression(p.Second, p.First, ignoresCase));

    // Relative to the seeds directory, as in Hasura's CLI.
    private string Relative(string name)
    {
        if (name.Contains('\0') || name.Trim().Length == 0)
        {
            throw new HasuraMigrationException("SeedNotFound", "A name of a seed file is empty or contains a NUL character.", name);
        }

        var full = Path.GetFullPath(name, Directory);
        return ProjectPaths.IsInside(full, Directory)
            ? Path.GetRelativePath(Directory, full).Replace(Path.DirectorySeparatorChar, '/')
            : throw new HasuraMigrationException("PathOutsideProject", $"The path '{name}' is outside the seeds directory '{Directory}'.", name) { RecommendedAction = "Give the path of a file in the seeds directory, relative to that directory." };
    }

    private void Report(string id, string message, string file) =>
        _findings.Add(new Finding { Id = id, Severity = FindingSeverity.Warning, Message = message, Database = Database, File = file });
}
