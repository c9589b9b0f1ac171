using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>The migrations of one database on disk, ascending by version, with what was noticed while scanning.</summary>
public sealed class MigrationSource
{
    private readonly Dictionary<long, SourceMigration> _byVersion;

    /// <summary>A set of migrations, from wherever.</summary>
    public MigrationSource(string database, IEnumerable<SourceMigration> migrations, IEnumerable<Finding> findings)
    {
        Database = database;
        List<SourceMigration> ascending = [.. migrations];
        ascending.Sort(static (a, b) => a.Version.CompareTo(b.Version));
        Migrations = ascending;
        Findings = [.. findings];
        _byVersion = [];
        foreach (var migration in ascending)
        {
            _byVersion.Add(migration.Version, migration);
        }
    }

    /// <summary>Source name of the database.</summary>
    public string Database { get; }

    /// <summary>Ascending by version.</summary>
    public IReadOnlyList<SourceMigration> Migrations { get; }

    /// <summary>The files that run again when they changed, in lexical order.</summary>
    public IReadOnlyList<RepeatableFile> Repeatables { get; init; } = [];

    /// <summary>What was noticed while scanning; errors among them stop a run.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>The migration of a version; null if there is none.</summary>
    public SourceMigration? Find(long version) => _byVersion.GetValueOrDefault(version);

    /// <summary>
    /// Reads the directory of a database: plain files <c>version_name.up.sql</c> and directories <c>version_name/up.sql</c>,
    /// mixed as they come; and the files of the directory <c>repeatable</c>. A missing directory holds no migrations. Writes nothing.
    /// </summary>
    /// <exception cref="HasuraMigrationException">PathOutsideProject, FileUnreadable.</exception>
    public static MigrationSource Scan(HasuraProject project, ProjectDatabase database)
    {
        var scanner = new MigrationScanner(project, database);
        scanner.Scan();
        return new MigrationSource(database.Name, scanner.Migrations(), scanner.Findings) { Repeatables = scanner.Repeatables };
    }
}
