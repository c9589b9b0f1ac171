using System.Text.Json;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>
/// Writes YAML byte for byte as Hasura's CLI of an era does. Values that the CLI damages are written in a form that reads
/// back unchanged.
/// </summary>
internal sealed class YamlWriter
{
    // Longer keys, counted in bytes, stand on a line of their own behind a question mark.
    private const int MaximumSimpleKey = 128;
    private const int Step = 2;

    private readonly YamlText _out;
    private readonly YamlWriteOptions _options;
    private readonly bool _isOld;
    private readonly bool _sorts;

    private YamlWriter(MetadataFileStyle style, YamlWriteOptions options)
    {
        _isOld = style is MetadataFileStyle.Cli11 or MetadataFileStyle.Cli10;
        _sorts = style == MetadataFileStyle.Cli10;
        _options = options;
        _out = new YamlText(_isOld);
    }

    /// <summary>The text of a document, with one newline at the end.</summary>
    /// <param name="node">The content; null writes <c>null</c>.</param>
    /// <param name="style">The era; <see cref="MetadataFileStyle.Auto"/> is <see cref="MetadataFileStyle.Cli25"/>.</param>
    /// <param name="options">What else to know; null for nothing.</param>
    internal static string Write(JsonNode? node, MetadataFileStyle style, YamlWriteOptions? options = null)
    {
        var writer = new YamlWriter(style, options ?? YamlWriteOptions.Default);
        writer.Node(node, 0, writer._options.GoText);
        return writer._out.Finish();
    }

    /// <summary>The lines of one member of a map, from column 1.</summary>
    internal static string WriteMember(string key, JsonNode? value, MetadataFileStyle style, YamlWriteOptions options)
    {
        var writer = new YamlWriter(style, options);
        writer.Member(key, value, 0, null);
        return writer._out.Finish();
    }

    /// <summary>The lines of one entry of a list, from column 1.</summary>
    internal static string WriteEntry(JsonNode? item, MetadataFileStyle style, YamlWriteOptions options)
    {
        var writer = new YamlWriter(style, options);
        writer.Entry(item, 0, null);
        return writer._out.Finish();
    }

    /// <summary>Writes a node where the line has got to; its further lines are indented by <paramref name="indent"/>.</summary>
    private void Node(JsonNode? node, int indent, YamlFieldPaths? paths)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } map:
                Map(map, indent, paths);
                break;
            case JsonArray { Count: > 0 } list:
                List(list, indent, paths);
                break;
            default:
                Scalar(node, indent, paths);
                break;
        }
    }

    private void Map(JsonObject map, int indent, YamlFieldPaths? paths)
    {
        var isFirst = true;
        foreach (var (key, value) in _sorts ? map.OrderBy(p => p.Key, NaturalKeyOrder.Instance) : (IEnumerable<KeyValuePair<string, JsonNode?>>)map)
        {
            if (!isFirst)
            {
                _out.NewLine(indent);
            }

            isFirst = false;
            Member(key, value, indent, paths?.Child(key));
        }
    }

    private void Member(string key, JsonNode? value, int indent, YamlFieldPaths? paths)
    {
        if (IsSimple(key))
        {
            Text(key, indent, isKey: true, isGoText: false);
            _out.Append(":");
            Value(value, indent, paths);
            return;
        }

        _out.Append("? ");
        Text(key, indent, isKey: false, isGoText: false);
        _out.NewLine(indent);
        _out.Append(": ");
        Inner(value, indent, paths);
    }

    private void Value(JsonNode? value, int indent, YamlFieldPaths? paths)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                _out.NewLine(indent + Step);
                Map(map, indent + Step, paths);
                break;
            case JsonArray { Count: > 0 } list:
                var listIndent = _isOld ? indent : indent + Step;
                _out.NewLine(listIndent);
                List(list, listIndent, paths);
                break;
            default:
                _out.Append(" ");
                Scalar(value, indent, paths);
                break;
        }
    }

    private void List(JsonArray list, int indent, YamlFieldPaths? paths)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (i > 0)
            {
                _out.NewLine(indent);
            }

            Entry(list[i], indent, paths?.Child("*"));
        }
    }

    private void Entry(JsonNode? item, int indent, YamlFieldPaths? paths)
    {
        _out.Append("- ");
        Inner(item, indent, paths);
    }

    // Lines of maps and lists begin behind the sign; those of a text count from the sign itself.
    private void Inner(JsonNode? node, int indent, YamlFieldPaths? paths)
    {
        if (node is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            Node(node, indent + Step, paths);
        }
        else
        {
            Scalar(node, indent, paths);
        }
    }

    private void Scalar(JsonNode? node, int indent, YamlFieldPaths? paths)
    {
        switch (node)
        {
            case null:
                _out.Append("null");
                break;
            case JsonObject:
                _out.Append("{}");
                break;
            case JsonArray:
                _out.Append("[]");
                break;
            case var _ when node.GetValueKind() == JsonValueKind.String:
                StringValue(node, indent, paths);
                break;
            case var _ when node.GetValueKind() == JsonValueKind.Number:
                _out.Append(YamlNumbers.Format(node.ToJsonString(), _isOld));
                break;
            default:
                _out.Append(node.ToJsonString());
                break;
        }
    }

    private void StringValue(JsonNode node, int indent, YamlFieldPaths? paths)
    {
        var text = node.GetValue<string>();
        if (_options.Includes?.Contains(node) == true)
        {
            _out.DoubleQuoted(text, indent, folds: false);
        }
        else if (_options.EscapesIncludes && text.StartsWith(YamlInclude.Prefix, StringComparison.Ordinal) && !text.Contains('\n', StringComparison.Ordinal))
        {
            _out.DoubleQuoted(text, indent, folds: _isOld, escapesFirst: true);
        }
        else
        {
            Text(text, indent, isKey: false, paths is { IsEnd: true });
        }
    }

    private void Text(string text, int indent, bool isKey, bool isGoText)
    {
        var folds = _isOld && !isKey;
        switch (isKey ? KeyForm(text) : YamlTextStyle.Choose(text, _isOld, isGoText))
        {
            case YamlTextForm.Plain:
                _out.Plain(text, indent, folds);
                break;
            case YamlTextForm.SingleQuoted:
                _out.SingleQuoted(text, indent, folds);
                break;
            case YamlTextForm.Literal when !isKey:
                _out.Literal(text, indent);
                break;
            default:
                _out.DoubleQuoted(text, indent, folds);
                break;
        }
    }

    // A plain << would merge, and a separator ends a key for some readers. A key such as 0 3 * * * is valid YAML, but YamlDotNet refuses it without quotes.
    private YamlTextForm KeyForm(string key) =>
        key == "<<" || key.AsSpan().IndexOfAny('\u2028', '\u2029') >= 0 ? YamlTextForm.DoubleQuoted
        : YamlTextStyle.Choose(key, _isOld, isGoText: false) is var form && form == YamlTextForm.Plain && key.EndsWith(" *", StringComparison.Ordinal) ? YamlTextForm.SingleQuoted
        : form;

    // A key of only newlines, or with one first, is one that the CLI loses; it stands in quotes on its line.
    private static bool IsSimple(string key) =>
        key.Length <= MaximumSimpleKey
        && (!key.Contains('\n', StringComparison.Ordinal) || key[0] == '\n')
        && (key.Length <= MaximumSimpleKey / 3 || System.Text.Encoding.UTF8.GetByteCount(key) <= MaximumSimpleKey);
}
