using System.Text;

namespace HasuraMigrations.HelpWriter;

/// <summary>Text of about topics, for a console of 80 columns.</summary>
internal static class TopicText
{
    private const int Width = 79;

    /// <summary>The topic with a generated part.</summary>
    /// <param name="topic">Text of the topic.</param>
    /// <param name="mark">The line that the part replaces.</param>
    /// <param name="part">The part.</param>
    /// <exception cref="HelpException">The topic has no such line.</exception>
    public static string Fill(string topic, string mark, string part) =>
        topic.Contains(mark, StringComparison.Ordinal)
            ? topic.Replace(mark, part.TrimEnd('\n') + "\n", StringComparison.Ordinal)
            : throw new HelpException($"A topic has no line '{mark.Trim()}'.");

    /// <summary>Breaks a paragraph into indented lines.</summary>
    /// <param name="text">The paragraph.</param>
    /// <param name="indent">Number of spaces before each line.</param>
    public static string Wrap(string text, int indent)
    {
        var lines = new StringBuilder();
        var column = 0;
        foreach (var word in text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (column > 0 && column + 1 + word.Length > Width)
            {
                lines.Append('\n');
                column = 0;
            }

            lines.Append(column == 0 ? new string(' ', indent) : " ").Append(word);
            column += (column == 0 ? indent : 1) + word.Length;
        }

        return lines.Append('\n').ToString();
    }
}
