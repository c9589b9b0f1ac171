using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>What is to be removed of the migrations of one database; made before anything is removed.</summary>
public sealed class MigrationRemovalPlan
{
    private readonly IReadOnlyDictionary<long, MigrationFileSet> _files;

    private MigrationRemovalPlan(string database, IReadOnlyDictionary<long, MigrationFileSet> files, IReadOnlyDictionary<long, string?> recorded, IReadOnlyList<long> versions) =>
        (Database, _files, Recorded, Versions) = (database, files, recorded, versions);

    /// <summary>Source name of the database.</summary>
    public string Database { get; }

    /// <summary>The versions, ascending.</summary>
    public IReadOnlyList<long> Versions { get; }

    /// <summary>Versions that are recorded, with their names.</summary>
    public IReadOnlyDictionary<long, string?> Recorded { get; }

    /// <summary>Makes a plan.</summary>
    /// <param name="project">The project.</param>
    /// <param name="database">The database.</param>
    /// <param name="versions">The versions; empty for all.</param>
    /// <param name="scope">What to remove.</param>
    /// <param name="recorded">Versions that are recorded; empty where records stay.</param>
    /// <exception cref="HasuraMigrationException">MigrationNotFound, for all versions that do not exist; PathOutsideProject, FileUnreadable.</exception>
    public static MigrationRemovalPlan Make(HasuraProject project, ProjectDatabase database, IReadOnlyList<long> versions, MigrationRemovalScope scope, IReadOnlyDictionary<long, string?> recorded)
    {
        var files = scope == MigrationRemovalScope.State ? new Dictionary<long, MigrationFileSet>() : MigrationFileSet.Scan(project, database);
        var unknown = versions.Where(v => !files.ContainsKey(v) && !recorded.ContainsKey(v)).ToList();
        if (unknown.Count > 0)
        {
            var why = scope switch
            {
                MigrationRemovalScope.Files => "it has no files",
                MigrationRemovalScope.State => "it is not recorded",
                _ => "it has no files and is not recorded",
            };
            throw new HasuraMigrationException("MigrationNotFound", $"There is no migration {string.Join(", ", unknown)} of database '{database.Name}' ({why}); nothing was removed.", unknown[0]);
        }

        return new MigrationRemovalPlan(database.Name, files, recorded, [.. (versions.Count > 0 ? versions : files.Keys.Union(recorded.Keys)).Distinct().Order()]);
    }

    /// <summary>The name of a version, as in its files, or else as it is recorded.</summary>
    public string NameOf(long version) => FilesOf(version)?.Name ?? Recorded.GetValueOrDefault(version) ?? "";

    /// <summary>The files of a version; null where it has none or they stay.</summary>
    public MigrationFileSet? FilesOf(long version) => _files.GetValueOrDefault(version);
}
