using System.Text;
using YamlDotNet.Core;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>
/// Lines of a double-quoted text may stand at the column of its key, or left of it, in the YAML libraries of Go that Hasura's
/// tools use; the library here wants them further right. Blanks at the beginning of such a line are no part of the text.
/// </summary>
internal static class YamlIndentation
{
    private const string Complaint = "found wrong indentation";
    private const int MaximumRepairs = 500;

    /// <summary>The text with such lines moved to the right.</summary>
    /// <param name="text">YAML text.</param>
    /// <param name="error">Why it could not be read.</param>
    /// <returns>Null where it fails for another reason; columns of other lines are as they were.</returns>
    internal static string? Repair(string text, YamlException error)
    {
        var repaired = text;
        for (var count = 0; error.Message.Contains(Complaint, StringComparison.Ordinal) && count < MaximumRepairs; count++)
        {
            repaired = Indent(repaired, error.Start);
            if (FirstError(repaired) is not { } next)
            {
                return repaired;
            }

            error = next;
        }

        return null;
    }

    private static YamlException? FirstError(string text)
    {
        try
        {
            for (var parser = new Parser(new StringReader(text)); parser.MoveNext();)
            {
            }

            return null;
        }
        catch (YamlException e)
        {
            return e;
        }
    }

    // Moves every further line of the quoted text that begins at a place.
    private static string Indent(string text, Mark start)
    {
        var at = Offset(text, start);
        var moved = new StringBuilder(text, 0, at + 1, text.Length + 256);
        var blanks = new string(' ', (int)start.Column);
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            moved.Append(text[at]);
            if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is not ('\r' or '\n'))
            {
                moved.Append(text[++at]);
            }
            else if (text[at] == '\n')
            {
                moved.Append(blanks);
            }
        }

        return moved.Append(text, at, text.Length - at).ToString();
    }

    private static int Offset(string text, Mark mark)
    {
        var at = 0;
        for (var line = 1; line < mark.Line; line++)
        {
            at = text.IndexOf('\n', at) + 1;
        }

        return Math.Min(at + (int)mark.Column - 1, text.Length - 1);
    }
}
