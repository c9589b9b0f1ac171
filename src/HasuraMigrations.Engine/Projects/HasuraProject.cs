using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Projects;

/// <summary>How to open a project.</summary>
public sealed record ProjectOptions
{
    /// <summary>Where the search upwards starts.</summary>
    public required string Path { get; init; }

    /// <summary>True where the user named the path; then a project further up is no reason to ask.</summary>
    public bool IsExplicit { get; init; }

    /// <summary>An env file by name, relative to the project or rooted; null for the default <c>.env</c>.</summary>
    public string? EnvFile { get; init; }

    /// <summary>The environment; null for that of the process.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>
    /// The project whose files were copied to <see cref="Path"/>; null where it is no copy. Rooted settings that lead into it
    /// are meant in the copy.
    /// </summary>
    public string? CopyOf { get; init; }

    /// <summary>True to open a project whose update to a newer config version was interrupted, to complete it.</summary>
    public bool AllowUnfinished { get; init; }

    /// <summary>True where names of files that differ by case are the same; null to look at the file system.</summary>
    public bool? IgnoreFileCase { get; init; }

    /// <summary>True where names of variables that differ by case are the same; null for the rule of this system.</summary>
    public bool? IgnoreVariableCase { get; init; }
}

/// <summary>A Hasura project: its settings, directories and databases. Reading one writes nothing.</summary>
public sealed class HasuraProject
{
    /// <summary>The one database of config versions 1 and 2.</summary>
    public const string DefaultDatabase = "default";

    private bool _hasSources;
    private bool _hasSeedsOfDefault;

    private readonly string? _original;

    private HasuraProject(string directory, ProjectOptions options, ProjectSettings settings, IReadOnlyDictionary<string, string> variables, List<Finding> findings)
    {
        Directory = directory;
        _original = options.CopyOf;
        Settings = settings;
        Variables = variables;
        MigrationsDirectory = PathOf("migrations_directory");
        MetadataDirectory = PathOf("metadata_directory");
        SeedsDirectory = PathOf("seeds_directory");
        Databases = settings.ConfigVersion < 3
            ? [new ProjectDatabase(DefaultDatabase, MigrationsDirectory)]
            : FindDatabases(findings, options.IgnoreFileCase);
        Findings = findings;
    }

    /// <summary>Full path of the directory with <c>config.yaml</c>.</summary>
    public string Directory { get; }

    /// <summary>False where no project was found and only the environment counts.</summary>
    public bool IsThere { get; private set; } = true;

    /// <summary>Every setting.</summary>
    public ProjectSettings Settings { get; }

    /// <summary>Config version: 1, 2 or 3.</summary>
    public int ConfigVersion => Settings.ConfigVersion;

    /// <summary>Environment and env file together, the environment winning; empty variables are left out.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>Full path; need not exist.</summary>
    public string MigrationsDirectory { get; }

    /// <summary>Full path; need not exist.</summary>
    public string MetadataDirectory { get; }

    /// <summary>Full path; need not exist.</summary>
    public string SeedsDirectory { get; }

    /// <summary>The databases, in the order of the metadata, then by name.</summary>
    public IReadOnlyList<ProjectDatabase> Databases { get; }

    /// <summary>What was noticed while reading.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>Finds the project from a directory upwards and reads its settings.</summary>
    /// <exception cref="HasuraMigrationException">ProjectNotFound, ProjectAmbiguous, ProjectConfigInvalid,
    /// ProjectConfigVersionUnsupported, EnvFileInvalid, PathOutsideProject, UpdateUnfinished.</exception>
    public static HasuraProject Open(ProjectOptions options)
    {
        var findings = new List<Finding>();
        var directory = ProjectSearch.Find(options.Path, options.IsExplicit, findings);
        // Its files are neither those before nor those after the update.
        if (!options.AllowUnfinished && UpdatePlaces.FindUnfinished(directory) is { } unfinished)
        {
            throw new HasuraMigrationException("UpdateUnfinished", $"The update of the project '{directory}' to config version {unfinished.To} was interrupted while its files were replaced.", directory)
            {
                File = unfinished.Path,
                RecommendedAction = $"Run Update-HasuraProject -ConfigVersion {unfinished.To} again; it completes the update.",
            };
        }

        return Open(directory, ConfigFile.Read(Path.Combine(directory, ConfigFile.Name), findings), options, findings);
    }

