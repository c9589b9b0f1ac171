using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Reads <c>config.yaml</c> into flat keys such as <c>api_paths.query</c>.</summary>
internal sealed class ConfigFile
{
    internal const string Name = "config.yaml";

    private const string InvalidId = "ProjectConfigInvalid";
    private const long MaximumBytes = 1024 * 1024;

    private readonly string _path;
    private readonly List<Finding> _findings;
    private readonly MetadataPositions _positions = new();
    private readonly Dictionary<JsonNode, SourcePosition> _keys = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    private ConfigFile(string path, List<Finding> findings) => (_path, _findings) = (path, findings);

    /// <summary>The values by key, as text.</summary>
    /// <param name="path">Full path of the file.</param>
    /// <param name="findings">Gets the keys that are not known.</param>
    /// <exception cref="HasuraMigrationException">ProjectConfigInvalid, FileTooLarge, FileEncodingInvalid.</exception>
    internal static IReadOnlyDictionary<string, string> Read(string path, List<Finding> findings)
    {
        var file = new ConfigFile(path, findings);
        file.Read();

        // Hasura's CLI writes this key and reads the other.
        if (file._values.Remove("api_paths.v1_query", out var query))
        {
            file._values.TryAdd("api_paths.query", query);
        }

        return file._values;
    }

    private void Read()
    {
        switch (YamlReader.ReadTexts(TextFile.Read(_path, MaximumBytes).Text, _path, _positions, _keys, InvalidId))
        {
            case null:
                break;
            case JsonObject map:
                Flatten(map, "");
                break;
            case JsonValue text when IsNothing(text.AsText()):
                break;
            case var root:
                throw Invalid(_positions.Near(root), $"must hold keys and values, not a {(root is JsonArray ? "list" : "single value")}");
        }
    }

    private void Flatten(JsonObject map, string prefix)
    {
        foreach (var (name, value) in map)
        {
            if (name.Length == 0)
            {
                throw Invalid(KeyOf(value), "has a key that is not text");
            }

            var key = prefix + name.ToLowerInvariant();
            switch (value)
            {
                case JsonObject child when prefix.Length < 64 && !ProjectSettings.IsKnown(key):
                    Flatten(child, key + ".");
                    break;
                case JsonValue scalar:
                    Add(key, scalar);
                    break;
                case var _ when ProjectSettings.IsKnown(key):
                    throw Invalid(_positions.Near(value), $"contains a value for the key '{key}' that is not text, a number or true/false");
                default:
                    _findings.Add(Unknown(key, KeyOf(value)));
                    break;
            }
        }
    }

    private void Add(string key, JsonValue scalar)
    {
        if (!ProjectSettings.IsKnown(key) && key != "api_paths.v1_query")
        {
            _findings.Add(Unknown(key, _positions.Near(scalar)));
        }
        else if (scalar.AsText() is var value && !IsNothing(value))
        {
            _values[key] = value!;
        }
    }

    private static bool IsNothing(string? text) => text is null or "" or "null" or "~";

    private SourcePosition? KeyOf(JsonNode? value) => value is not null && _keys.TryGetValue(value, out var place) ? place : null;

    // A key that is near to a known one is likely misspelt, and the default of that one counts.
    private Finding Unknown(string key, SourcePosition? place) => ProjectSettings.Nearest(key) is { } nearest
        ? Unknown(key, place, FindingSeverity.Warning) with { RecommendedAction = $"Did you mean '{nearest}'?" }
        : Unknown(key, place, FindingSeverity.Information);

    private Finding Unknown(string key, SourcePosition? place, FindingSeverity severity) => new()
    {
        Id = "ProjectConfigKeyUnknown",
        Severity = severity,
        Message = $"The key '{key}' is not known and is ignored.",
        File = _path,
        Line = place?.Line,
        Column = place?.Column,
    };

    private HasuraMigrationException Invalid(SourcePosition? place, string why) =>
        new(InvalidId, $"The file '{_path}' {why} (line {place?.Line}).", _path)
        {
            File = _path,
            Line = place?.Line,
            Column = place?.Column,
        };
}
