using System.Text.RegularExpressions;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Module;

/// <summary>What the assemblies of the product reference, and what their sources do not contain.</summary>
public sealed class ArchitectureTests
{
    private static readonly string Engine = Path.Combine(Repository.Root, "src", "HasuraMigrations.Engine");

    [Fact]
    public void Contracts_reference_nothing_but_the_framework()
    {
        Assert.All(ManifestTests.References(Path.Combine(Repository.Module, "HasuraMigrations.Contracts.dll")), name => Assert.StartsWith("System", name));
    }

    [Fact]
    public void The_engine_knows_no_PowerShell()
    {
        Assert.DoesNotContain("System.Management.Automation", ManifestTests.References(Path.Combine(Repository.Module, "deps", "HasuraMigrations.Engine.dll")));
    }

    [Fact]
    public void Every_table_of_the_catalog_that_SQL_uses_is_one_whose_code_is_looked_for()
    {
        var look = File.ReadAllText(Path.Combine(Engine, "Records", "Sql", "untrusted_code.sql"));
        Assert.Contains("/*hasura_tables.sql*/", look);
        var checkedNames = Regex.Matches(File.ReadAllText(Path.Combine(Engine, "Records", "Sql", "hasura_tables.sql")), "'([a-z_]+)'").Select(m => m.Groups[1].Value).ToHashSet();
        string[] functions = ["gen_hasura_uuid", "insert_event_log"];
        var used = new[] { "Records", "Targets" }.SelectMany(room => Directory.EnumerateFiles(Path.Combine(Engine, room), "*", SearchOption.AllDirectories))
            .SelectMany(file => Regex.Matches(Code(file), "hdb_catalog\\.([a-z_]+)").Select(m => m.Groups[1].Value)).Distinct().Except(functions).ToList();

        Assert.InRange(used.Count, 10, 100);
        Assert.Empty(used.Except(checkedNames));
    }

    [Fact]
    public void Nothing_in_the_sources_is_left_unfinished()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

        Assert.All(files, file => Assert.DoesNotMatch("throw new NotImplementedException|TODO|FIXME", File.ReadAllText(file)));
    }

    // Comments may name what code may not.
    private static string Code(string file) => Regex.Replace(File.ReadAllText(file), @"//[^\n]*", "");
}