    /// <summary>As <see cref="Open(ProjectOptions)"/>; where no project was named and none is found, one that has settings of the environment only.</summary>
    /// <exception cref="HasuraMigrationException">As <see cref="Open(ProjectOptions)"/>, without ProjectNotFound for a path that was not named.</exception>
    public static HasuraProject OpenOrNone(ProjectOptions options)
    {
        try
        {
            return Open(options);
        }
        catch (HasuraMigrationException e) when (e.ErrorId == "ProjectNotFound" && !options.IsExplicit)
        {
            var none = Open(ProjectPaths.Full(options.Path), new Dictionary<string, string>(), options, []);
            none.IsThere = false;
            return none;
        }
    }

    /// <summary>A project of directories anywhere, which has no <c>config.yaml</c>.</summary>
    /// <param name="settings">Settings, as that file would have them.</param>
    /// <param name="options">Where relative paths begin, and the environment.</param>
    /// <param name="hasSeedsOfDefault">The seeds directory has the files of the database <c>default</c> itself, also in config version 3.</param>
    internal static HasuraProject Of(IReadOnlyDictionary<string, string> settings, ProjectOptions options, bool hasSeedsOfDefault)
    {
        var project = Open(options.Path, settings, options, []);
        project._hasSeedsOfDefault = hasSeedsOfDefault;
        return project;
    }

    private static HasuraProject Open(string directory, IReadOnlyDictionary<string, string> fromFile, ProjectOptions options, List<Finding> findings)
    {
        var configFile = Path.Combine(directory, ConfigFile.Name);
        var names = ProcessVariables.Names(options.IgnoreVariableCase);
        var environment = ProcessVariables.Copy(options.Environment ?? ProcessVariables.All(), names);
        Limit.Check(environment);
        var fromEnvFile = EnvFile.Read(directory, options.EnvFile, environment, names, findings);
        var settings = ProjectSettings.Resolve(configFile, fromFile, fromEnvFile, environment);
        var variables = new Dictionary<string, string>(names);
        Add(variables, fromEnvFile);
        Add(variables, environment);

        return new HasuraProject(directory, options, settings, variables, findings);
    }

    // A loop: the runtime compiles a query over pairs anew in each process.
    private static void Add(Dictionary<string, string> variables, IReadOnlyDictionary<string, string> more)
    {
        foreach (var (name, value) in more)
        {
            if (value.Length > 0)
            {
                variables[name] = value;
            }
        }
    }

