using System.Text.RegularExpressions;

namespace HasuraMigrations.HelpWriter;

/// <summary>A piece of a paragraph.</summary>
/// <param name="Text">Its text.</param>
/// <param name="IsCode">True for an identifier or code.</param>
internal sealed record Run(string Text, bool IsCode);

/// <summary>A paragraph of help.</summary>
internal sealed partial record Paragraph(IReadOnlyList<Run> Runs)
{
    /// <summary>The text for a console.</summary>
    public string Plain => string.Concat(Runs.Select(r => r.Text));

    /// <summary>
    /// The text as Markdown. Parameters, variables of the environment and names of commands are shown as code, the latter as links to
    /// their pages.
    /// </summary>
    /// <param name="link">Gives the page of a command; null for none.</param>
    public string Markdown(Func<string, string?> link) => string.Concat(Runs.Select(r => r.IsCode ? $"`{r.Text}`" : Escape(r.Text, link)));

    /// <summary>A paragraph of plain text.</summary>
    public static Paragraph Of(string text) => new([new Run(text, IsCode: false)]);

    private static string Escape(string text, Func<string, string?> link) =>
        Names().Replace(text, m => m.Value switch
        {
            [var special] when special is '<' or '*' or '|' or '`' => $"\\{special}",
            var name when link(name) is { } page => $"[`{name}`]({page})",
            var name => $"`{name}`",
        });

    [GeneratedRegex(@"[<*|`]|(?<![\w-])-[A-Z]\w+(?::\$\w+)?|\b[A-Z][a-z]+-Hasura\w+|\bHASURA_\w+|\$\w+|\babout_\w+")]
    private static partial Regex Names();
}
