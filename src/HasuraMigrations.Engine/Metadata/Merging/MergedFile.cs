using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>A file on one side of a merge.</summary>
internal sealed class MergedFile
{
    private const string SdlExtension = ".graphql";

    private MergedFile(string path, string text, JsonNode? content, MetadataPositions positions, bool losesParts)
    {
        (Path, Text, Content, Positions, LosesParts) = (path, text, content, positions, losesParts);
        // A map may get a version where it becomes a document. Whole documents, which have one, take much room.
        Raw = content is JsonObject map && !map.ContainsKey("version") ? content.DeepClone() : content;
    }

    /// <summary>Full path.</summary>
    internal string Path { get; }

    /// <summary>The text, with LF.</summary>
    internal string Text { get; }

    /// <summary>What it says; null for nothing. It becomes a part of a document.</summary>
    internal JsonNode? Content { get; }

    /// <summary>The content as it was read.</summary>
    internal JsonNode? Raw { get; }

    /// <summary>Where it says it.</summary>
    internal MetadataPositions Positions { get; }

    /// <summary>True where a text made of the content lacks parts, such as comments of SDL.</summary>
    internal bool LosesParts { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="name">The path in the project, which tells the format.</param>
    /// <exception cref="HasuraMigrationException">MetadataFileInvalid, MetadataMergeFileUnknown, SdlInvalid, FileUnreadable, FileTooLarge, FileEncodingInvalid.</exception>
    internal static MergedFile Read(string path, string name) => Parse(TextFile.Read(path).Text.ReplaceLineEndings("\n"), path, name);

    /// <summary>Reads the text of a file.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    internal static MergedFile Parse(string text, string path, string name) => Parse(text, path, name, new MetadataPositions());

    /// <summary>What a text says; nobody asks where, but the reader of SDL itself.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    internal static JsonNode? ContentOf(string text, string name) =>
        Parse(text, name, name, System.IO.Path.GetExtension(name).Equals(SdlExtension, StringComparison.OrdinalIgnoreCase) ? new MetadataPositions() : MetadataPositions.Forgetful()).Content;

    private static MergedFile Parse(string text, string path, string name, MetadataPositions positions)
    {
        switch (System.IO.Path.GetExtension(name).ToLowerInvariant())
        {
            case SdlExtension:
                var findings = new List<Finding>();
                var content = Sdl(new SdlReader(new SdlText(text, path), positions, findings).Read(), positions);
                return findings.Find(f => f.Severity == FindingSeverity.Error) is { } error
                    ? throw new HasuraMigrationException(error.Id, $"The file '{path}' is not valid: line {error.Line}: {error.Message}", path) { File = path, Line = error.Line, Column = error.Column }
                    : new MergedFile(path, text, content, positions, findings.Count > 0);
            case ".json":
                return new MergedFile(path, text, string.IsNullOrWhiteSpace(text) ? null : JsonTreeReader.Read(text, path, positions), positions, losesParts: false);
            default:
                var includes = new List<YamlInclude>();
                var root = YamlReader.Read(text, path, positions, includes);
                // Written again, it would be an include.
                return IncludesIn(root).Count == includes.Count
                    ? new MergedFile(path, text, root, positions, losesParts: false)
                    : throw new HasuraMigrationException("MetadataMergeFileUnknown", $"The file '{path}' contains text that looks like an include and is none.", path) { File = path };
        }
    }

    /// <summary>The nodes that name other files.</summary>
    internal static HashSet<JsonNode> IncludesIn(JsonNode? root)
    {
        var found = new HashSet<JsonNode>(ReferenceEqualityComparer.Instance);
        Collect(root);
        return found;

        void Collect(JsonNode? node)
        {
            switch (node)
            {
                case JsonObject map:
                    map.Select(m => m.Value).ToList().ForEach(Collect);
                    break;
                case JsonArray list:
                    list.ToList().ForEach(Collect);
                    break;
                case JsonValue value when value.AsText()?.StartsWith(YamlInclude.Prefix, StringComparison.Ordinal) == true:
                    found.Add(value);
                    break;
            }
        }
    }

    // As a document has it.
    private static JsonObject Sdl(SdlDocument sdl, MetadataPositions positions)
    {
        var actions = new JsonArray();
        foreach (var declared in sdl.Actions)
        {
            var action = new JsonObject();
            positions.Set(action, positions.Of(declared)!.Value);
            declared.Remove("name", out var name);
            action["name"] = name;
            action["definition"] = declared;
            actions.Add((JsonNode)action);
        }

        var types = new JsonObject();
        foreach (var kind in SdlDocument.TypeKinds.Where(k => sdl.Types[k].Count > 0))
        {
            types[kind] = new JsonArray([.. sdl.Types[kind]]);
        }

        return new JsonObject { ["version"] = 3, ["actions"] = actions, ["custom_types"] = types };
    }
}
