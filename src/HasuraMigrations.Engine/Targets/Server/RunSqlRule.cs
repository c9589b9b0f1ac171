using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>The rule by which a server itself decides whether SQL may change what its metadata rests on.</summary>
internal static partial class RunSqlRule
{
    /// <summary>True where a word of the rule is anywhere in the text, comments and strings included.</summary>
    internal static bool IsChecked(string sql) => Words().IsMatch(sql);

    [GeneratedRegex(@"\balter\b|\bdrop\b|\breplace\b|\bcreate function\b|\bcomment on\b", RegexOptions.IgnoreCase)]
    private static partial Regex Words();
}
