using System.Text;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>How one text is written.</summary>
internal enum YamlTextForm
{
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

/// <summary>Chooses between plain, quoted and block text as the CLI of an era does, except where the CLI damages the text.</summary>
internal static class YamlTextStyle
{
    private static readonly HashSet<string> OldBooleans = new(StringComparer.Ordinal)
    {
        "y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF",
    };

    /// <param name="text">The text.</param>
    /// <param name="isOld">True for the CLI before 2.5.</param>
    /// <param name="isGoText">True for a field that CLI 2.5 and newer handles as text of Go, with rules as the old ones.</param>
    internal static YamlTextForm Choose(string text, bool isOld, bool isGoText)
    {
        var marks = YamlTextMarks.Of(text);
        if (marks.IsUnprintable || (marks.HasTab && (!marks.HasNewline || isOld)) || (marks.HasNewline && marks.HasSpaceBeforeEnd))
        {
            return YamlTextForm.DoubleQuoted;
        }

        if (marks.HasNewline)
        {
            return MustQuoteLines(text, marks, isOld) ? YamlTextForm.DoubleQuoted : YamlTextForm.Literal;
        }

        if (IsMistakable(text, isOld, isGoText))
        {
            return YamlTextForm.DoubleQuoted;
        }

        // The writers of the CLI insert indentation behind such a separator, except where the text ends.
        return marks.IsSeparatorUnsafe ? YamlTextForm.DoubleQuoted
            : marks.IsPlain ? YamlTextForm.Plain
            : YamlTextForm.SingleQuoted;
    }

    // In these cases the CLI loses a line, fails, or changes the text.
    private static bool MustQuoteLines(string text, YamlTextMarks marks, bool isOld) =>
        marks.HasSeparator || (!isOld && text[0] is '\n' or '\t') || (isOld && text[0] == '\n' && !IsSafeWithLeadingNewline(text));

    // Behind leading empty lines, a line that begins with a blank would be read with other indentation.
    private static bool IsSafeWithLeadingNewline(string text) => text.AsSpan().TrimStart('\n') is [] or [not (' ' or '\t'), ..];

    private static bool IsMistakable(string text, bool isOld, bool isGoText)
    {
        if (text.Length == 0)
        {
            return true;
        }

        // Most text is a name, so the costly tests are for text that begins as a number or a word of few letters.
        if (text[0] is (>= '0' and <= '9') or '+' or '-' or '.' or ':' or ' ')
        {
            return PlainScalars.Resolve(text) != PlainScalars.Meaning.Text
                || PlainScalars.IsTimestamp(text)
                || (isOld || isGoText ? PlainScalars.IsSexagesimal(text) : PlainScalars.LooksLikeTime(text));
        }

        return text.Length <= 5
            && (PlainScalars.Resolve(text) != PlainScalars.Meaning.Text
                || OldBooleans.Contains(text)
                || (!isOld && text is "<<")
                || (!isOld && !isGoText && text is "t" or "T" or "f" or "F"));
    }

    /// <summary>Adds the text in double quotes, folded beyond a column where a width is given.</summary>
    internal static void AppendEscape(StringBuilder to, int codePoint)
    {
        var (letter, digits) = codePoint switch
        {
            0x00 => ('0', 0),
            0x07 => ('a', 0),
            0x08 => ('b', 0),
            0x09 => ('t', 0),
            0x0A => ('n', 0),
            0x0B => ('v', 0),
            0x0C => ('f', 0),
            0x0D => ('r', 0),
            0x1B => ('e', 0),
            0x22 => ('"', 0),
            0x5C => ('\\', 0),
            0x85 => ('N', 0),
            0x2028 => ('L', 0),
            0x2029 => ('P', 0),
            <= 0xFF => ('x', 2),
            <= 0xFFFF => ('u', 4),
            _ => ('U', 8),
        };
        to.Append('\\').Append(letter);
        if (digits > 0)
        {
            to.Append(codePoint.ToString("X" + digits, System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
