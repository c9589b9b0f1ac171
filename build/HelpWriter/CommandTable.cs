namespace HasuraMigrations.HelpWriter;

/// <summary>The table of commands of a page, between two marks.</summary>
internal static class CommandTable
{
    private const string Begin = "<!-- commands: made by the build -->\n";
    private const string End = "<!-- end of commands -->";

    /// <summary>The page with the table as it is now.</summary>
    /// <param name="page">Text of the page.</param>
    /// <param name="commands">The commands.</param>
    /// <param name="directory">Where the pages of the commands lie, seen from the page.</param>
    public static string Replace(string page, IReadOnlyList<CommandHelp> commands, string directory)
    {
        var begin = page.IndexOf(Begin, StringComparison.Ordinal);
        var end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            throw new HelpException($"The page has no marks '{Begin.Trim()}' and '{End}' for the table of commands.");
        }

        var rows = commands.Select(c => $"| [`{c.Name}`]({directory}/{c.Name}.md) | {c.Synopsis.Markdown(_ => null)} |\n");
        return page[..(begin + Begin.Length)] + "| Command | Task |\n| --- | --- |\n" + string.Concat(rows) + page[end..];
    }
}
