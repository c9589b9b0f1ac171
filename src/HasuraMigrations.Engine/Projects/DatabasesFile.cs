using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Projects;

/// <summary>
/// Reads source names and where their URLs come from out of the metadata: <c>databases/databases.yaml</c> of its directory, or the file that
/// holds all of it.
/// </summary>
internal static class DatabasesFile
{
    /// <summary>The sources of a directory.</summary>
    internal static IEnumerable<(string Name, string Kind, string? UrlVariable)> OfDirectory(string metadataDirectory, List<Finding> findings) =>
        Read(Path.Combine(metadataDirectory, "databases", "databases.yaml"), (text, path) => YamlReader.Read(text, path, new MetadataPositions(), includes: []), findings);

    /// <summary>The sources of a file with a whole document.</summary>
    internal static IEnumerable<(string Name, string Kind, string? UrlVariable)> OfFile(string metadataFile, List<Finding> findings) =>
        Read(metadataFile, (text, path) => (Path.GetExtension(path) == ".json" ? Json(text, path) : YamlReader.Read(text, path, new MetadataPositions())).Get("sources"), findings);

    private static IEnumerable<(string Name, string Kind, string? UrlVariable)> Read(string path, Func<string, string, JsonNode?> sourcesOf, List<Finding> findings)
    {
        try
        {
            return ProjectPaths.FileExists(path) && sourcesOf(TextFile.Read(path).Text, path) is JsonArray list
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

    private static JsonNode? Json(string text, string path)
    {
        try
        {
            return string.IsNullOrWhiteSpace(text) ? null : JsonSerializer.Deserialize<JsonNode>(text, JsonText.Compact);
        }
        catch (JsonException e)
        {
            throw new HasuraMigrationException("MetadataFileInvalid", $"'{path}' is not valid JSON.", path, e) { File = path, Line = (int?)e.LineNumber + 1 };
        }
    }

    private static (string Name, string Kind, string? UrlVariable) Source(JsonObject source) =>
        (source["name"].AsText() ?? "", source["kind"].AsText() ?? "postgres", source["configuration"].Get("connection_info").Get("database_url").Get("from_env").AsText());
}
