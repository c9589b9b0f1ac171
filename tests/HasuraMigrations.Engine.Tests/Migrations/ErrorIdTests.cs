using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Tests.Migrations;

/// <summary>An error whose id has no row in the table would fail again while it is shown.</summary>
public sealed partial class ErrorIdTests
{
    [Fact]
    public void Given_the_source_every_id_of_an_error_is_in_the_table()
    {
        var errors = ErrorCatalog.All.Select(row => row.Id).ToHashSet();
        var warnings = Warnings().Matches(File.ReadAllText(Path.Combine(Root(), "docs", "errors.md"))).Select(m => m.Groups[1].Value).ToHashSet();
        var statements = Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Contains("obj"))
            .SelectMany(file => EndOfStatement().Split(Comments().Replace(File.ReadAllText(file), "")))
            .Where(statement => RaisesError().IsMatch(statement));

        // A statement may choose between an error and a warning, so both tables serve; other words in it are no ids.
        var ids = statements.SelectMany(statement => Id().Matches(ExceptionTypes().Replace(statement, "")).Select(m => m.Groups[1].Value)).Distinct().ToList();

        Assert.InRange(ids.Count(errors.Contains), 60, 300);
        Assert.Empty(ids.Except(errors).Except(warnings).Except(["HasuraMetadata", "RolledBack"]));
    }

    [Fact]
    public void Given_the_source_no_id_of_a_warning_alone_is_raised_as_an_error()
    {
        var errors = ErrorCatalog.All.Select(row => row.Id).ToHashSet();
        var raised = Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Contains("obj"))
            .SelectMany(file => AsError().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value));

        Assert.Empty(raised.Except(errors));
    }

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Migrations.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("The tests do not run below the repository.");
        }

        return directory;
    }

    [GeneratedRegex(@"^\| `(\w+)` \| (?:Warning|Information) \|", RegexOptions.Multiline)]
    private static partial Regex Warnings();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comments();

    [GeneratedRegex(@";\s*$|\{\s*$", RegexOptions.Multiline)]
    private static partial Regex EndOfStatement();

    [GeneratedRegex(@"FindingSeverity\.Error\b|\bseverity\b|\bRefuse\(|new Hasura\w*Exception\(|YamlReader\.Read\(")]
    private static partial Regex RaisesError();

    [GeneratedRegex("\"\\w*Exception\"")]
    private static partial Regex ExceptionTypes();

    [GeneratedRegex("\"((?:[A-Z][a-z]+){2,})\"")]
    private static partial Regex Id();

    [GeneratedRegex("""(?:Id = )?"([A-Z]\w+)",\s*(?:Severity = )?FindingSeverity\.Error""")]
    private static partial Regex AsError();
}
