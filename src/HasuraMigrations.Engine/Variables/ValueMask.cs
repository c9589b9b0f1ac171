using System.Text;

namespace HasuraMigrations.Engine.Variables;

/// <summary>Hides the values of variables in texts that are shown or stored; in place of a value, its variable is written.</summary>
/// <remarks>
/// A server repeats what it was sent: whole, cut off, or with doubled quotes. So parts of a long value are hidden, too. What a server
/// made of a value, such as its capital letters or its bytes as digits, cannot be known.
/// </remarks>
internal sealed class ValueMask
{
    // A part of this length is hidden wherever it stands; shorter ones appear in any text.
    private const int PartLength = 12;

    // A shorter value is hidden only as a word, and in our own sentences only in quotes: it appears in other words.
    private const int ShortLength = 4;

    private readonly object _lock = new();
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private IReadOnlyList<(string Text, string Name)> _texts = [];

    /// <summary>True where there is nothing to hide.</summary>
    internal bool IsEmpty => _texts.Count == 0;

    /// <summary>Hides a value from now on.</summary>
    /// <param name="name">The variable.</param>
    /// <param name="value">The value.</param>
    /// <param name="words">Words of it that may be repeated alone.</param>
    internal void Add(string name, string value, IEnumerable<string> words)
    {
        lock (_lock)
        {
            var forms = Forms(value).Concat(words.Where(w => w.Length >= ShortLength)).Where(f => f.Length > 0);
            // One that another variable has too keeps the first name.
            if (forms.Count(f => _names.TryAdd(f, name)) > 0)
            {
                _texts = [.. _names.OrderByDescending(n => n.Key.Length).ThenBy(n => n.Key, StringComparer.Ordinal).Select(n => (n.Key, n.Value))];
            }
        }
    }

    /// <summary>What a server said, without the values.</summary>
    internal string? OfServer(string? text) => text is null || IsEmpty ? text : Hide(text, IsWord);

    /// <summary>A sentence of ours, which may quote a server or a file, without the values.</summary>
    internal string OfSentence(string text) => IsEmpty ? text : Hide(text, IsQuoted);

    private static IEnumerable<string> Forms(string value) => new[]
    {
        value,
        value.Replace("'", "''", StringComparison.Ordinal),
        value.Replace("\"", "\"\"", StringComparison.Ordinal),
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal),
        Printable.Of(value),
    }.Distinct();

    private string Hide(string text, Func<string, int, int, bool> mayBeShort)
    {
        // What is hidden once is not looked at again, so that the name of one variable is not taken for the value of another.
        var owners = new string?[text.Length];
        foreach (var (value, name) in _texts)
        {
            for (var at = text.IndexOf(value, StringComparison.Ordinal); at >= 0; at = text.IndexOf(value, at + 1, StringComparison.Ordinal))
            {
                if (value.Length >= ShortLength || mayBeShort(text, at, value.Length))
                {
                    Take(owners, at, value.Length, name);
                }
            }

            TakeParts(text, owners, value, name);
        }

        return Array.Exists(owners, o => o is not null) ? Written(text, owners) : text;
    }

    private static void TakeParts(string text, string?[] owners, string value, string name)
    {
        if (value.Length <= PartLength || text.Length < PartLength)
        {
            return;
        }

        // The text is mostly the shorter one.
        var parts = Enumerable.Range(0, text.Length - PartLength + 1).Select(i => text.Substring(i, PartLength)).ToHashSet(StringComparer.Ordinal);
        parts.IntersectWith(Enumerable.Range(0, value.Length - PartLength + 1).Select(i => value.Substring(i, PartLength)));
        for (var at = 0; parts.Count > 0 && at + PartLength <= text.Length; at++)
        {
            if (parts.Contains(text.Substring(at, PartLength)))
            {
                Take(owners, at, PartLength, name);
            }
        }
    }

    private static void Take(string?[] owners, int start, int length, string name)
    {
        for (var i = start; i < start + length; i++)
        {
            owners[i] ??= name;
        }
    }

    private static string Written(string text, string?[] owners)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (owners[i] is not { } name)
            {
                result.Append(text[i]);
            }
            else if (i == 0 || owners[i - 1] != name)
            {
                result.Append("${").Append(name).Append('}');
            }
        }

        return result.ToString();
    }

    private static bool IsWord(string text, int start, int length) => !IsPartOfWord(text, start - 1) && !IsPartOfWord(text, start + length);

    private static bool IsPartOfWord(string text, int at) => at >= 0 && at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] == '_');

    private static bool IsQuoted(string text, int start, int length) =>
        start > 0 && start + length < text.Length && text[start - 1] is '\'' or '"' && text[start - 1] == text[start + length];
}
