using System.Globalization;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Projects;

/// <summary>
/// The directories and variables that Hasura's images for applying migrations at start (cli-migrations) use. They build a project of
/// them, as this does.
/// </summary>
public sealed record AutoApplyProject
{
    private const string Prefix = "HASURA_GRAPHQL_";
    private const string DatabaseUrl = Prefix + "DATABASE_URL";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Full path of the migrations; null for the variable, else <c>/hasura-migrations</c>.</summary>
    public string? MigrationsDirectory { get; init; }

    /// <summary>Full path of the metadata; null for the variable, else <c>/hasura-metadata</c>.</summary>
    public string? MetadataDirectory { get; init; }

    /// <summary>Full path of the seed files; null for the variable, else <c>/hasura-seeds</c>.</summary>
    public string? SeedsDirectory { get; init; }

    /// <summary>Config version of their layout; null to look at the directories.</summary>
    public int? ConfigVersion { get; init; }

    /// <summary>Makes the project.</summary>
    /// <param name="options">Where relative paths begin, and the environment. If they name a project, it is that one, with the variables of the images.</param>
    /// <exception cref="HasuraMigrationException">ConnectionMissing: the variable that is to name another one does not. AutoApplyTimeoutInvalid. As
    /// <see cref="HasuraProject.Open(ProjectOptions)"/>.</exception>
    public (HasuraProject Project, TimeSpan Timeout) Make(ProjectOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var variables = new Dictionary<string, string>(ProcessVariables.Copy(options.Environment ?? ProcessVariables.All(), ProcessVariables.Names(options.IgnoreVariableCase)), ProcessVariables.Names(options.IgnoreVariableCase));
        var timeout = TimeoutOf(variables);
        if (options.IsExplicit)
        {
            var open = HasuraProject.Open(options with { Environment = variables });
            NameDatabase(variables, open.ConfigVersion);
            return (HasuraProject.Open(options with { Environment = variables }), timeout);
        }

        var migrations = Place(MigrationsDirectory, variables, "MIGRATIONS_DIR", "/hasura-migrations", options.Path);
        var metadata = Place(MetadataDirectory, variables, "METADATA_DIR", "/hasura-metadata", options.Path);
        var seeds = Place(SeedsDirectory, variables, "SEEDS_DIR", "/hasura-seeds", options.Path);
        var version = ConfigVersion ?? LayoutOf(migrations, metadata);
        NameDatabase(variables, version);
        var settings = new Dictionary<string, string>
        {
            ["version"] = version.ToString(CultureInfo.InvariantCulture),
            ["migrations_directory"] = migrations,
            ["metadata_directory"] = metadata,
            ["seeds_directory"] = seeds,
        };
        var hasSeedsOfDefault = !Directory.Exists(Path.Combine(seeds, HasuraProject.DefaultDatabase));
        return (HasuraProject.Of(settings, options with { Environment = variables }, hasSeedsOfDefault), timeout);
    }

    private static string Place(string? given, Dictionary<string, string> variables, string name, string usual, string from) =>
        given ?? Path.GetFullPath(Value(variables, name) ?? usual, from);

    private static string? Value(Dictionary<string, string> variables, string name) =>
        variables.GetValueOrDefault(Prefix + name) is { Length: > 0 } value ? value : null;

    // As the images: a variable that names the variable with the URL, else a URL for migrations, else that of the server. The images for
    // config version 3 know only the last: each of their sources has a variable of its own.
    private static void NameDatabase(Dictionary<string, string> variables, int configVersion)
    {
        if (configVersion == 3)
        {
            return;
        }

        if (Value(variables, "MIGRATIONS_DATABASE_ENV_VAR") is { } name)
        {
            variables[DatabaseUrl] = variables.GetValueOrDefault(name) is { Length: > 0 } url
                ? url
                : throw new HasuraMigrationException("ConnectionMissing", $"{Prefix}MIGRATIONS_DATABASE_ENV_VAR names the variable {name}, which is not set.", name);
        }
        else if (Value(variables, "MIGRATIONS_DATABASE_URL") is { } own)
        {
            variables[DatabaseUrl] = own;
        }
    }

    private static TimeSpan TimeoutOf(Dictionary<string, string> variables) => Value(variables, "MIGRATIONS_SERVER_TIMEOUT") switch
    {
        null => DefaultTimeout,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) => TimeSpan.FromSeconds(seconds),
        var text => throw new HasuraMigrationException("AutoApplyTimeoutInvalid", $"{Prefix}MIGRATIONS_SERVER_TIMEOUT is '{text}', which is not a number of seconds.", text),
    };

    // The images have a tag for each config version. Here the directories tell.
    private static int LayoutOf(string migrations, string metadata)
    {
        if (File.Exists(Path.Combine(metadata, "databases", "databases.yaml")))
        {
            return 3;
        }

        if (File.Exists(Path.Combine(metadata, "tables.yaml")))
        {
            return 2;
        }

        if (!Directory.Exists(migrations))
        {
            return 3;
        }

        var entries = ProjectPaths.Entries(new DirectoryInfo(migrations)).ToList();
        var hasActions = entries.Any(e => e.Name is "metadata.yaml" or "metadata.json" || MigrationEntries.IsActions(e.Name)) || entries.OfType<DirectoryInfo>().Any(d => MigrationEntries.HasVersion(d.Name) && d.EnumerateFiles().Any(f => f.Name is "up.yaml" or "down.yaml"));
        return hasActions ? 1 : entries.Any(e => MigrationEntries.HasVersion(e.Name)) ? 2 : 3;
    }
}
