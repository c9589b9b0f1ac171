using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>
/// The YAML of a whole document in pieces, one for each table and each other key: what is compared as text need not be held
/// as text. All is in the form and order that every document of the same meaning has.
/// </summary>
internal sealed class YamlPieces
{
    private const string SourceIndent = "    ";
    private const string TableIndent = "      ";

    private readonly List<(string Hash, int Lines, Func<string> Text)> _pieces = [];
    private readonly MetadataDocument _document;

    internal YamlPieces(MetadataDocument document)
    {
        _document = document = SourceNames.Complete(document);
        var shape = DocumentShapes.Of(document.Version);
        foreach (var (key, value) in MetadataSection.Ordered(Stable(Shell(document.Root), shape), MetadataSection.SingleFileOrder))
        {
            if (key == "sources" && value is JsonArray { Count: > 0 } sources)
            {
                Add(() => "sources:\n");
                AddSources(sources);
            }
            else if (key == "tables" && value is JsonArray { Count: > 0 })
            {
                Add(() => "tables:\n");
                AddTables(_document.Root["tables"]!.AsArray(), "  ", kind: null);
            }
            else
            {
                Add(() => Text(key, value));
            }
        }
    }

    /// <summary>A hash of each piece; equal pieces have equal ones.</summary>
    internal IReadOnlyList<string> Hashes => [.. _pieces.Select(p => p.Hash)];

    /// <summary>How many lines a piece has.</summary>
    internal int LinesOf(int piece) => _pieces[piece].Lines;

    /// <summary>The text of pieces that follow each other.</summary>
    internal string TextOf(int first, int count) => string.Concat(_pieces.Skip(first).Take(count).Select(p => p.Text()));

    private void AddSources(JsonArray sources)
    {
        foreach (var source in sources)
        {
            var isFirst = true;
            foreach (var (key, value) in source as JsonObject ?? [])
            {
                // The dash stands before the first key of a source.
                var (lead, isTables) = (isFirst ? "  - " : SourceIndent, key == "tables" && value is JsonArray { Count: > 0 });
                isFirst = false;
                Add(() => lead + (isTables ? "tables:\n" : Indented(Text(key, value), SourceIndent)[SourceIndent.Length..]));
                if (isTables)
                {
                    AddTables(value![0]!.GetValue<int>() is var number ? _document.Root["sources"]![number]!["tables"]!.AsArray() : [], TableIndent, source!["kind"].AsText());
                }
            }
        }
    }

    private void AddTables(JsonArray tables, string indent, string? kind)
    {
        var list = (ListShape)SourceShapes.Source.Find("tables")!.Shape;
        foreach (var table in tables.OrderBy(t => EntryKey.Of(t is JsonObject map ? _document.LookAt(map) : t, list)))
        {
            Add(() => Indented(YamlWriter.Write(new JsonArray(Stable(table is JsonObject map ? _document.LookAt(map) : table, TableShapes.Table, kind)), MetadataFileStyle.Cli25), indent));
        }
    }

    // Tables are left out: each source keeps its number in their place.
    private static JsonObject Shell(JsonObject root)
    {
        var shell = new JsonObject();
        foreach (var (key, value) in root)
        {
            shell[key] = (key, value) switch
            {
                ("tables", JsonArray { Count: > 0 }) => new JsonArray(new JsonObject { ["table"] = "" }),
                ("sources", JsonArray sources) => new JsonArray([.. sources.Select((s, i) => s is JsonObject source
                    ? new JsonObject(source.Select(m => new KeyValuePair<string, JsonNode?>(m.Key, m is { Key: "tables", Value: JsonArray { Count: > 0 } } ? new JsonArray(JsonValue.Create(i)) : m.Value?.DeepClone())))
                    : s?.DeepClone())]),
                _ => value?.DeepClone(),
            };
        }

        return shell;
    }

    private JsonObject Stable(JsonObject map, ObjectShape shape) => (JsonObject)Stable((JsonNode)map, shape)!;

    private JsonNode? Stable(JsonNode? node, Shape shape, string? kind = null) => MetadataRewriter.Stable(node, shape, _document.Version, kind);

    private static string Text(string key, JsonNode? value) => YamlWriter.Write(new JsonObject { [key] = value?.DeepClone() }, MetadataFileStyle.Cli25);

    // Lines of block text that are empty stay so, as the CLI writes them.
    private static string Indented(string text, string indent)
    {
        var lines = text.Split('\n');
        var indented = new StringBuilder(text.Length + (lines.Length * indent.Length));
        foreach (var line in lines.AsSpan(0, lines.Length - 1))
        {
            indented.Append(line.Length == 0 ? "" : indent).Append(line).Append('\n');
        }

        return indented.ToString();
    }

    private void Add(Func<string> text)
    {
        var written = text();
        _pieces.Add((Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(written)).AsSpan(0, 16)), written.AsSpan().Count('\n'), text));
    }
}
