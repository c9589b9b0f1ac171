using System.Text.Json;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Projects;

/// <summary>
/// Every key of <c>config.yaml</c> with its value and where it came from: environment over <c>.env</c> over the file
/// over the default, as Hasura's CLI has it.
/// </summary>
public sealed class ProjectSettings
{
    /// <summary>What begins the name of each environment variable.</summary>
    public const string EnvironmentPrefix = "HASURA_GRAPHQL_";

    private static readonly (string Key, string Default)[] Keys =
    [
        ("version", "1"),
        ("endpoint", "http://localhost:8080"),
        ("admin_secret", ""),
        ("access_key", ""),
        ("admin_secrets", ""),
        ("insecure_skip_tls_verify", "false"),
        ("certificate_authority", ""),
        ("api_paths.query", "v1/query"),
        ("api_paths.v2_query", "v2/query"),
        ("api_paths.v1_metadata", "v1/metadata"),
        ("api_paths.graphql", "v1/graphql"),
        ("api_paths.config", "v1alpha1/config"),
        ("api_paths.pg_dump", "v1alpha1/pg_dump"),
        ("api_paths.version", "v1/version"),
        ("metadata_directory", "metadata"),
        ("metadata_file", ""),
        ("migrations_directory", "migrations"),
        ("seeds_directory", "seeds"),
        ("disable_interactive", "false"),
        ("actions.kind", "synchronous"),
        ("actions.handler_webhook_baseurl", "http://localhost:3000"),
        ("actions.codegen.framework", ""),
        ("actions.codegen.output_dir", ""),
        ("actions.codegen.uri", ""),
    ];

    private static readonly HashSet<string> SecretKeys = ["admin_secret", "access_key", "admin_secrets"];
    private static readonly HashSet<string> BooleanKeys = ["insecure_skip_tls_verify", "disable_interactive"];

    private readonly Dictionary<string, Setting> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _configFile;

    private ProjectSettings(string configFile) => _configFile = configFile;

    /// <summary>The key that somebody may have meant; null where none is near.</summary>
    internal static string? Nearest(string key) => NearestName.Of(key, Keys.Select(k => k.Key));

    /// <summary>Every key that is known.</summary>
    internal static bool IsKnown(string key) => Array.Exists(Keys, k => k.Key.Equals(key, StringComparison.OrdinalIgnoreCase));

    /// <summary>Lays the sources over each other; an empty variable counts as not set.</summary>
    internal static ProjectSettings Resolve(
        string configFile,
        IReadOnlyDictionary<string, string> fromFile,
        IReadOnlyDictionary<string, string> fromEnvFile,
        IReadOnlyDictionary<string, string> environment)
    {
        var settings = new ProjectSettings(configFile);
        foreach (var (key, byDefault) in Keys)
        {
            var variable = VariableOf(key);
            settings._values[key] =
                environment.GetValueOrDefault(variable) is { Length: > 0 } e ? new Setting(e, SettingSource.Environment)
                : fromEnvFile.GetValueOrDefault(variable) is { Length: > 0 } d ? new Setting(d, SettingSource.EnvFile)
                : fromFile.TryGetValue(key, out var f) ? new Setting(f, SettingSource.ConfigFile)
                : new Setting(byDefault, SettingSource.Default);
        }

        settings.Validate();
        return settings;
    }

    /// <summary>The value of a key.</summary>
    public string this[string key] => _values[key].Value;

    /// <summary>Where the value of a key came from.</summary>
    public SettingSource SourceOf(string key) => _values[key].Source;

    /// <summary>The config version, 1, 2 or 3.</summary>
    public int ConfigVersion => int.Parse(this["version"], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>
    /// The admin secret: first of <c>admin_secrets</c>, else <c>admin_secret</c>, else the old <c>access_key</c>; null if none is set.
    /// </summary>
    public string? AdminSecret =>
        AdminSecretList() is [var first, ..] ? first
        : this["admin_secret"] is { Length: > 0 } secret ? secret
        : this["access_key"] is { Length: > 0 } old ? old
        : null;

    /// <summary>All keys for display; secrets are masked.</summary>
    public IReadOnlyList<ProjectSetting> ToDisplay() =>
        [.. Keys.Select(k => new ProjectSetting(k.Key, SecretKeys.Contains(k.Key) && this[k.Key].Length > 0 ? "********" : SecretText.OfUrls(this[k.Key]), SourceOf(k.Key)))];

    private static string VariableOf(string key) => EnvironmentPrefix + key.ToUpperInvariant().Replace('.', '_');

    private void Validate()
    {
        if (this["version"] is not ("1" or "2" or "3"))
        {
            throw Error("ProjectConfigVersionUnsupported", $"The config version '{this["version"]}' ({Origin("version")}) is not 1, 2 or 3.", "version");
        }

        if (!Uri.TryCreate(this["endpoint"], UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw Invalid("endpoint", "an absolute http or https URL");
        }

        foreach (var (key, _) in Keys)
        {
            if (this[key].Contains('\0'))
            {
                throw Invalid(key, "text without NUL characters");
            }
        }

        foreach (var key in BooleanKeys.Where(k => !IsBoolean(this[k])))
        {
            throw Invalid(key, "true or false");
        }

        if (this["metadata_file"] is { Length: > 0 } file && Path.GetExtension(file) is not (".json" or ".yaml"))
        {
            throw Invalid("metadata_file", "a file name ending in .json or .yaml");
        }

        AdminSecretList();
    }

    private string[]? AdminSecretList()
    {
        if (this["admin_secrets"] is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            var secrets = JsonSerializer.Deserialize<string[]>(text);
            return secrets is null || !secrets.Contains(null) ? secrets : throw new JsonException();
        }
        catch (JsonException)
        {
            // The cause would quote the text, which holds secrets.
            throw Invalid("admin_secrets", "a JSON array of strings");
        }
    }

    private static bool IsBoolean(string text) => text.ToLowerInvariant() is "true" or "false" or "t" or "f" or "1" or "0";

    private HasuraMigrationException Invalid(string key, string wanted) =>
        Error("ProjectConfigInvalid", $"The setting '{key}' ({Origin(key)}) must be {wanted}.", key);

    // Of a variable, config.yaml is not what to correct.
    private HasuraMigrationException Error(string id, string message, string key) => new(id, message, _configFile)
    {
        File = SourceOf(key) is SettingSource.Environment or SettingSource.EnvFile ? null : _configFile,
        RecommendedAction = SourceOf(key) switch
        {
            SettingSource.Environment => $"Correct the environment variable {VariableOf(key)}, or remove it.",
            SettingSource.EnvFile => $"Correct {VariableOf(key)} in the env file, or remove it.",
            _ => $"Correct '{key}' in config.yaml.",
        },
    };

    private string Origin(string key) => SourceOf(key) switch
    {
        SettingSource.Environment => $"environment variable {VariableOf(key)}",
        SettingSource.EnvFile => $"{VariableOf(key)} in the env file",
        _ => $"'{_configFile}'",
    };

    // A class: the runtime has native code of generic collections for all classes together, and compiles it for each structure anew.
    private sealed record Setting(string Value, SettingSource Source);
}
