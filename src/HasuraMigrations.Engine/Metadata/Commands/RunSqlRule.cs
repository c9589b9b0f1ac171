using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>The rule by which a server itself decides whether SQL may change what its metadata rests on.</summary>
internal static partial class RunSqlRule
{
    // Longer than each of the words, with what stands on both sides of it.
    private const int Carried = 32;

    /// <summary>True where a word of the rule is anywhere in the text, comments and strings included.</summary>
    internal static bool IsChecked(string sql) => Describe().IsMatch(sql);

    /// <summary>The same for a step; words that stand across two parts of a long one are found too.</summary>
    internal static bool IsChecked(SqlText sql)
    {
        var (carried, read) = ("", 0);
        foreach (var part in sql.Parts())
        {
            var window = carried + part;
            var isFirst = read == 0;
            read += part.Length;
            if (Describe().Matches(window).Any(m => (isFirst || m.Index > 0) && (read == sql.Length || m.Index + m.Length < window.Length)))
            {
                return true;
            }

            carried = window[Math.Max(0, window.Length - Carried)..];
        }

        return false;
    }

    [GeneratedRegex(@"\balter\b|\bdrop\b|\breplace\b|\bcreate function\b|\bcomment on\b", RegexOptions.IgnoreCase)]
    private static partial Regex Describe();
}
