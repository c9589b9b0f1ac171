using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Model;

/// <summary>
/// Reads the parts of a stored document that tell what replacing it changes outside of the catalog: names of sources and
/// remote schemas, event triggers, cron triggers. The rest, which may be large, is passed over.
/// </summary>
internal static class StoredSideEffectIndex
{
    private static readonly HashSet<string> OfRoot = ["version", "sources", "remote_schemas", "cron_triggers"];
    private static readonly HashSet<string> OfSource = ["name", "tables"];
    private static readonly HashSet<string> OfTable = ["table", "event_triggers"];

    private delegate JsonNode? ReadValue(ref Utf8JsonReader reader);

    /// <summary>The outline of a document; null where the text is no object.</summary>
    internal static JsonNode? Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 1000 });
        reader.Read();
        return Root(ref reader);
    }

    private static JsonNode? Root(ref Utf8JsonReader reader) => Some(ref reader, OfRoot, "sources", Sources);

    private static JsonNode? Sources(ref Utf8JsonReader reader) => List(ref reader, Source);

    private static JsonNode? Source(ref Utf8JsonReader reader) => Some(ref reader, OfSource, "tables", Tables);

    private static JsonNode? Tables(ref Utf8JsonReader reader) => List(ref reader, Table);

    private static JsonNode? Table(ref Utf8JsonReader reader)
    {
        var table = Some(ref reader, OfTable, "", Whole);
        return table.Get("event_triggers") is null ? null : table;
    }

    private static JsonNode? Whole(ref Utf8JsonReader reader) => JsonNode.Parse(ref reader);

    // Of a key given twice the last value counts, as for a server.
    private static JsonNode? Some(ref Utf8JsonReader reader, HashSet<string> wanted, string deeper, ReadValue read)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        var map = new JsonObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (key == deeper)
            {
                map[key] = read(ref reader);
            }
            else if (wanted.Contains(key))
            {
                map[key] = Whole(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return map;
    }

    private static JsonNode? List(ref Utf8JsonReader reader, ReadValue read)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return null;
        }

        var list = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (read(ref reader) is { } entry)
            {
                list.Add(entry);
            }
        }

        return list;
    }
}
