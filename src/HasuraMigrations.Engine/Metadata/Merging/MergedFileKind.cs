using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>Which part of a document a file of the metadata holds.</summary>
/// <param name="Version">Metadata version of the document.</param>
/// <param name="Wrap">Makes a document of the content; an absent one of none.</param>
/// <param name="Unwrap">The content in a document; several where each side has another object in a file for one.</param>
internal sealed record MergedFileKind(int Version, Func<JsonNode?, JsonObject> Wrap, Func<JsonObject, IReadOnlyList<JsonNode?>> Unwrap)
{
    private const string Sources = "sources";

    /// <summary>True for <c>actions.graphql</c>.</summary>
    internal bool IsSdl { get; private init; }

    /// <summary>True for a file that is a whole document.</summary>
    internal bool IsDocument { get; private init; }

    /// <summary>The kind of a file; null where neither its path nor its content tells.</summary>
    /// <param name="path">The path in the project.</param>
    /// <param name="content">The content of one side; null for none.</param>
    internal static MergedFileKind? Of(string path, JsonNode? content)
    {
        var parts = path.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        var name = Path.GetFileNameWithoutExtension(parts.LastOrDefault() ?? "");
        var file = $"{name}.yaml";
        var folder = parts.Length > 1 ? parts[^2] : "";
        return parts is [.., "actions.graphql"] ? new MergedFileKind(3, c => c as JsonObject ?? Empty(3), d => [d]) { IsSdl = true }
            : parts.Length > 2 && folder is "tables" or "functions" && content is JsonArray or JsonObject ? InSource(parts[^3], folder, isOne: content is JsonObject)
            : file == "databases.yaml" && content is null or JsonArray ? Key(3, Sources, isList: true)
            : file is "tables.yaml" or "functions.yaml" && content is null or JsonArray ? Key(2, name, isList: true)
            : file is "actions.yaml" or MetadataSection.OtherFile && content is null or JsonObject ? Members()
            : MetadataSection.V3.FirstOrDefault(s => s.File == file) is { } section && (content is null || content is JsonArray == section.IsList) ? Key(3, section.Key, section.IsList)
            : OfContent(content);
    }

    private static MergedFileKind? OfContent(JsonNode? content) => content switch
    {
        JsonObject map when map.ContainsKey("table") => InSource(MetadataDocument.DefaultSource, "tables", isOne: true),
        JsonObject map when map.ContainsKey("function") => InSource(MetadataDocument.DefaultSource, "functions", isOne: true),
        JsonObject map when !map.ContainsKey("resource_version") && (map[Sources] is JsonArray || map["tables"] is JsonArray) => Whole(new MetadataDocument(map).Version),
        JsonArray { Count: > 0 } list when list.All(e => e.Get("table") is not null) => InSource(MetadataDocument.DefaultSource, "tables", isOne: false),
        JsonArray { Count: > 0 } list when list.All(e => e.Get("function") is not null) => InSource(MetadataDocument.DefaultSource, "functions", isOne: false),
        _ => null,
    };

    private static JsonObject Empty(int version) => new() { ["version"] = version };

    private static MergedFileKind Whole(int version) => new(version, c => c as JsonObject ?? Empty(version), d => [d]) { IsDocument = true };

    // Its keys are keys of the document.
    private static MergedFileKind Members() => new(3, c =>
    {
        var map = c as JsonObject ?? [];
        map["version"] ??= 3;
        return map;
    }, d =>
    {
        d.Remove("version");
        return [d];
    });

    private static MergedFileKind Key(int version, string key, bool isList) => new(version, c =>
    {
        var document = Empty(version);
        if (c is not null)
        {
            document[key] = c;
        }

        return document;
    }, d => [d[key] is { } node && d.Remove(key) ? node : isList ? new JsonArray() : new JsonObject()]);

    private static MergedFileKind InSource(string source, string list, bool isOne) => new(3, c => new JsonObject
    {
        ["version"] = 3,
        [Sources] = new JsonArray(new JsonObject { ["name"] = source, [list] = c switch { null => new JsonArray(), _ when isOne => new JsonArray(c), _ => c } }),
    }, d =>
    {
        var objects = d[Sources]?[0]?[list] as JsonArray ?? [];
        objects.Parent?.AsObject().Remove(list);
        if (!isOne)
        {
            return [objects];
        }

        var entries = objects.ToList();
        objects.Clear();
        return entries;
    });
}
