using System.Text;
using System.Text.RegularExpressions;

namespace HasuraMigrations.HelpWriter;

/// <summary>The about topic of errors: what the page of errors says, for a console of 80 columns.</summary>
internal static partial class ErrorTopic
{
    private const string Mark = "    {errors}\n";
    private const int Width = 79;

    /// <summary>The topic with all errors and findings.</summary>
    /// <param name="topic">Text of the topic, with a mark where they belong.</param>
    /// <param name="page">The page of errors.</param>
    public static string Replace(string topic, string page)
    {
        if (!topic.Contains(Mark, StringComparison.Ordinal))
        {
            throw new HelpException($"The topic of errors has no line '{Mark.Trim()}'.");
        }

        var text = new StringBuilder();
        foreach (var block in page[page.IndexOf("\n## ", StringComparison.Ordinal)..].Split("\n\n").Select(b => b.Trim('\n')).Where(b => b.Length > 0))
        {
            if (block.StartsWith("## ", StringComparison.Ordinal))
            {
                text.Append("  ").Append(block[3..]).Append("\n\n");
            }
            else if (block.StartsWith('|'))
            {
                foreach (var match in block.Split('\n').Select(l => Rows().Match(l)).Where(m => m.Success))
                {
                    text.Append($"    {match.Groups["id"].Value} ({match.Groups["kind"].Value})\n").Append(Wrap(match.Groups["text"].Value.Replace(" | ", " ", StringComparison.Ordinal), 8)).Append('\n');
                }
            }
            else
            {
                text.Append(Wrap(block, 4)).Append('\n');
            }
        }

        return topic.Replace(Mark, text.ToString().TrimEnd('\n') + "\n", StringComparison.Ordinal);
    }

    private static string Wrap(string text, int indent)
    {
        var lines = new StringBuilder();
        var column = 0;
        foreach (var word in Markup().Replace(text, "$1").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
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

    [GeneratedRegex(@"^\| `(?<id>\w+)` \| (?<kind>[\w, ]+) \| (?<text>.+) \|$")]
    private static partial Regex Rows();

    // Code marks go; an escaped character stays.
    [GeneratedRegex(@"`|\\([|<*`])")]
    private static partial Regex Markup();
}
