using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>Tells the style of a text from its lists and keys.</summary>
internal static partial class YamlStyleDetector
{
    /// <summary>The style; null where nothing in the text tells.</summary>
    internal static MetadataFileStyle? Detect(string text)
    {
        var (indented, flush) = (0, 0);
        var keys = new KeyOrder();
        (int Indent, bool IsOpen) last = (0, false);
        var blockIndent = -1;
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.TrimEnd('\r');
            var match = Line().Match(line);
            if (!match.Success || (blockIndent >= 0 && match.Groups["indent"].Length > blockIndent))
            {
                continue;
            }

            var indent = match.Groups["indent"].Length;
            var dashes = match.Groups["dashes"].Value;
            if (dashes.Length > 0 && last.IsOpen)
            {
                indented += indent > last.Indent ? 1 : 0;
                flush += indent == last.Indent ? 1 : 0;
            }

            var column = indent + dashes.Length;
            var key = match.Groups["key"];
            keys.Take(column, dashes.Length > 0, key.Success ? key.Value.Trim('"', '\'') : null);
            last = (column, key.Success && match.Groups["value"].Length == 0);
            blockIndent = BlockHeader().IsMatch(line) ? (key.Success ? column : indent) : -1;
        }

        return indented > flush ? MetadataFileStyle.Cli25
            : flush == 0 ? null
            : keys.IsSorted ? MetadataFileStyle.Cli10
            : MetadataFileStyle.Cli11;
    }

    /// <summary>Whether every map is sorted, and enough keys were seen to say so.</summary>
    private sealed class KeyOrder
    {
        private const int Enough = 6;

        private readonly Dictionary<int, string> _last = [];
        private int _pairs;
        private bool _isBroken;

        internal bool IsSorted => !_isBroken && _pairs >= Enough;

        internal void Take(int column, bool isNewMap, string? key)
        {
            foreach (var deeper in _last.Keys.Where(c => c > column || (isNewMap && c == column)).ToList())
            {
                _last.Remove(deeper);
            }

            if (key is null)
            {
                return;
            }

            if (_last.TryGetValue(column, out var before))
            {
                _pairs++;
                _isBroken |= NaturalKeyOrder.Instance.Compare(before, key) > 0;
            }

            _last[column] = key;
        }
    }

    [GeneratedRegex("""\A(?<indent> *)(?<dashes>(- +)*)(?!#)((?<key>"[^"]*"|'[^']*'|[^\s'"\[{][^:]*?):(?<value>$| +\S.*)|\S.*)""")]
    private static partial Regex Line();

    [GeneratedRegex(@"(: +|- +)[|>][0-9+-]*\z")]
    private static partial Regex BlockHeader();
}
