using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>
/// Changes a YAML text to other content and keeps the lines, with their comments, of every entry that says the same. Works
/// on the lines of lists and maps in block form; where the text is of another form, that part is written anew.
/// </summary>
internal sealed partial class YamlMerger
{
    private static readonly string[] Identities = ["name", "role", "table", "function", "collection", "role_name", "type_name"];

    private readonly MetadataFileStyle _style;
    private readonly YamlWriteOptions _options;

    private YamlMerger(MetadataFileStyle style, YamlWriteOptions options)
    {
        _style = style;
        _options = options;
    }

    /// <summary>The changed text; null where it cannot be done safely.</summary>
    /// <param name="text">The text as it is.</param>
    /// <param name="before">Its content, as written: where it names a file stands <c>!include x</c>.</param>
    /// <param name="now">The content it is to have.</param>
    /// <param name="style">How new parts are written.</param>
    /// <param name="options">What else the writer has to know.</param>
    internal static string? Merge(string text, JsonNode? before, JsonNode now, MetadataFileStyle style, YamlWriteOptions options)
    {
        var lines = text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        if (before is null || new YamlMerger(style, options).Block(lines, before, now, 0) is not { } merged)
        {
            return null;
        }

        var result = string.Join('\n', merged) + "\n";
        return SaysTheSame(result, now) ? result : null;
    }

    private static bool SaysTheSame(string text, JsonNode now)
    {
        try
        {
            return YamlReader.Read(text, "", new MetadataPositions(), []).SameAs(now);
        }
        catch (HasuraMigrationException)
        {
            return false;
        }
    }

    private List<string>? Block(IReadOnlyList<string> lines, JsonNode before, JsonNode now, int indent) => (before, now) switch
    {
        (JsonObject { Count: > 0 } old, JsonObject { Count: > 0 } map) => Split(lines, indent, isList: false, old.Count) is { } members ? Map(members, old, map, indent) : null,
        (JsonArray { Count: > 0 } old, JsonArray { Count: > 0 } list) => Split(lines, indent, isList: true, old.Count) is { } entries ? List(entries, old, list, indent) : null,
        _ => null,
    };

    private List<string> Map(List<List<string>> members, JsonObject before, JsonObject now, int indent)
    {
        var places = before.Select((p, i) => (p.Key, i)).ToDictionary(p => p.Key, p => p.i, StringComparer.Ordinal);
        var merged = new List<string>();
        foreach (var (key, value) in now)
        {
            var old = places.TryGetValue(key, out var place) ? members[place] : null;
            merged.AddRange(old is null ? Written(YamlWriter.WriteMember(key, value, _style, _options), indent)
                : before[key].SameAs(value) ? old
                : Member(old, key, before[key], value, indent));
        }

        return merged;
    }

    private List<string> Member(List<string> lines, string key, JsonNode? before, JsonNode? now, int indent)
    {
        var head = lines.FindIndex(l => !IsComment(l));
        var body = lines.Skip(head + 1).ToList();
        var first = body.Find(l => !IsComment(l) && l.Trim().Length > 0);
        var inner = Header().IsMatch(lines[head]) && first is not null && before is not null && now is not null ? Block(body, before, now, Indent(first)) : null;
        return [.. lines.Take(head), .. inner is null ? Written(YamlWriter.WriteMember(key, now, _style, _options), indent) : inner.Prepend(lines[head])];
    }

    private List<string> List(List<List<string>> entries, JsonArray before, JsonArray now, int indent)
    {
        var left = Enumerable.Range(0, before.Count).ToList();
        // Entries that say the same are found first, so that a changed one does not take their lines.
        var places = now.Select(n => Take(left, i => before[i].SameAs(n))).ToList();
        var merged = new List<string>();
        for (var n = 0; n < now.Count; n++)
        {
            var isSame = places[n] is not null;
            var place = places[n] ?? Take(left, i => Identity(now[n]) is { } identity && identity == Identity(before[i]));
            merged.AddRange(place is null ? Written(YamlWriter.WriteEntry(now[n], _style, _options), indent)
                : isSame ? entries[place.Value]
                : Entry(entries[place.Value], before[place.Value], now[n], indent));
        }

        return merged;
    }

    private List<string> Entry(List<string> lines, JsonNode? before, JsonNode? now, int indent)
    {
        var head = lines.FindIndex(l => !IsComment(l));
        var isCompact = lines[head].Length > indent + 2 && lines[head][indent] == '-' && lines[head][indent + 1] == ' ' && lines[head][indent + 2] is not (' ' or '#');
        if (isCompact && before is not null && now is not null)
        {
            List<string> body = [$"{new string(' ', indent + 2)}{lines[head][(indent + 2)..]}", .. lines.Skip(head + 1)];
            if (Block(body, before, now, indent + 2) is { } inner)
            {
                var first = inner.FindIndex(l => !IsComment(l));
                inner[first] = $"{new string(' ', indent)}- {inner[first][(indent + 2)..]}";
                return [.. lines.Take(head), .. inner];
            }
        }

        return [.. lines.Take(head), .. Written(YamlWriter.WriteEntry(now, _style, _options), indent)];
    }

    private static int? Take(List<int> left, Func<int, bool> fits)
    {
        var at = left.FindIndex(i => fits(i));
        if (at < 0)
        {
            return null;
        }

        var place = left[at];
        left.RemoveAt(at);
        return place;
    }

    private static string? Identity(JsonNode? node) =>
        node is JsonObject map && Identities.FirstOrDefault(map.ContainsKey) is { } key ? key + map[key].ToText() : null;

    // Each part begins with a line at the indentation, and takes the comments right above it. Entries of a list that is
    // not indented below its key stand where the keys stand.
    private static List<List<string>>? Split(IReadOnlyList<string> lines, int indent, bool isList, int count)
    {
        var parts = new List<List<string>>();
        var comments = new List<string>();
        foreach (var line in lines)
        {
            var isAt = line.Length > indent && Indent(line) == indent;
            if (IsComment(line) && (isAt || parts.Count == 0))
            {
                comments.Add(line);
                continue;
            }

            if (isAt && (line[indent] == '-' && (line.Length == indent + 1 || line[indent + 1] == ' ')) == isList)
            {
                parts.Add([.. comments, line]);
            }
            else if (parts.Count == 0)
            {
                return null;
            }
            else
            {
                parts[^1].AddRange([.. comments, line]);
            }

            comments.Clear();
        }

        if (parts.Count > 0)
        {
            parts[^1].AddRange(comments);
        }

        return parts.Count == count ? parts : null;
    }

    private static IEnumerable<string> Written(string text, int indent) =>
        text.TrimEnd('\n').Split('\n').Select(l => l.Length == 0 ? l : new string(' ', indent) + l);

    private static bool IsComment(string line) => line.TrimStart(' ') is ['#', ..] or "";

    private static int Indent(string line) => line.Length - line.TrimStart(' ').Length;

    [GeneratedRegex(@":( +#.*)?\z")]
    private static partial Regex Header();
}
