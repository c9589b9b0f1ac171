using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Tests.Migrations;

/// <summary>An error whose id has no row in the table would fail again while it is shown.</summary>
public sealed partial class ErrorIdTests
{
    [Fact]
    public void Given_the_source_every_id_of_an_error_is_in_the_table()
    {
        var ids = Directory.EnumerateFiles(Path.Combine(Root(), "src", "HasuraMigrations.Engine"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Contains("obj"))
            .SelectMany(File.ReadLines)
            .Where(line => RaisesError().IsMatch(line))
            .SelectMany(line => Id().Matches(line).Select(m => m.Groups[1].Value))
            .Distinct()
            .ToList();

        Assert.InRange(ids.Count, 40, 200);
        Assert.Empty(ids.Except(ErrorCatalog.All.Select(row => row.Id)));
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

    [GeneratedRegex(@"FindingSeverity\.Error\b|\bRefuse\(|new HasuraMigrationException\(|YamlReader\.Read\(")]
    private static partial Regex RaisesError();

    [GeneratedRegex("\"((?:[A-Z][a-z]+){2,})\"")]
    private static partial Regex Id();
}
