using System.Globalization;
using System.Text;

namespace HasuraMigrations;

/// <summary>
/// Makes text that came from files, databases and servers safe to show: it stays on its line, moves no cursor, turns no writing
/// direction, and is no command of a build agent (Azure Pipelines and GitHub Actions take lines of a log for commands). This holds in
/// every format of the log: what is written here may be read by an agent later.
/// </summary>
public static class Printable
{
    // Those that the runner of GitHub Actions knows. Other words after two colons are casts of SQL.
    private static readonly HashSet<string> CommandsOfGitHub = new(StringComparer.OrdinalIgnoreCase)
    {
        "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "internal-set-repo-path", "notice",
        "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning",
    };

    /// <summary>The text on one line; control characters and marks of direction are written as escapes such as <c>\n</c> and <c>\u001B</c>.</summary>
    /// <param name="text">The text; null is empty.</param>
    public static string Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var first = 0;
        while (first < text.Length && !IsEscaped(text, first))
        {
            first++;
        }

        if (first == text.Length)
        {
            return text;
        }

        var result = new StringBuilder(text, 0, first, text.Length + 16);
        for (var i = first; i < text.Length; i++)
        {
            _ = IsEscaped(text, i) ? result.Append(Escape(text[i])) : result.Append(text[i]);
        }

        return result.ToString();
    }

    /// <summary>The text with U+FFFD for each character that would be an escape, so that columns stay where they are.</summary>
    /// <param name="text">The text.</param>
    public static string InPlace(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return string.Concat(text.Select((c, i) => IsEscaped(text, i) ? '\uFFFD' : c));
    }

    /// <summary>Lines that are printable already, such as the message of an error, as one line.</summary>
    /// <param name="lines">The lines.</param>
    public static string Joined(string lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        return string.Join(' ', lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    /// <summary>Several lines, each of which is made printable.</summary>
    /// <param name="lines">The lines.</param>
    public static string Lines(IEnumerable<string> lines) => string.Join(Environment.NewLine, lines.Select(Of));

    private static bool IsEscaped(string text, int index) => text[index] switch
    {
        '\t' => false,
        '[' => IsCommandOfAzure(text, index),
        ':' => IsCommandOfGitHub(text, index),
        // Half a character cannot be written as UTF-8 or XML.
        var c when char.IsHighSurrogate(c) => index + 1 == text.Length || !char.IsLowSurrogate(text[index + 1]),
        var c when char.IsLowSurrogate(c) => index == 0 || !char.IsHighSurrogate(text[index - 1]),
        var c => char.IsControl(c) || c is '\u061C' or '\u200E' or '\u200F' or '\u2028' or '\u2029' or '\uFFFE' or '\uFFFF' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069'),
    };

    // Azure Pipelines looks for ##vso[ and ##[ anywhere in a line; GitHub Actions still reads ##[ so, too.
    private static bool IsCommandOfAzure(string text, int bracket)
    {
        var start = bracket;
        while (start > 0 && char.IsAsciiLetter(text[start - 1]))
        {
            start--;
        }

        return start >= 2 && text[start - 1] == '#' && text[start - 2] == '#';
    }

    // GitHub Actions looks for :: at the beginning of a line, after white space. A host or a view may break a line before any word, so a
    // command that the runner knows is one everywhere.
    private static bool IsCommandOfGitHub(string text, int colon)
    {
        if (colon + 1 >= text.Length || text[colon + 1] != ':')
        {
            return false;
        }

        var end = colon + 2;
        while (end < text.Length && (char.IsAsciiLetter(text[end]) || text[end] == '-'))
        {
            end++;
        }

        return CommandsOfGitHub.Contains(text[(colon + 2)..end]) || text.AsSpan(0, colon).IsWhiteSpace();
    }

    private static string Escape(char c) => c switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        _ => "\\u" + ((int)c).ToString("X4", CultureInfo.InvariantCulture),
    };
}
