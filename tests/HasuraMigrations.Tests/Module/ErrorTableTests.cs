using System.Management.Automation;
using System.Text.RegularExpressions;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Module;

public sealed partial class ErrorTableTests(HostedShell shell) : IClassFixture<HostedShell>
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "errors.md"));

    [Fact]
    public void The_page_of_errors_is_the_table_of_errors()
    {
        var table = Definitions().Select(d => $"| `{d.Id}` | {d.Kind} | {d.Meaning} | {d.Action} |").Order();
        var page = Page.Split('\n').Where(l => Regex.Count(l, @" \| ") == 3 && l.StartsWith("| `", StringComparison.Ordinal)).Order();

        Assert.Equal(table, page);
    }

    [Fact]
    public void The_topic_of_errors_names_each_error_and_finding()
    {
        var topic = shell.Run("Get-Help about_HasuraMigrations_Errors").Well().Output[0].ToString();

        Assert.All(Ids().Matches(Page).Select(m => m.Groups[1].Value), id => Assert.Contains($"    {id} (", topic));
    }

    [Fact]
    public void Each_kind_is_a_category_of_the_shell_and_none_is_unspecified()
    {
        Assert.All(Definitions(), d => Assert.NotEqual(ErrorCategory.NotSpecified, Enum.Parse<ErrorCategory>(d.Kind)));
        Assert.All(Definitions(), d => Assert.EndsWith(".", d.Meaning));
        Assert.All(Definitions(), d => Assert.NotEmpty(d.Action));
    }

    [Fact]
    public void Each_id_in_the_sources_is_on_the_page()
    {
        var known = Ids().Matches(Page).Select(m => m.Groups[1].Value).ToHashSet();
        var used = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.EndsWith("ErrorTable.cs", StringComparison.Ordinal))
            .SelectMany(f => Uses().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value))
            .Distinct();

        Assert.Empty(used.Except(known));
    }

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Ids();

    [GeneratedRegex("""(?:HasuraMigrationException\(|MigrationFailedException\(|\bId = |Tell\((?:\w+, )?|Warn\(|Refuse\(|Add\(|New\(\w+, )"([A-Z][A-Za-z]{6,})",?""")]
    private static partial Regex Uses();

    private List<(string Id, string Kind, string Meaning, string Action)> Definitions() =>
        [.. shell.Run("[HasuraMigrations.ErrorCatalog]::All").Well().Output.Select(d => (Text(d, "Id"), Text(d, "Kind"), Text(d, "Meaning"), Text(d, "RecommendedAction")))];

    private static string Text(PSObject value, string property) => $"{value.Properties[property].Value}";
}
