using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>
/// Reads YAML to an ordered tree, within limits: numbers keep their text, aliases and merge keys are expanded. A key given twice is
/// refused, except where both values are the same.
/// </summary>
internal sealed class YamlReader
{
    private const string CorePrefix = "tag:yaml.org,2002:";
    private const string MergeKey = "<<";

    private readonly string _text;
    private readonly string _file;
    private readonly MetadataPositions _positions;
    private readonly ICollection<YamlInclude>? _includes;
    private readonly Dictionary<JsonNode, SourcePosition>? _keys;
    private readonly IParser _parser;
    private readonly YamlAnchors _anchors;
    // Lines of the keys of every open map, those of the innermost last.
    private readonly List<int> _keyLines = [];
    private int _depth;
    private bool _isItem;

    private YamlReader(string text, string file, MetadataPositions positions, ICollection<YamlInclude>? includes, Dictionary<JsonNode, SourcePosition>? keys)
    {
        _text = text;
        _file = file;
        _positions = positions;
        _includes = includes;
        _keys = keys;
        _anchors = new YamlAnchors(positions, includes);
        _parser = (IParser?)PlainYamlParser.Of(text) ?? new Parser(new StringReader(text));
    }

    /// <summary>The first document of a text; null for none and for null.</summary>
    /// <param name="text">YAML text without a byte order mark.</param>
    /// <param name="file">Full path, for positions and errors.</param>
    /// <param name="positions">Gets the place of every node.</param>
    /// <param name="includes">Gets the places that name other files; null where text such as <c>!include x</c> is only text.</param>
    /// <param name="passOver">Told where a second document begins, which is not read, as Hasura's CLI does not.</param>
    /// <param name="errorId">Id of the error for text that is not valid YAML or beyond the limits.</param>
    /// <exception cref="HasuraMigrationException">The error with that id.</exception>
    internal static JsonNode? Read(string text, string file, MetadataPositions positions, ICollection<YamlInclude>? includes = null, Action<SourcePosition>? passOver = null, string errorId = "MetadataFileInvalid") =>
        Read(text, errorId, file, t => new YamlReader(t, file, positions, includes, keys: null).ReadDocument(passOver), includes);

    /// <summary>The first document of a text whose scalars are all text, as they stand there; null for none.</summary>
    /// <param name="text">YAML text without a byte order mark.</param>
    /// <param name="file">Full path, for positions and errors.</param>
    /// <param name="positions">Gets the place of every node.</param>
    /// <param name="keys">Gets the place of the key of every member, by the member's value.</param>
    /// <param name="errorId">Id of the error for text that is not valid YAML or beyond the limits.</param>
    /// <exception cref="HasuraMigrationException">The error with that id.</exception>
    internal static JsonNode? ReadTexts(string text, string file, MetadataPositions positions, Dictionary<JsonNode, SourcePosition> keys, string errorId) =>
        Read(text, errorId, file, t => new YamlReader(t, file, positions, includes: null, keys).ReadDocument(passOver: null), includes: null);

    private static JsonNode? Read(string text, string errorId, string file, Func<string, JsonNode?> read, ICollection<YamlInclude>? includes)
    {
        try
        {
            YamlMistakes.RefuseEarlyEnd(text);
            return read(text);
        }
        catch (YamlException e)
        {
            if (YamlIndentation.Repair(text, e) is { } repaired)
            {
                includes?.Clear();
                return Read(repaired, errorId, file, read, includes);
            }

            throw YamlMistakes.Explain(text, file, errorId, e);
        }
        // What the library says of a text with content behind the end of a document that holds nothing.
        catch (InvalidOperationException e)
        {
            throw YamlMistakes.Explain(text, file, errorId, new YamlException(e.Message));
        }
    }

    private JsonNode? ReadDocument(Action<SourcePosition>? passOver)
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        var root = ReadNode();
        _parser.Consume<DocumentEnd>();
        if (_parser.Current is DocumentStart next)
        {
            passOver?.Invoke(Position(next));
        }

