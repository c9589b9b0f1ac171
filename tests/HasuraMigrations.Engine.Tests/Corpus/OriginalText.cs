using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>Tells from a text alone, without the writer, that people or other programs changed it after Hasura's CLI.</summary>
internal static partial class OriginalText
{
    /// <summary>The property that no output of the CLI has; null where there is none.</summary>
    internal static string? WhyNoCliWrote(string text, string relative)
    {
        if (relative.EndsWith(".graphql", StringComparison.Ordinal))
        {
            return WhyNoCliWroteSdl(text);
        }

        var lines = WithoutBlocks(text);
        var isFlush = IsFlush(lines);
        return text.Contains('\r', StringComparison.Ordinal) ? "CRLF"
            : lines.Exists(l => l.TrimStart().StartsWith('#')) ? "a comment"
            : lines.Exists(l => l.EndsWith(' ')) ? "trailing blanks"
            : !text.EndsWith('\n') || text.EndsWith("\n\n", StringComparison.Ordinal) ? "the end of the file"
            : lines.Exists(l => l.StartsWith("---", StringComparison.Ordinal)) ? "a document marker"
            : lines.Exists(l => NeedlessQuotes().IsMatch(l) && !l.Contains("!include", StringComparison.Ordinal)) ? "quotes the CLI does not need"
            : isFlush && relative.StartsWith("databases", StringComparison.Ordinal) ? "text of CLI 2.0 to 2.4"
            : null;
    }

    private static string? WhyNoCliWroteSdl(string text) =>
        text.Contains('\r', StringComparison.Ordinal) ? "CRLF"
        : text.Length > 0 && !text.EndsWith("\n\n", StringComparison.Ordinal) ? "the end of the file"
        : text.Split('\n').Any(l => l.TrimStart().StartsWith('#')) ? "a comment"
        : null;

    private static bool IsFlush(List<string> lines)
    {
        for (var i = 1; i < lines.Count; i++)
        {
            if (lines[i - 1].EndsWith(':') && lines[i].TrimStart().StartsWith("- ", StringComparison.Ordinal))
            {
                return Column(lines[i]) == Column(lines[i - 1].Replace("- ", "  ", StringComparison.Ordinal));
            }
        }

        return false;
    }

    private static List<string> WithoutBlocks(string text)
    {
        var lines = new List<string>();
        var block = -1;
        foreach (var line in text.Split('\n'))
        {
            if (block >= 0 && (line.Trim().Length == 0 || Column(line) > block))
            {
                continue;
            }

            block = Block().IsMatch(line) ? Column(line) : -1;
            lines.Add(line);
        }

        return lines;
    }

    private static int Column(string line) => line.Length - line.TrimStart(' ').Length;

    [GeneratedRegex(@"[:-] +[|>][0-9+-]*\r?$")]
    private static partial Regex Block();

    // Plain words of five and more letters are never in quotes.
    [GeneratedRegex("""(: +|- +)(["'])[A-Za-z_]{6,}\2$""")]
    private static partial Regex NeedlessQuotes();
}
