using System.Text.RegularExpressions;
using HasuraMigrations.HelpWriter;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Documentation;

/// <summary>The PowerShell blocks of the about topics: lines that are indented by eight columns and start with a command or a keyword.</summary>
internal static partial class TopicExamples
{
    // Plain text has no invisible comments, so the marks are here, by the beginning of the block.
    private static readonly (string Code, string Name, string Value)[] Marks =
    [
        // The same commands run with a real sandbox on the page "Getting started".
        ("$sandbox = ", "database", "empty"),
        ("$sandbox = ", "before", "function Start-HasuraSandbox { $url }; function Stop-HasuraSandbox { }"),
        ("Invoke-HasuraMigration -Database *", "database", "none"),
        ("Invoke-HasuraMigration -Database *", "before", "Set-Location ../shop; $ordersUrl = $orders; $customersUrl = $customers"),
        ("Undo-HasuraMigration -To", "database", "migrated"),
        ("if (-not (Test-HasuraMigration))", "database", "partly, read only"),
        ("if (-not (Test-HasuraMigration))", "fails", "Migrations are not in order."),
    ];

    /// <summary>The blocks of all topics except the table of errors.</summary>
    public static IEnumerable<DocumentExample> Read() =>
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "HasuraMigrations", "module", "en-US"), "about_*.txt").Order(StringComparer.Ordinal)
        where !file.EndsWith("about_HasuraMigrations_Errors.help.txt", StringComparison.Ordinal)
        let text = File.ReadAllText(file).ReplaceLineEndings("\n")
        from Match block in Block().Matches(text)
        let code = string.Join('\n', block.Value.TrimEnd('\n').Split('\n').Select(l => l[8..]))
        let line = text[..block.Index].Count(c => c == '\n') + 1
        select new DocumentExample(
            Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'),
            new Example("", line, code, null, [], [.. Marks.Where(m => code.StartsWith(m.Code, StringComparison.Ordinal)).Select(m => (m.Name, m.Value))]));

    [GeneratedRegex(@"^ {8}(\$\w+ = |[A-Z][a-z]+-Hasura\w+ \S|try |if )(.*\n {8})*.*\n", RegexOptions.Multiline)]
    private static partial Regex Block();
}
