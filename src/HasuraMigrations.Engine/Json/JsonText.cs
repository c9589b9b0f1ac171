using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Json;

/// <summary>Writes trees as JSON text: keys keep their order, numbers their text, and characters beyond ASCII stand unescaped.</summary>
internal static class JsonText
{
    internal static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 };
    private static readonly JsonSerializerOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true, MaxDepth = 1000 };

    /// <summary>A tree as JSON; <c>null</c> for JSON null.</summary>
    /// <param name="node">The tree.</param>
    /// <param name="isIndented">Two blanks a level, lines end with a line feed; else one line.</param>
    internal static string Write(JsonNode? node, bool isIndented) => node?.ToJsonString(isIndented ? Indented : Compact).ReplaceLineEndings("\n") ?? "null";
}