    /// <summary>The database of a name.</summary>
    /// <exception cref="HasuraMigrationException">DatabaseNotFound.</exception>
    public ProjectDatabase Database(string name) =>
        Databases.FirstOrDefault(d => d.Name == name)
        ?? Databases.FirstOrDefault(d => d.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new HasuraMigrationException("DatabaseNotFound", $"The project '{Directory}' has no database '{name}'; it has {(Databases.Count == 0 ? "none" : string.Join(", ", Databases.Select(d => $"'{d.Name}'")))}.", name);

    /// <summary>The database of a name, for a new migration: where no metadata names the sources, a new name makes a new database.</summary>
    /// <exception cref="HasuraMigrationException">DatabaseNotFound.</exception>
    public ProjectDatabase DatabaseOrNew(string name) =>
        ConfigVersion < 3 || _hasSources || Databases.Any(d => d.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) || FileNames.IsReserved(name) || !IsDirectoryName(name, [])
            ? Database(name)
            : new ProjectDatabase(name, Path.Combine(MigrationsDirectory, name));

    /// <summary>Full path of the seeds directory of a database; it need not exist.</summary>
    internal string SeedsDirectoryOf(ProjectDatabase database) => ConfigVersion < 3 || (_hasSeedsOfDefault && database.Name == DefaultDatabase) ? SeedsDirectory : Path.Combine(SeedsDirectory, database.Name);

    /// <summary>True where a path lies in the directory of the project, links followed.</summary>
    /// <exception cref="HasuraMigrationException">FileUnreadable: links that cannot be followed.</exception>
    public bool Holds(string path) => ProjectPaths.IsInside(ProjectPaths.Real(path), ProjectPaths.Real(Directory));

    /// <summary>The full path that a setting names.</summary>
    /// <exception cref="HasuraMigrationException">PathOutsideProject.</exception>
    internal string PathOf(string key) => ProjectPaths.FromSetting(Directory, key, Settings[key], _original);

    /// <summary>The project as users see it; holds no secret.</summary>
    public HasuraProjectInfo ToInfo() => new()
    {
        Path = Directory,
        ConfigVersion = ConfigVersion,
        Endpoint = SecretText.OfUrls(Settings["endpoint"]),
        HasAdminSecret = Settings.AdminSecret is not null,
        MigrationsDirectory = MigrationsDirectory,
        MetadataDirectory = MetadataDirectory,
        SeedsDirectory = SeedsDirectory,
        Databases = [.. Databases.Select(d => d.Name)],
        Settings = Settings.ToDisplay(),
        Findings = Findings,
    };

    // A project without sources and directories is a new one; its first database is the one Hasura makes by default.
    private List<ProjectDatabase> FindDatabases(List<Finding> findings, bool? ignoreCase) =>
        FindNamedDatabases(findings, FileNames.Comparer(MigrationsDirectory, ignoreCase)) is { Count: > 0 } found ? found : [new ProjectDatabase(DefaultDatabase, Path.Combine(MigrationsDirectory, DefaultDatabase))];

    private List<ProjectDatabase> FindNamedDatabases(List<Finding> findings, StringComparer names)
    {
        // With such a file, the directory does not count.
        var sources = Settings["metadata_file"].Length > 0 ? DatabasesFile.OfFile(PathOf("metadata_file"), findings) : DatabasesFile.OfDirectory(MetadataDirectory, findings);
        var databases = sources
            .Where(s => IsDirectoryName(s.Name, findings))
            .Select(s => new ProjectDatabase(s.Name, Path.Combine(MigrationsDirectory, s.Name), s.UrlVariable, s.Kind))
            .DistinctBy(d => d.Name, names)
            .ToList();
        _hasSources = databases.Count > 0;
        if (!System.IO.Directory.Exists(MigrationsDirectory))
        {
            return databases;
        }

        var known = databases.Select(d => d.Name).ToHashSet(names);
        var others = ProjectPaths.Entries(new DirectoryInfo(MigrationsDirectory)).Where(e => !e.Name.StartsWith('.') && !known.Contains(e.Name)).ToLookup(MigrationEntries.IsMigration);
        databases.AddRange(others[false].OfType<DirectoryInfo>().Select(d => new ProjectDatabase(d.Name, Path.Combine(MigrationsDirectory, d.Name))));
        if (others[true].ToList() is [var first, ..] misplaced)
        {
            findings.Add(new Finding
            {
                Id = "MigrationFileIgnored",
                Severity = FindingSeverity.Warning,
                Message = $"{(misplaced.Count == 1 ? "This is" : $"This and {misplaced.Count - 1} more are")} not treated as {(misplaced.Count == 1 ? "a migration" : "migrations")}: in config version 3, migrations are in the directory of their database, such as '{Path.Combine(MigrationsDirectory, DefaultDatabase)}'.",
                File = first.FullName,
            });
        }

        return databases;
    }

    private bool IsDirectoryName(string name, List<Finding> findings)
    {
        if (!name.Contains('\0')
            && Path.GetFullPath(Path.Combine(MigrationsDirectory, name)) is var path
            && path != MigrationsDirectory
            && ProjectPaths.IsInside(path, MigrationsDirectory))
        {
            return true;
        }

        findings.Add(new Finding
        {
            Id = "DatabaseNameOutsideProject",
            Severity = FindingSeverity.Warning,
            Message = $"The database name '{name}' would be a path outside the migrations directory; it is ignored.",
            Database = name,
        });
        return false;
    }
}
