using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>Turns an error of the YAML parser into one that says what people usually did wrong there.</summary>
internal static partial class YamlMistakes
{
    private const string IndentationAction = "Check the indentation of this line and the lines before it: the keys of a map must start in the same column.";
    private const string TabAction = "Replace the tab with spaces: YAML does not allow tabs in indentation.";

    /// <summary>What the parser takes and we do not, in the parser's own form.</summary>
    internal static YamlException Refuse(ParsingEvent at, string message) => new(at.Start, at.End, message);

    /// <summary>The error, with the line of the cause where that is not the line the parser stopped at.</summary>
    internal static HasuraMigrationException Explain(string text, string file, string errorId, YamlException error)
    {
        var (line, column, message) = ((int)error.Start.Line, (int)error.Start.Column, error.Message);
        string? action = null;
        if (FindConflict(text) is { } conflict)
        {
            (line, column, message) = (conflict, 1, "This line is a marker of an unfinished merge.");
            action = "Finish the merge: choose between the two sides and remove the lines with <<<<<<<, ======= and >>>>>>>.";
        }
        else if (FindNear(text, line, FirstMistake) is var (at, found))
        {
            line = at;
            action = found;
        }
        else if (FindTab(text, line) is { } tab)
        {
            (line, column, action) = (tab, 1, TabAction);
        }
        else if (message.Contains("invalid mapping", StringComparison.Ordinal) || message.Contains("parsing a block", StringComparison.Ordinal))
        {
            action = IndentationAction;
        }

        var failure = $"The file '{file}' is not valid YAML: line {line}, column {column}: {message.TrimEnd('.', ',')}.";
        return action is null
            ? new HasuraMigrationException(errorId, failure, file, error) { File = file, Line = line, Column = column }
            : new HasuraMigrationException(errorId, failure, file, error) { File = file, Line = line, Column = column, RecommendedAction = action };
    }

    /// <summary>Refuses a zero byte: the parser takes it for the end, and what follows would be lost without a word.</summary>
    internal static void RefuseEarlyEnd(string text)
    {
        var index = text.IndexOf('\0', StringComparison.Ordinal);
        if (index >= 0)
        {
            var line = text.AsSpan(0, index).Count('\n') + 1;
            var place = new Mark(index, line, index - text.LastIndexOf('\n', index));
            throw new YamlException(place, place, "The text contains a NUL character.");
        }
    }

    private static int? FindConflict(string text)
    {
        var line = 1;
        foreach (var content in text.AsSpan().EnumerateLines())
        {
            if (content.StartsWith("<<<<<<< ") || content.StartsWith(">>>>>>> "))
            {
                return line;
            }

            line++;
        }

        return null;
    }

    // Where a tab stands for indentation, the parser gives up on the map around it and names its start.
    private static int? FindTab(string text, int from)
    {
        var line = 1;
        foreach (var content in text.AsSpan().EnumerateLines())
        {
            if (line >= from && TabIndentation().IsMatch(content))
            {
                return line;
            }

            line++;
        }

        return null;
    }

    // The parser often stops one line behind the cause.
    private static (int Line, string Action)? FindNear(string text, int line, Func<string, string?> mistake)
    {
        foreach (var candidate in new[] { line, line - 1 })
        {
            if (LineOf(text, candidate) is { } content && mistake(content) is { } action)
            {
                return (candidate, action);
            }
        }

        return null;
    }

    private static string? FirstMistake(string line) =>
        TabIndentation().IsMatch(line) ? TabAction
        : ValueThatNeedsQuotes().Match(line) is { Success: true } match ? $"Quote the value: a value that begins with {match.Groups["first"].Value} is not plain text in YAML."
        : null;

    private static string? LineOf(string text, int wanted)
    {
        var line = 1;
        foreach (var content in text.AsSpan().EnumerateLines())
        {
            if (line++ == wanted)
            {
                return content.ToString();
            }
        }

        return null;
    }

    [GeneratedRegex(@"\A[ -]*\t")]
    private static partial Regex TabIndentation();

    [GeneratedRegex(@"(\A[ ]*|:[ ]+|-[ ]+)(?<first>\{\{|\*|@|`|%)")]
    private static partial Regex ValueThatNeedsQuotes();
}
