using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Sets keys at the top of a <c>config.yaml</c> in its text, so that everything else, comments included, stays as it is.</summary>
internal sealed class ConfigEdit
{
    private readonly string _path;
    private readonly string _lineEnd;
    private readonly List<string> _lines;

    private ConfigEdit(string path, string text)
    {
        _path = path;
        _lineEnd = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        _lines = [.. text.ReplaceLineEndings("\n").Split('\n')];
    }

    /// <summary>The text with keys set.</summary>
    /// <param name="path">Full path of the file, for errors.</param>
    /// <param name="text">Its text.</param>
    /// <param name="values">The keys with their values. One that the text lacks is added behind the one before, or before the first key.</param>
    /// <exception cref="HasuraMigrationException">ProjectConfigInvalid, ConfigNotEditable.</exception>
    internal static string Set(string path, string text, params (string Key, string Value)[] values)
    {
        var edit = new ConfigEdit(path, text);
        var (before, positions, keys) = edit.Parse(text);
        var expected = (JsonObject?)before?.DeepClone() ?? [];
        (int Line, int Indent)? behind = null;
        var added = new List<(string Key, string Value)>();
        foreach (var (key, value) in values)
        {
            var name = before?.Select(p => p.Key).FirstOrDefault(k => k.Equals(key, StringComparison.OrdinalIgnoreCase));
            if (name is null)
            {
                added.Add((key, value));
                expected[key] = value;
                continue;
            }

            expected[name] = value;
            if (positions.Of(before![name]) is not { } place)
            {
                throw edit.Refuse(null);
            }

            edit.Replace(place, value);
            behind = (place.Line, keys.TryGetValue(before[name]!, out var keyPlace) && keyPlace.Line == place.Line ? keyPlace.Column - 1 : 0);
        }

        if (added.Count > 0)
        {
            edit.Insert(added, behind, before?.FirstOrDefault().Value is { } first && keys.TryGetValue(first, out var firstKey) ? firstKey : null);
        }

        var result = string.Join(edit._lineEnd, edit._lines);
        return edit.Says(result, expected) ? result : throw edit.Refuse(behind?.Line);
    }

    private (JsonObject? Root, MetadataPositions Positions, Dictionary<JsonNode, SourcePosition> Keys) Parse(string text)
    {
        var positions = new MetadataPositions();
        var keys = new Dictionary<JsonNode, SourcePosition>(ReferenceEqualityComparer.Instance);
        return (YamlReader.ReadTexts(text, _path, positions, keys, "ProjectConfigInvalid") as JsonObject, positions, keys);
    }

    // Only the value: what stands behind it may be a comment.
    private void Replace(SourcePosition place, string value)
    {
        var line = _lines[place.Line - 1];
        var start = place.Column - 1;
        var end = start < line.Length && line[start] is '"' or '\'' && line.IndexOf(line[start], start + 1) is > 0 and var close
            ? close + 1
            : line.IndexOfAny([' ', '\t', ',', '}', '#'], start) is >= 0 and var stop ? stop : line.Length;
        _lines[place.Line - 1] = line[..start] + value + line[end..];
    }

    private void Insert(List<(string Key, string Value)> added, (int Line, int Indent)? behind, SourcePosition? first)
    {
        var head = _lines.FindIndex(l => l.Trim() is { Length: > 0 } line && line[0] != '#' && line != "---");
        if (head >= 0 && _lines[head].TrimStart().StartsWith('{'))
        {
            var at = _lines[head].IndexOf('{', StringComparison.Ordinal) + 1;
            var isEmpty = _lines[head][at..].TrimStart().StartsWith('}');
            _lines[head] = _lines[head].Insert(at, string.Join(", ", added.Select(Text)) + (isEmpty ? "" : ", "));
        }
        else if (behind is { } key)
        {
            _lines.InsertRange(key.Line, added.Select(a => new string(' ', key.Indent) + Text(a)));
        }
        else if (first is { } place)
        {
            _lines.InsertRange(place.Line - 1, added.Select(a => new string(' ', place.Column - 1) + Text(a)));
        }
        else
        {
            // Nothing but comments: a last line without a line end gets one.
            var at = _lines[^1].Length == 0 ? _lines.Count - 1 : _lines.Count;
            _lines.InsertRange(at, added.Select(Text));
            if (_lines[^1].Length > 0)
            {
                _lines.Add("");
            }
        }
    }

    private static string Text((string Key, string Value) member) =>
        YamlWriter.Write(new JsonObject { [member.Key] = int.TryParse(member.Value, out var number) ? number : member.Value }, MetadataFileStyle.Cli25).TrimEnd('\n');

    private bool Says(string text, JsonObject expected)
    {
        try
        {
            return Parse(text).Root.SameAs(expected);
        }
        catch (HasuraMigrationException)
        {
            return false;
        }
    }

    private HasuraMigrationException Refuse(int? line) =>
        new("ConfigNotEditable", $"The keys of '{_path}' cannot be changed while everything else in it stays as it is.", _path)
        {
            File = _path,
            Line = line,
        };
}