        return root;
    }

    private JsonNode? ReadNode()
    {
        var current = _parser.Current!;
        switch (current)
        {
            case AnchorAlias alias:
                _parser.MoveNext();
                return _anchors.Copy(_anchors.Target(alias), alias, _depth);
            case Scalar scalar:
                _parser.MoveNext();
                return _anchors.Remember(scalar, ReadScalar(scalar));
            case SequenceStart start:
                return _anchors.Remember(start, ReadList(start));
            case MappingStart start:
                return _anchors.Remember(start, ReadMap(start));
            default:
                throw YamlMistakes.Refuse(current, "Unexpected end of the text.");
        }
    }

    private JsonArray ReadList(SequenceStart start)
    {
        Enter(start);
        var list = new JsonArray();
        _positions.Set(list, Position(start));
        List<int>? lines = null;
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            // Whole lists of names are common; their values have a line each and no more.
            var isName = _parser.Current is Scalar { Tag.IsEmpty: true, Anchor.IsEmpty: true };
            if (isName)
            {
                var scalar = (Scalar)_parser.Current!;
                lines ??= [.. Enumerable.Repeat(0, list.Count)];
                lines.Add((int)scalar.Start.Line);
                _parser.MoveNext();
                _isItem = true;
                list.Add(ReadScalar(scalar));
                _isItem = false;
            }
            else
            {
                lines?.Add(0);
                list.Add(ReadNode());
            }
        }

        if (lines is not null)
        {
            _positions.SetItems(list, [.. lines]);
        }

        _depth--;
        return list;
    }

    private JsonObject ReadMap(MappingStart start)
    {
        Enter(start);
        var map = new JsonObject();
        _positions.Set(map, Position(start));
        var firstLine = _keyLines.Count;
        HashSet<string>? merged = null;
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var (key, place, isMerge) = ReadKey();
            var includes = _includes?.Count ?? 0;
            var value = ReadNode();
            if (value is not null)
            {
                _keys?.TryAdd(value, Position(place));
            }

            if (isMerge && MergeSources(value) is { } sources)
            {
                merged = Merge(map, sources, (int)place.Line, merged ?? new HashSet<string>(StringComparer.Ordinal));
            }
            else if (!map.ContainsKey(key))
            {
                map.Add(key, value);
                _keyLines.Add((int)place.Line);
            }
            else if (merged?.Remove(key) == true)
            {
                map[key] = value;
            }
            else if (map[key].SameAs(value))
            {
                // As in Hasura's CLI, which takes a key given twice where both say the same.
                if (_includes is not null)
                {
                    YamlInclude.RemoveFrom(_includes, includes);
                }
            }
            else
            {
                var first = _keyLines[firstLine + map.TakeWhile(p => p.Key != key).Count()];
                throw new YamlException(place, place, $"The key '{key}' is given twice: on line {first} and on line {place.Line}.");
            }
        }

        _keyLines.RemoveRange(firstLine, _keyLines.Count - firstLine);
        _depth--;
        return map;
    }

    private (string Key, Mark Place, bool IsMerge) ReadKey()
    {
        var current = _parser.Current!;
        if (ReadKeyScalar(current) is not { } key)
        {
            throw YamlMistakes.Refuse(current, "A key must be text. Quote a value that begins with { or [.");
        }

        _parser.MoveNext();
        return (_positions.Texts.Share(key.Value), current.Start, key is { Value: MergeKey, Style: ScalarStyle.Plain });
    }

    private Scalar? ReadKeyScalar(ParsingEvent current)
    {
        switch (current)
        {
            case Scalar scalar:
                _anchors.Remember(scalar, JsonValue.Create(scalar.Value));
                return scalar;
            case AnchorAlias alias when _anchors.Target(alias) is JsonValue value:
                return new Scalar(value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString());
            default:
                return null;
        }
    }

    private static IEnumerable<JsonObject>? MergeSources(JsonNode? value) => value switch
    {
        JsonObject map => [map],
        JsonArray { Count: > 0 } list when list.All(n => n is JsonObject) => list.Select(n => n!.AsObject()),
        _ => null,
    };

    // The first map that has a key wins among several, and a key of the map itself wins over all, wherever it stands.
    private HashSet<string> Merge(JsonObject map, IEnumerable<JsonObject> sources, int line, HashSet<string> merged)
    {
        foreach (var (key, value) in sources.SelectMany(s => s).ToList())
        {
            if (!map.ContainsKey(key))
            {
                map.Add(key, _anchors.Copy(value, _parser.Current!, _depth));
                _keyLines.Add(line);
                merged.Add(key);
            }
        }

        return merged;
    }

    private JsonNode? ReadScalar(Scalar scalar)
    {
        var text = _positions.Texts.Share(scalar.Value);
        var tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        if (tag == YamlInclude.Tag && _includes is not null)
        {
            return Include(scalar, text);
        }

        var isPlain = scalar.Style == ScalarStyle.Plain && tag is not ("!" or CorePrefix + "str" or CorePrefix + "merge");
        RequireKnownTag(scalar);
        if (isPlain && _keys is null)
        {
            return ReadPlain(scalar, text);
        }

        return _includes is not null && YamlInclude.IsText(scalar, _text)
            // Hasura's CLI takes the path out of quotes within the text.
            ? Include(scalar, text[YamlInclude.Prefix.Length..].Trim('"'))
            : Placed(scalar, JsonValue.Create(text));
    }

    private JsonNode? ReadPlain(Scalar scalar, string text) => PlainScalars.Resolve(text) switch
    {
        PlainScalars.Meaning.Null => null,
        PlainScalars.Meaning.True => Placed(scalar, JsonValue.Create(true)),
        PlainScalars.Meaning.False => Placed(scalar, JsonValue.Create(false)),
        PlainScalars.Meaning.Number => Placed(scalar, JsonNumbers.Read(PlainScalars.Number(text)!)),
        PlainScalars.Meaning.NotFinite => throw YamlMistakes.Refuse(scalar, $"'{text}' is not a valid JSON number. Quote it if it is text."),
        _ => Placed(scalar, JsonValue.Create(text)),
    };

    private JsonValue Include(Scalar scalar, string path)
    {
        var node = Placed(scalar, JsonValue.Create(YamlInclude.Prefix + path));
        var include = new YamlInclude(node, path, Position(scalar));
        _includes!.Add(include);
        _anchors.Remember(include);
        return node;
    }

    private static void RequireKnownTag(NodeEvent node)
    {
        if (!node.Tag.IsEmpty && node.Tag.Value is var tag && tag != "!" && !tag.StartsWith(CorePrefix, StringComparison.Ordinal))
        {
            throw YamlMistakes.Refuse(node, $"The tag '{tag}' is not supported.");
        }
    }

    private void Enter(NodeEvent start)
    {
        RequireKnownTag(start);
        _parser.MoveNext();
        if (++_depth > YamlLimits.MaximumDepth)
        {
            throw YamlMistakes.Refuse(start, $"Nesting is deeper than {YamlLimits.MaximumDepth} levels.");
        }
    }

    private JsonValue Placed(Scalar scalar, JsonValue value)
    {
        if (!_isItem)
        {
            _positions.Set(value, Position(scalar));
        }

        return value;
    }

    private SourcePosition Position(ParsingEvent at) => Position(at.Start);

    private SourcePosition Position(Mark at) => new(_file, (int)at.Line, (int)at.Column);
}
