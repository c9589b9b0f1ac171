using HasuraMigrations.Engine.Yaml;
using YamlDotNet.RepresentationModel;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Reads source names and where their URLs come from out of <c>metadata/databases/databases.yaml</c>.</summary>
internal static class DatabasesFile
{
    internal static IEnumerable<(string Name, string Kind, string? UrlVariable)> Read(string metadataDirectory, List<Finding> findings)
    {
        var path = Path.Combine(metadataDirectory, "databases", "databases.yaml");
        try
        {
            return !ProjectPaths.FileExists(path) ? [] : YamlReader.Read(TextFile.Read(path).Text, path, "MetadataFileInvalid") is YamlSequenceNode list
                ? [.. list.Children.OfType<YamlMappingNode>().Select(Source).Where(s => s.Name.Length > 0)]
                : [];
        }
        catch (HasuraMigrationException e)
        {
            findings.Add(new Finding
            {
                Id = "MetadataFileInvalid",
                Severity = FindingSeverity.Warning,
                Message = $"Databases could not be read from the metadata: {e.Message}",
                File = path,
                Line = e.Line,
                Column = e.Column,
            });
            return [];
        }
    }

    private static (string Name, string Kind, string? UrlVariable) Source(YamlMappingNode source) =>
        (Text(source, "name") ?? "", Text(source, "kind") ?? "postgres", Text(Map(Map(Map(source, "configuration"), "connection_info"), "database_url"), "from_env"));

    private static YamlMappingNode? Map(YamlMappingNode? map, string key) =>
        map is not null && map.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node as YamlMappingNode : null;

    private static string? Text(YamlMappingNode? map, string key) =>
        map is not null && map.Children.TryGetValue(new YamlScalarNode(key), out var node) ? (node as YamlScalarNode)?.Value : null;
}
