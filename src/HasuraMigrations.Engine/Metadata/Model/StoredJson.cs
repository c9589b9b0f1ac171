using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Model;

/// <summary>
/// Reads JSON as a server does: a key given twice counts by its last value. Tables, and what is below the sources beside them,
/// rest on their text, so that what nobody looks at takes little room.
/// </summary>
internal static class StoredJson
{
    // About that of one table.
    private const int TextSize = 1 << 12;

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 1000 };

    /// <summary>A tree of what a catalog of Hasura holds.</summary>
    /// <param name="parse">Reads it. Half of a surrogate pair in a key is an InvalidOperationException of the reader.</param>
    /// <exception cref="HasuraMigrationException">MetadataStoreUnsupported: it is not JSON that can be read.</exception>
    internal static JsonNode? Stored(Func<JsonNode?> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new HasuraMigrationException("MetadataStoreUnsupported", $"The stored metadata cannot be read: {e.Message.TrimEnd('.')}.", innerException: e);
        }
    }

    /// <summary>A tree of the bytes of a text, which it does not keep.</summary>
    /// <exception cref="JsonException">It is not JSON, or has text that is not Unicode.</exception>
    internal static JsonNode? Parse(ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span))
        {
            throw new JsonException("The text is not UTF-8.");
        }

        if (MayHaveDuplicates(utf8.Span))
        {
            // The tree shares the document, which keeps its bytes and is left to the collector.
            return Build(JsonDocument.Parse(utf8.ToArray(), Reading).RootElement);
        }

        var reader = new Utf8JsonReader(utf8.Span, new JsonReaderOptions { MaxDepth = Reading.MaxDepth });
        reader.Read();
        var root = Read(ref reader, Layer.Document);
        // Refuses what follows.
        reader.Read();
        return root;
    }

    /// <summary>The same tree, resting on text.</summary>
    internal static JsonObject Compact(JsonObject tree)
    {
        var bytes = new ArrayBufferWriter<byte>(TextSize);
        Write(tree, bytes);
        // Unlike a document that is parsed, it has arrays of its own, and none larger than it needs.
        var reader = new Utf8JsonReader(bytes.WrittenSpan, new JsonReaderOptions { MaxDepth = Reading.MaxDepth });
        return JsonObject.Create(JsonElement.ParseValue(ref reader))!;
    }

    /// <summary>True where two trees have one text. Those that rest on text are not looked at for that, and most of what is compared is equal.</summary>
    internal static bool SameText(JsonObject left, JsonObject right)
    {
        var (a, b) = (new ArrayBufferWriter<byte>(TextSize), new ArrayBufferWriter<byte>(TextSize));
        Write(left, a);
        Write(right, b);
        return a.WrittenSpan.SequenceEqual(b.WrittenSpan);
    }

    private static void Write(JsonObject tree, ArrayBufferWriter<byte> to)
    {
        using var writer = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = JsonText.Compact.Encoder, SkipValidation = true, MaxDepth = Reading.MaxDepth });
        tree.WriteTo(writer, JsonText.Compact);
    }

    /// <summary>
    /// True where an object has a key twice, and rarely where two keys only have one hash: <see cref="Build"/> is right for
    /// both. Names are not made to texts, which would be most of the work.
    /// </summary>
    private static bool MayHaveDuplicates(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Reading.MaxDepth });
        var names = new List<HashSet<int>>();
        var mayHave = false;
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                RequireUnicode(reader);
            }

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
                mayHave = true;
            }
        }

        return mayHave;
    }

    // An escaped half of a surrogate pair would be found only when the text is looked at, as another error.
    private static void RequireUnicode(in Utf8JsonReader reader)
    {
        try
        {
            _ = reader.GetString();
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("A text contains an unpaired surrogate.", e);
        }
    }

    private static int NameHash(in Utf8JsonReader reader)
    {
        var hash = new HashCode();
        hash.AddBytes(reader.ValueIsEscaped ? System.Text.Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan);
        return hash.ToHashCode();
    }

    // What holds tables is made at once; the rest has arrays of its own, none larger than it needs, unlike one document for all.
    private enum Layer
    {
        Document,
        Sources,
        Source,
        Tables,
        Rest,
    }

    private static JsonNode? Read(ref Utf8JsonReader reader, Layer layer)
    {
        switch (reader.TokenType, layer)
        {
            case (JsonTokenType.StartObject, Layer.Document or Layer.Source):
                var map = new JsonObject();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var key = reader.GetString()!;
                    reader.Read();
                    map[key] = Read(ref reader, (layer, key) switch
                    {
                        (_, "tables") => Layer.Tables,
                        (Layer.Document, "sources") => Layer.Sources,
                        // The answer of a server of version 2 has the document beside its resource version.
                        (Layer.Document, "metadata") => Layer.Document,
                        _ => Layer.Rest,
                    });
                }

                return map;
            case (JsonTokenType.StartArray, Layer.Sources or Layer.Tables):
                var list = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Add(Read(ref reader, layer == Layer.Sources ? Layer.Source : Layer.Rest));
                }

                return list;
            default:
                return Wrap(JsonElement.ParseValue(ref reader));
        }
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
