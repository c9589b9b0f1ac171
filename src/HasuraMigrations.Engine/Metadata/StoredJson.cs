using System.Text.Json;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata;

/// <summary>
/// Reads JSON as a server does: a key given twice counts by its last value, and the tree rests on the text, so that what
/// nobody looks at takes little room.
/// </summary>
internal static class StoredJson
{
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 1000 };

    /// <summary>A tree over the bytes of a text, which it keeps.</summary>
    internal static JsonNode? Parse(ReadOnlyMemory<byte> utf8)
    {
        var mayHaveDuplicates = MayHaveDuplicates(utf8.Span);
        // The tree shares the document, so the document is left to the collector.
        var root = JsonDocument.Parse(utf8, Reading).RootElement;
        return mayHaveDuplicates ? Build(root) : Wrap(root);
    }

    /// <summary>The same tree, resting on text.</summary>
    internal static JsonObject Compact(JsonObject tree)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = MetadataJson.Compact.Encoder, SkipValidation = true, MaxDepth = Reading.MaxDepth }))
        {
            tree.WriteTo(writer, MetadataJson.Compact);
        }

        // Unlike a document that is parsed, it has arrays of its own, and none larger than it needs.
        var reader = new Utf8JsonReader(bytes.WrittenSpan, new JsonReaderOptions { MaxDepth = Reading.MaxDepth });
        return JsonObject.Create(JsonElement.ParseValue(ref reader))!;
    }

    /// <summary>A tree of a text.</summary>
    internal static JsonNode? Parse(string text) => Parse(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>
    /// True where an object has a key twice, and rarely where two keys only have one hash: <see cref="Build"/> is right for
    /// both. Names are not made to texts, which would be most of the work.
    /// </summary>
    private static bool MayHaveDuplicates(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Reading.MaxDepth });
        var names = new List<HashSet<int>>();
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                while (names.Count <= reader.CurrentDepth)
                {
                    names.Add([]);
                }

                names[reader.CurrentDepth].Clear();
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && !names[reader.CurrentDepth - 1].Add(NameHash(reader)))
            {
                return true;
            }
        }

        return false;
    }

    private static int NameHash(in Utf8JsonReader reader)
    {
        var hash = new HashCode();
        hash.AddBytes(reader.ValueIsEscaped ? System.Text.Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan);
        return hash.ToHashCode();
    }

    private static JsonNode? Wrap(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(element),
        JsonValueKind.Array => JsonArray.Create(element),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(element),
    };

    private static JsonNode? Build(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var map = new JsonObject();
                foreach (var property in element.EnumerateObject())
                {
                    map[property.Name] = Build(property.Value);
                }

                return map;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(Build)]);
            default:
                return Wrap(element);
        }
    }
}
