using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Json;

/// <summary>Writes trees as JSON text: keys keep their order, numbers their text, and characters beyond ASCII stand unescaped.</summary>
internal static class JsonText
{
    /// <summary>Deeper trees are neither read nor written.</summary>
    internal const int MaximumDepth = 1000;

    internal static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaximumDepth };
    private static readonly JsonSerializerOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true, MaxDepth = MaximumDepth };

    // About that of one table.
    private const int PooledSize = 1 << 12;

    // Hundreds of thousands of parts of a document are written, one after another.
    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>A tree as JSON; <c>null</c> for JSON null.</summary>
    /// <param name="node">The tree.</param>
    /// <param name="isIndented">Two blanks a level, lines end with a line feed; else one line.</param>
    internal static string Write(JsonNode? node, bool isIndented) => node?.ToJsonString(isIndented ? Indented : Compact).ReplaceLineEndings("\n") ?? "null";

    /// <summary>A tree as one line of UTF-8, in an array of the pool; <c>null</c> for JSON null. One that rests on text is not looked at for that.</summary>
    internal static PooledText Pooled(JsonNode? node)
    {
        var text = new PooledText(PooledSize);
        var writer = _writer ??= new Utf8JsonWriter(text, new JsonWriterOptions { Encoder = Compact.Encoder, SkipValidation = true, MaxDepth = MaximumDepth });
        writer.Reset(text);
        if (node is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            node.WriteTo(writer, Compact);
        }

        writer.Flush();
        return text;
    }

    /// <summary>A tree that rests on the text of an element; null for JSON null.</summary>
    internal static JsonNode? Tree(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(element),
        JsonValueKind.Array => JsonArray.Create(element),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(element),
    };
}
