using System.Text;
using System.Text.RegularExpressions;

namespace HasuraMigrations.HelpWriter;

/// <summary>The about topic of errors: what the page of errors says, for a console of 80 columns.</summary>
internal static partial class ErrorTopic
{
    private const string Mark = "    {errors}\n";

    /// <summary>The topic with all errors and findings.</summary>
    /// <param name="topic">Text of the topic, with a mark where they belong.</param>
    /// <param name="page">The page of errors.</param>
    public static string Replace(string topic, string page)
    {
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
                    text.Append($"    {match.Groups["id"].Value} ({match.Groups["kind"].Value})\n").Append(TopicText.Wrap(Plain(match.Groups["text"].Value.Replace(" | ", " ", StringComparison.Ordinal)), 8)).Append('\n');
                }
            }
            else
            {
                text.Append(TopicText.Wrap(Plain(block), 4)).Append('\n');
            }
        }

        return TopicText.Fill(topic, Mark, text.ToString());
    }

    private static string Plain(string markdown) => Markup().Replace(markdown, "$1");

    [GeneratedRegex(@"^\| `(?<id>\w+)` \| (?<kind>[\w, ]+) \| (?<text>.+) \|$")]
    private static partial Regex Rows();

    // Code marks go; an escaped character stays.
    [GeneratedRegex(@"`|\\([|<*`])")]
    private static partial Regex Markup();
}
