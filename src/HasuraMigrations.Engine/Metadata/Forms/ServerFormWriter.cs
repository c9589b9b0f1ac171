using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Metadata.Forms;

/// <summary>
/// Writes a document of version 3 as a server stores it: in the order and with the defaults of an export, so that an export
/// without a server is the same as one with it. Tables are brought to that form one after another.
/// </summary>
internal sealed class ServerFormWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = 1000 };

    private readonly Utf8JsonWriter _writer;
    private readonly MetadataDocument _document;

    private ServerFormWriter(Utf8JsonWriter writer, MetadataDocument document)
    {
        _writer = writer;
        _document = document;
    }

    /// <summary>The bytes of a document.</summary>
    /// <param name="document">The document; it is not changed.</param>
    /// <param name="moreCronTriggers">Cron triggers that exports leave out.</param>
    /// <param name="sizeHint">About how many bytes it will be.</param>
    internal static MemoryStream Write(MetadataDocument document, IReadOnlyList<JsonObject> moreCronTriggers, int sizeHint)
    {
        var bytes = new MemoryStream(sizeHint);
        using var writer = new Utf8JsonWriter(bytes, Options);
        new ServerFormWriter(writer, SourceNames.Complete(document)).Write(moreCronTriggers);
        writer.Flush();
        bytes.Position = 0;
        return bytes;
    }

    private void Write(IReadOnlyList<JsonObject> moreCronTriggers)
    {
        var root = MetadataRewriter.ToServerForm(WithoutTables()).Root;
        if (moreCronTriggers.Count > 0)
        {
            root["cron_triggers"] = new JsonArray([.. root["cron_triggers"].AsObjects().Concat(moreCronTriggers).Select(t => t.DeepClone())]);
        }

        _writer.WriteStartObject();
        foreach (var (key, value) in root)
        {
            _writer.WritePropertyName(key);
            if (key == "sources" && value is JsonArray sources)
            {
                WriteSources(sources);
            }
            else
            {
                Write(value);
            }
        }

        _writer.WriteEndObject();
    }

    // Everything but the tables, which are what makes a document large; each source keeps its number in their place.
    private MetadataDocument WithoutTables()
    {
        var sources = new JsonArray();
        foreach (var (source, number) in (_document.Root["sources"] as JsonArray ?? []).Select((s, i) => (s, i)))
        {
            sources.Add(source is JsonObject map && map["tables"] is JsonArray
                ? new JsonObject(map.Select(m => new KeyValuePair<string, JsonNode?>(m.Key, m.Key == "tables" ? JsonValue.Create(number) : m.Value?.DeepClone())))
                : source?.DeepClone());
        }

        return new MetadataDocument(new JsonObject(_document.Root.Select(m => new KeyValuePair<string, JsonNode?>(m.Key, m.Key == "sources" ? sources : m.Value?.DeepClone()))));
    }

    private void WriteSources(JsonArray sources)
    {
        _writer.WriteStartArray();
        foreach (var source in sources)
        {
            if (source is not JsonObject map)
            {
                Write(source);
                continue;
            }

            _writer.WriteStartObject();
            foreach (var (key, value) in map)
            {
                _writer.WritePropertyName(key);
                if (key == "tables" && value is JsonValue number)
                {
                    WriteTables(_document.Root["sources"]![number.GetValue<int>()]!["tables"]!.AsArray(), map["kind"].AsText());
                }
                else
                {
                    Write(value);
                }
            }

            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
    }

    private void WriteTables(JsonArray tables, string? kind)
    {
        var shape = (ListShape)SourceShapes.Source.Find("tables")!.Shape;
        _writer.WriteStartArray();
        // A copy of each: the document may rest on text.
        foreach (var table in tables.OrderBy(t => EntryKey.Of(t, shape)))
        {
            Write(table is JsonObject map ? MetadataRewriter.ToServerForm(map.DeepClone(), TableShapes.Table, kind) : table);
            GarbageBound.Keep();
        }

        _writer.WriteEndArray();
    }

    private void Write(JsonNode? node)
    {
        if (node is null)
        {
            _writer.WriteNullValue();
        }
        else
        {
            node.WriteTo(_writer, JsonText.Compact);
        }

        // Bytes that are written out do not pile up a second time in the writer.
        _writer.Flush();
    }
}
