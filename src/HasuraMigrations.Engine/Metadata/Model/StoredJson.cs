using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Metadata.Model;

/// <summary>
/// Reads JSON as a server does: a key given twice counts by its last value. Tables, and what is below the sources beside them,
/// rest on their text, so that what nobody looks at takes little room.
/// </summary>
internal static class StoredJson
{
    // Names of one object are compared with each other; one with more of them is read in the careful way.
    private const int ManyNames = 1 << 12;

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = JsonText.MaximumDepth };

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

        var reader = new Utf8JsonReader(utf8.Span, new JsonReaderOptions { MaxDepth = Reading.MaxDepth });
        reader.Read();
        var outline = new Outline(utf8);
        var root = outline.Read(ref reader, Layer.Document);
        // Refuses what follows.
        reader.Read();
        // The tree shares the document, which keeps its bytes and is left to the collector.
        return outline.MayHaveDuplicates ? Build(JsonDocument.Parse(utf8.ToArray(), Reading).RootElement) : root;
    }

    /// <summary>The same tree, resting on text.</summary>
    internal static JsonObject Compact(JsonObject tree)
    {
        using var text = JsonText.Pooled(tree);
        return OnText(text.WrittenSpan);
    }

    /// <summary>The tree of the text of a map, which it copies.</summary>
    internal static JsonObject OnText(ReadOnlySpan<byte> utf8)
    {
        // Unlike a document that is parsed, it has arrays of its own, and none larger than it needs.
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Reading.MaxDepth });
        return JsonObject.Create(JsonElement.ParseValue(ref reader))!;
    }

    /// <summary>True where two trees have one text. Those that rest on text are not looked at for that, and most of what is compared is equal.</summary>
    internal static bool SameText(JsonObject left, JsonObject right)
    {
        using var a = JsonText.Pooled(left);
        using var b = JsonText.Pooled(right);
        return a.WrittenSpan.SequenceEqual(b.WrittenSpan);
    }

    /// <summary>
    /// True where an object has a key twice, and rarely where two keys only have one hash: <see cref="Build"/> is right for
    /// both. Names are not made to texts, which would be most of the work.
    /// </summary>
    private static bool MayHaveDuplicates(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Reading.MaxDepth });
        // Hashes of the names of every open object, and where those of each begin.
        var hashes = new List<int>();
        var starts = new Stack<int>();
        var mayHave = false;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    starts.Push(hashes.Count);
                    break;
                case JsonTokenType.EndObject:
                    var start = starts.Pop();
                    hashes.RemoveRange(start, hashes.Count - start);
                    break;
                case JsonTokenType.String when reader.ValueIsEscaped:
                    RequireUnicode(reader);
                    break;
                case JsonTokenType.PropertyName:
                    if (reader.ValueIsEscaped)
                    {
                        RequireUnicode(reader);
                    }

                    var hash = NameHash(reader);
                    var others = CollectionsMarshal.AsSpan(hashes)[starts.Peek()..];
                    mayHave |= others.Length >= ManyNames || others.Contains(hash);
                    if (others.Length < ManyNames)
                    {
                        hashes.Add(hash);
                    }

                    break;
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
        const ulong Factor = 0x9E3779B97F4A7C15;
        var name = reader.ValueIsEscaped ? System.Text.Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
        var hash = (ulong)name.Length * Factor;
        for (; name.Length >= sizeof(ulong); name = name[sizeof(ulong)..])
        {
            hash = BitOperations.RotateLeft((hash ^ BinaryPrimitives.ReadUInt64LittleEndian(name)) * Factor, 29);
        }

        foreach (var letter in name)
        {
            hash = (hash ^ letter) * Factor;
        }

        return (int)(hash ^ (hash >> 32));
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

    private sealed class Outline(ReadOnlyMemory<byte> utf8)
    {
        private volatile bool _mayHaveDuplicates;

        /// <summary>True where an object may have a key twice.</summary>
        internal bool MayHaveDuplicates => _mayHaveDuplicates;

        internal JsonNode? Read(ref Utf8JsonReader reader, Layer layer)
        {
            switch (reader.TokenType, layer)
            {
                case (JsonTokenType.StartObject, Layer.Document or Layer.Source):
                    return ReadMap(ref reader, layer);
                case (JsonTokenType.StartArray, Layer.Sources):
                    var sources = new JsonArray();
                    while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    {
                        sources.Add(Read(ref reader, Layer.Source));
                    }

                    return sources;
                case (JsonTokenType.StartArray, Layer.Tables):
                    return ReadTables(ref reader);
                default:
                    return Whole(Next(ref reader));
            }
        }

        private JsonObject ReadMap(ref Utf8JsonReader reader, Layer layer)
        {
            var map = new JsonObject();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                if (reader.ValueIsEscaped)
                {
                    RequireUnicode(reader);
                }

                var key = reader.GetString()!;
                reader.Read();
                _mayHaveDuplicates |= map.ContainsKey(key);
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
        }

        private JsonArray ReadTables(ref Utf8JsonReader reader)
        {
            var parts = new List<Range>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                parts.Add(Next(ref reader));
            }

            var tables = new JsonArray();
            foreach (var table in WorkAhead.Select(parts, WorkAhead.ProcessorsFor(parts.Count), Whole))
            {
                tables.Add(table);
            }

            return tables;
        }

        // Where the value is, which is passed over.
        private static Range Next(ref Utf8JsonReader reader)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            return start..(int)reader.BytesConsumed;
        }

        private JsonNode? Whole(Range part)
        {
            var text = utf8.Span[part];
            if (StoredJson.MayHaveDuplicates(text))
            {
                _mayHaveDuplicates = true;
            }

            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = Reading.MaxDepth });
            return JsonText.Tree(JsonElement.ParseValue(ref reader));
        }
    }

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
                return JsonText.Tree(element);
        }
    }
}
