using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>
/// JSON as a catalogue holds it, to trees and back: keys keep their order and numbers their text. A key given twice counts
/// by its last value, as for a server.
/// </summary>
internal static class MetadataJson
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = 1000 };
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 1000 };
    private static readonly JsonSerializerOptions Text = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 };

    /// <summary>A tree over the bytes of a text, which it keeps.</summary>
    internal static JsonNode? Parse(ReadOnlyMemory<byte> utf8)
    {
        var mayHaveDuplicates = MayHaveDuplicates(utf8.Span);
        // The tree shares the document, so the document is left to the collector.
        var root = JsonDocument.Parse(utf8, Reading).RootElement;
        return mayHaveDuplicates ? Build(root) : Wrap(root);
    }

    /// <summary>A tree of a text.</summary>
    internal static JsonNode? Parse(string text) => Parse(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>The text of a value; <c>null</c> for null.</summary>
    internal static string ToText(JsonNode? node) => node is null ? "null" : node.ToJsonString(Text);

    /// <summary>A document with more cron triggers than it shows, without a copy of its tree.</summary>
    internal static MemoryStream Write(JsonObject root, IReadOnlyList<JsonObject> moreCronTriggers, int sizeHint)
    {
        var bytes = new MemoryStream(sizeHint);
        using var writer = new Utf8JsonWriter(bytes, Writing);
        writer.WriteStartObject();
        foreach (var (key, value) in root.Where(p => p.Key != "cron_triggers" || moreCronTriggers.Count == 0))
        {
            writer.WritePropertyName(key);
            Write(writer, value);
        }

        if (moreCronTriggers.Count > 0)
        {
            writer.WritePropertyName("cron_triggers");
            writer.WriteStartArray();
            foreach (var trigger in (root["cron_triggers"] as JsonArray ?? []).Concat(moreCronTriggers))
            {
                Write(writer, trigger);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.Flush();
        bytes.Position = 0;
        return bytes;
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        if (node is null)
        {
            writer.WriteNullValue();
            return;
        }

        node.WriteTo(writer, Text);
        // Bytes that are written out do not pile up a second time in the writer.
        writer.Flush();
    }

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
