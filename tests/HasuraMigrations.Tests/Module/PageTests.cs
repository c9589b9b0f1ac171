using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Module;

public sealed class PageTests
{
    private static readonly string Made = Path.Combine(Repository.Root, "out", "pages");

    [Fact]
    public void The_pages_of_the_commands_the_table_of_the_readme_and_that_of_the_errors_are_those_that_the_build_generates()
    {
        var made = Directory.EnumerateFiles(Made, "*.md", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Made, f)).Order(StringComparer.Ordinal).ToList();
        var kept = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "cmdlets")).Select(f => Path.GetRelativePath(Repository.Root, f)).Append("README.md").Append(Path.Combine("docs", "errors.md")).Order(StringComparer.Ordinal);
        var stale = made.Where(f => !File.Exists(Path.Combine(Repository.Root, f)) || Text(Made, f) != Text(Repository.Root, f));

        Assert.Equal(made, kept);
        Assert.True(!stale.Any(), $"Stale: {string.Join(", ", stale)}. Write them with: dotnet build src/HasuraMigrations -t:UpdatePages");
    }

    private static string Text(string root, string file) => File.ReadAllText(Path.Combine(root, file)).ReplaceLineEndings("\n");
}
