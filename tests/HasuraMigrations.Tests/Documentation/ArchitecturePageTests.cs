using System.Text.RegularExpressions;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Documentation;

/// <summary>What <c>docs/architecture.md</c> names exists.</summary>
public sealed partial class ArchitecturePageTests
{
    private const string Engine = "src/HasuraMigrations.Engine";
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));

    private static readonly List<string> Sources =
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Repository.Root, f).Replace('\\', '/')).Where(f => !f.Contains("/obj/", StringComparison.Ordinal))];

    [Fact]
    public void Files_and_directories_exist()
    {
        var paths = Paths().Matches(Page).Select(m => m.Value).ToList();

        Assert.InRange(paths.Count, 20, 100);
        Assert.All(paths, p => Assert.True(Path.Exists(Path.Combine(Repository.Root, p)), p));
    }

    [Fact]
    public void Each_namespace_of_the_engine_is_described() => Assert.Equal(
        Sources.Where(f => f.StartsWith($"{Engine}/", StringComparison.Ordinal)).Select(f => Path.GetDirectoryName(f)![(Engine.Length + 1)..].Replace('\\', '/').Replace('/', '.')).Distinct().Order(StringComparer.Ordinal),
        Namespaces().Matches(Page).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void Classes_exist()
    {
        var classes = Sources.Select(f => Path.GetFileNameWithoutExtension(f)).ToHashSet();
        var namespaces = Namespaces().Matches(Page).Select(m => m.Groups[1].Value).ToHashSet();
        var names = Names().Matches(Page).Select(m => m.Groups[1].Value).Where(n => !namespaces.Contains(n) && !n.StartsWith("HasuraMigrations.", StringComparison.Ordinal) && n is not "NotInTransaction").ToList();

        Assert.InRange(names.Count, 30, 200);
        Assert.All(names, n => Assert.True(n.Split('.').TakeLast(2).Any(classes.Contains), n));
    }

    [GeneratedRegex(@"(?<=`)(?:src|tests)/[\w./]+(?=`)")]
    private static partial Regex Paths();

    [GeneratedRegex(@"^\| `([\w.]+)` \| ", RegexOptions.Multiline)]
    private static partial Regex Namespaces();

    [GeneratedRegex(@"`([A-Z]\w+(?:\.\w+)*)`")]
    private static partial Regex Names();
}
