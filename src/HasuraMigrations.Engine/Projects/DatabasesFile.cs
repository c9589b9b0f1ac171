using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Reads source names and where their URLs come from out of <c>metadata/databases/databases.yaml</c>.</summary>
internal static class DatabasesFile
{
    internal static IEnumerable<(string Name, string Kind, string? UrlVariable)> Read(string metadataDirectory, List<Finding> findings)
    {
        var path = Path.Combine(metadataDirectory, "databases", "databases.yaml");
        try
        {
            return !ProjectPaths.FileExists(path) ? [] : YamlReader.Read(TextFile.Read(path).Text, path, new MetadataPositions(), includes: []) is JsonArray list
                ? [.. list.AsObjects().Select(Source).Where(s => s.Name.Length > 0)]
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
                RecommendedAction = e.RecommendedAction,
            });
            return [];
        }
    }

    private static (string Name, string Kind, string? UrlVariable) Source(JsonObject source) =>
        (source["name"].AsText() ?? "", source["kind"].AsText() ?? "postgres", source["configuration"].Get("connection_info").Get("database_url").Get("from_env").AsText());
}
