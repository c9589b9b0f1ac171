using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Forms;

/// <summary>
/// Writes the short names of tables and functions of sources other than PostgreSQL in their long form, which depends on the kind of the
/// source: whoever reads a name further on takes a name without a schema for one of PostgreSQL.
/// </summary>
internal sealed class SourceNames
{
    private const string Postgres = "postgres";
    private const string SqlServer = "mssql";

    private readonly MetadataPositions _from;
    private readonly MetadataPositions _to = new();
    private readonly Dictionary<string, string> _kinds = new(StringComparer.Ordinal);
    private string _kind = Postgres;

    private SourceNames(MetadataDocument document)
    {
        _from = document.Positions;
        foreach (var source in document.Sources)
        {
            _kinds[source["name"].AsText() ?? ""] = KindOf(source);
        }
    }

    /// <summary>The document itself where all of its sources are PostgreSQL, else a copy with such names, its nodes in their order and with their places.</summary>
    internal static MetadataDocument Complete(MetadataDocument document)
    {
        if (document.Version < 3 || document.Sources.All(s => SourceKinds.IsPostgres(KindOf(s))))
        {
            return document;
        }

        var names = new SourceNames(document);
        return new MetadataDocument(names.Write(document.Root, DocumentShapes.Version3)!.AsObject(), names._to);
    }

    private static string KindOf(JsonObject source) => source["kind"].AsText() ?? Postgres;

    private JsonNode? Write(JsonNode? node, Shape shape)
    {
        var written = (shape, node) switch
        {
            (_, null) => null,
            (ChoiceShape choice, _) => Write(node, choice.For(node)),
            (ObjectShape known, JsonObject map) => WriteObject(map, known),
            (ListShape known, JsonArray list) => WriteList(list, known.Element),
            (MapShape known, JsonObject map) => WriteMap(map, _ => known.Value),
            (ExpressionShape, JsonObject map) => WriteMap(map, OfOperator),
            (QualifiedNameShape, _) => WriteName(node),
            (_, JsonObject map) => WriteMap(map, _ => Shape.Any),
            (_, JsonArray list) => WriteList(list, Shape.Any),
            _ => node.DeepClone(),
        };
        if (written is not null && _from.Of(node) is { } position)
        {
            _to.Set(written, position);
        }

        return written;
    }

    private JsonObject WriteObject(JsonObject map, ObjectShape shape)
    {
        var around = _kind;
        _kind = ReferenceEquals(shape, SourceShapes.Source) ? KindOf(map)
            : ReferenceEquals(shape, TableShapes.ToSource) || ReferenceEquals(shape, DocumentShapes.TypeRelationship) ? _kinds.GetValueOrDefault(map["source"].AsText() ?? MetadataDocument.DefaultSource, Postgres)
            : around;
        var written = WriteMap(map, key => shape.Find(key)?.Shape ?? Shape.Any);
        _kind = around;
        return written;
    }

    private JsonObject WriteMap(JsonObject map, Func<string, Shape> shapeOf)
    {
        var written = new JsonObject();
        foreach (var (key, value) in map)
        {
            written[key] = Write(value, shapeOf(key));
        }

        return written;
    }

    private JsonArray WriteList(JsonArray list, Shape element)
    {
        var written = new JsonArray([.. list.Select(e => Write(e, element))]);
        if (_from.LinesOf(list) is { } lines)
        {
            _to.SetItems(written, lines);
        }

        return written;
    }

    private static Shape OfOperator(string key) => BooleanOperators.Modern(key) switch
    {
        "_and" or "_or" => BooleanOperators.List,
        "_not" => Shape.Expression,
        "_exists" => BooleanOperators.Exists,
        _ => Shape.Any,
    };

    private JsonNode? WriteName(JsonNode name)
    {
        if (name.AsText() is { } text)
        {
            return SourceKinds.HasListsForNames(_kind) ? new JsonArray(text)
                : _kind == SqlServer ? new JsonObject { ["name"] = text, ["schema"] = SourceKinds.DefaultSchema(_kind) }
                : name.DeepClone();
        }

        var written = Write(name, Shape.Any);
        if (_kind == SqlServer && written is JsonObject map && map["name"] is not null)
        {
            map["schema"] ??= SourceKinds.DefaultSchema(_kind);
        }

        return written;
    }
}
