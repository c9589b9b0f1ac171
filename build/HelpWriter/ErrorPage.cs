using System.Text.RegularExpressions;

namespace HasuraMigrations.HelpWriter;

/// <summary>The page of errors: its sections and findings are written by hand, the rows of errors come from the table of errors.</summary>
internal static partial class ErrorPage
{
    /// <summary>The page with the current rows. A new error comes after the one before it in the table.</summary>
    /// <param name="page">Text of the page.</param>
    /// <param name="errors">The table of errors.</param>
    public static string Replace(string page, IReadOnlyList<ErrorRow> errors)
    {
        var byId = errors.ToDictionary(e => e.Id);
        var lines = page.Split('\n').Where(l => IdOf(l) is not { } id || byId.ContainsKey(id)).Select(l => IdOf(l) is { } id ? Row(byId[id]) : l).ToList();
        for (var i = 0; i < errors.Count; i++)
        {
            if (!lines.Exists(l => IdOf(l) == errors[i].Id))
            {
                var before = i == 0 ? -1 : lines.FindIndex(l => IdOf(l) == errors[i - 1].Id);
                lines.Insert(before >= 0 ? before + 1 : throw new HelpException($"The page of errors has no row of the first error, {errors[0].Id}."), Row(errors[i]));
            }
        }

        return string.Join('\n', lines);
    }

    private static string Row(ErrorRow error) => $"| `{error.Id}` | {error.Kind} | {error.Meaning} | {error.Action} |";

    // Rows of findings have three columns.
    private static string? IdOf(string line) => Errors().Match(line) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"^\| `(\w+)` \| \w+ \| .+ \| .+ \|$")]
    private static partial Regex Errors();
}
