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
            : !isFlush && lines.Exists(l => DoubleForSingle().IsMatch(l) && !l.Contains("!include", StringComparison.Ordinal)) ? "double quotes where the CLI writes single ones"
            : isFlush && relative.StartsWith("databases", StringComparison.Ordinal) ? "text of CLI 2.0 to 2.4"
            : null;
    }

    /// <summary>True where actions stand in another order in the two files; every CLI writes one order in both.</summary>
    internal static bool HasOtherOrder(string yaml, string sdl)
    {
        var inYaml = YamlAction().Matches(yaml.Split("custom_types:")[0]).Select(m => m.Groups[1].Value).ToList();
        var inSdl = Operations().Matches(sdl).SelectMany(b => SdlField().Matches(b.Value).Select(m => m.Groups[1].Value)).ToList();
        return !inYaml.SequenceEqual(inSdl);
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

    [GeneratedRegex(@"^ {0,2}- name: (\w+)$", RegexOptions.Multiline)]
    private static partial Regex YamlAction();

    [GeneratedRegex(@"^type (Query|Mutation) \{.*?^\}", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Operations();

    [GeneratedRegex(@"^  (\w+) ?[(:]", RegexOptions.Multiline)]
    private static partial Regex SdlField();

    [GeneratedRegex(@"[:-] +[|>][0-9+-]*\r?$")]
    private static partial Regex Block();

    // A text that only its first sign keeps from being plain stands in single quotes.
    [GeneratedRegex("""(: +|- +)"[*{}&#|>%@`,!\[\]][^"\\]*"$""")]
    private static partial Regex DoubleForSingle();

    // Words of such signs, behind a letter, are never in quotes.
    [GeneratedRegex("""(: +|- +)(["'])[A-Za-z_][A-Za-z0-9_ .,()/-]{4,}[A-Za-z0-9_.)]\2$""")]
    private static partial Regex NeedlessQuotes();
}
