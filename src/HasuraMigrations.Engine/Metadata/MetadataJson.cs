using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata;

/// <summary>JSON text of a document.</summary>
public static class MetadataJson
{
    internal static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 };
    private static readonly JsonSerializerOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true, MaxDepth = 1000 };

    /// <summary>A document as JSON; keys keep their order, numbers their text.</summary>
    /// <param name="document">The document.</param>
    /// <param name="isIndented">Two blanks a level and a newline at the end; else one line.</param>
    public static string Write(MetadataDocument document, bool isIndented)
    {
        var text = document.Root.ToJsonString(isIndented ? Indented : Compact);
        return isIndented ? text.ReplaceLineEndings("\n") + "\n" : text;
    }

    internal static string Write(JsonNode? node, bool isIndented) => node?.ToJsonString(isIndented ? Indented : Compact).ReplaceLineEndings("\n") ?? "null";
}
