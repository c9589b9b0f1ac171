using System.Text.RegularExpressions;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Module;

/// <summary>No parameter of a cmdlet is without a test.</summary>
public sealed partial class ParameterUseTests
{
    // A parameter that so many cmdlets have is one thing with one test.
    private const int Shared = 10;

    [Fact]
    public void Every_parameter_stands_in_a_test_of_its_cmdlet()
    {
        var texts = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "HasuraMigrations.Tests"), "*.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "pester"), "*.ps1"))
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(File.ReadAllText)
            .Select(text => (Text: text, Parameters: Parameter().Matches(text).Select(m => m.Groups[1].Value).ToHashSet(StringComparer.OrdinalIgnoreCase)))
            .ToList();
        var parameters = Parameters().ToLookup(p => p.Name, p => p.Cmdlet);

        var missing =
            from parameter in parameters
            let isShared = parameter.Distinct().Count() >= Shared
            from cmdlet in isShared ? [""] : parameter.Distinct()
            where !texts.Exists(t => t.Parameters.Contains(parameter.Key) && t.Text.Contains(cmdlet, StringComparison.Ordinal))
            select $"{cmdlet} -{parameter.Key}".Trim();
        Assert.Empty(missing);
    }

    private static IEnumerable<(string Cmdlet, string Name)> Parameters()
    {
        var cmdlet = "";
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "tests", "HasuraMigrations.Tests", "Module", "commands.approved.txt")))
        {
            cmdlet = line.StartsWith(' ') ? cmdlet : line;
            if (line.TrimStart().StartsWith('-'))
            {
                yield return (cmdlet, line.Trim().Split(' ')[0][1..]);
            }
        }
    }

    [GeneratedRegex(@"(?<![\w-])-([A-Za-z]+)\b")]
    private static partial Regex Parameter();
}
