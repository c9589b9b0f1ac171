using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>Reads JSON to a tree whose nodes know their places; a key given twice, a trailing comma and deep nesting are refused.</summary>
internal static class JsonTreeReader
{
    /// <summary>The tree; null for JSON null.</summary>
    /// <exception cref="HasuraMigrationException">MetadataFileInvalid.</exception>
    internal static JsonNode? Read(string text, string file, MetadataPositions positions)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var lines = new Lines(bytes, file);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = YamlLimits.MaximumDepth });
        try
        {
            reader.Read();
            var root = Node(ref reader, lines, positions);
            reader.Read();
            return root;
        }
        catch (JsonException e)
        {
            throw lines.Invalid((int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1, Rephrase(e.Message), e);
        }
    }

    // The reader ends its words with the place, counted from 0, and advises programmers.
    private static string Rephrase(string message) =>
        message.Split(" LineNumber: ")[0].Replace(" which is not supported in this mode. Change the reader options.", ", which JSON does not allow.", StringComparison.Ordinal);

    private static JsonNode? Node(ref Utf8JsonReader reader, Lines lines, MetadataPositions positions, bool isItem = false)
    {
        var place = lines.At((int)reader.TokenStartIndex);
        JsonNode? node = reader.TokenType switch
        {
            JsonTokenType.StartObject => Map(ref reader, lines, positions),
            JsonTokenType.StartArray => List(ref reader, lines, positions),
            JsonTokenType.String => JsonValue.Create(positions.Texts.Share(Text(ref reader, place, lines))),
            JsonTokenType.True => JsonValue.Create(true),
            JsonTokenType.False => JsonValue.Create(false),
            JsonTokenType.Number => JsonNumbers.Read(ref reader),
            _ => null,
        };
        if (node is JsonObject or JsonArray || (node is not null && !isItem))
        {
            positions.Set(node, place);
        }

        return node;
    }

    private static JsonObject Map(ref Utf8JsonReader reader, Lines lines, MetadataPositions positions)
    {
        var map = new JsonObject();
        var keyLines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var place = lines.At((int)reader.TokenStartIndex);
            var key = positions.Texts.Share(Text(ref reader, place, lines));
            if (!keyLines.TryAdd(key, place.Line))
            {
                throw lines.Invalid(place.Line, place.Column, $"The key '{key}' is given twice: on line {keyLines[key]} and on line {place.Line}.");
            }

            reader.Read();
            map.Add(key, Node(ref reader, lines, positions));
        }

        return map;
    }

    private static JsonArray List(ref Utf8JsonReader reader, Lines lines, MetadataPositions positions)
    {
        var list = new JsonArray();
        var itemLines = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            itemLines.Add(lines.At((int)reader.TokenStartIndex).Line);
            list.Add(Node(ref reader, lines, positions, isItem: true));
        }

        if (list.Any(n => n is JsonValue))
        {
            positions.SetItems(list, [.. itemLines]);
        }

        return list;
    }

    private static string Text(ref Utf8JsonReader reader, SourcePosition place, Lines lines)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw lines.Invalid(place.Line, place.Column, "The text contains an unpaired surrogate.", e);
        }
    }

    private sealed class Lines(byte[] bytes, string file)
    {
        private int _offset;
        private int _line = 1;
        private int _start;

        // Tokens come in order, so the walk goes on where it was.
        internal SourcePosition At(int offset)
        {
            for (; _offset < offset; _offset++)
            {
                if (bytes[_offset] == '\n')
                {
                    _line++;
                    _start = _offset + 1;
                }
            }

            return new SourcePosition(file, _line, Math.Max(1, offset - _start + 1));
        }

        internal HasuraMigrationException Invalid(int line, int column, string message, Exception? cause = null) =>
            new("MetadataFileInvalid", $"Invalid JSON in {file}, line {line}, column {column}: {message}", file, cause)
            {
                File = file,
                Line = line,
                Column = column,
            };
    }
}
