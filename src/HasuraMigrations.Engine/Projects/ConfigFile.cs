using HasuraMigrations.Engine.Yaml;
using YamlDotNet.RepresentationModel;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Reads <c>config.yaml</c> into flat keys such as <c>api_paths.query</c>.</summary>
internal static class ConfigFile
{
    internal const string Name = "config.yaml";

    private const long MaximumBytes = 1024 * 1024;

    internal static IReadOnlyDictionary<string, string> Read(string path, List<Finding> findings)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var root = YamlReader.Read(TextFile.Read(path, MaximumBytes).Text, path, "ProjectConfigInvalid");
        switch (root)
        {
            case null:
                break;
            case YamlMappingNode map:
                Flatten(map, "", path, values, findings);
                break;
            default:
                throw Invalid(root, path, $"must hold keys and values, not a {(root is YamlSequenceNode ? "list" : "single value")}");
        }

        // Hasura's CLI writes this key and reads the other.
        if (values.Remove("api_paths.v1_query", out var query))
        {
            values.TryAdd("api_paths.query", query);
        }

        return values;
    }

    private static void Flatten(YamlMappingNode map, string prefix, string path, Dictionary<string, string> values, List<Finding> findings)
    {
        foreach (var (keyNode, valueNode) in map.Children)
        {
            if (keyNode is not YamlScalarNode { Value: { Length: > 0 } name })
            {
                throw Invalid(keyNode, path, "has a key that is not text");
            }

            var key = prefix + name.ToLowerInvariant();
            switch (valueNode)
            {
                case YamlMappingNode child when prefix.Length < 64 && !ProjectSettings.IsKnown(key):
                    Flatten(child, key + ".", path, values, findings);
                    break;
                case YamlScalarNode scalar:
                    Add(key, scalar, path, values, findings);
                    break;
                case var _ when ProjectSettings.IsKnown(key):
                    throw Invalid(valueNode, path, $"contains a value for the key '{key}' that is not text, a number or true/false");
                default:
                    findings.Add(Unknown(key, keyNode, path));
                    break;
            }
        }
    }

    private static void Add(string key, YamlScalarNode scalar, string path, Dictionary<string, string> values, List<Finding> findings)
    {
        if (!ProjectSettings.IsKnown(key) && key != "api_paths.v1_query")
        {
            findings.Add(Unknown(key, scalar, path));
        }
        else if (scalar.Value is { Length: > 0 } value && value is not ("null" or "~"))
        {
            values[key] = value;
        }
    }

    private static Finding Unknown(string key, YamlNode node, string path) => new()
    {
        Id = "ProjectConfigKeyUnknown",
        Severity = FindingSeverity.Information,
        Message = $"The key '{key}' is not known and is ignored.",
        File = path,
        Line = (int)node.Start.Line,
        Column = (int)node.Start.Column,
    };

    private static HasuraMigrationException Invalid(YamlNode node, string path, string why) =>
        new("ProjectConfigInvalid", $"The file '{path}' {why} (line {node.Start.Line}).", path)
        {
            File = path,
            Line = (int)node.Start.Line,
            Column = (int)node.Start.Column,
        };
}
