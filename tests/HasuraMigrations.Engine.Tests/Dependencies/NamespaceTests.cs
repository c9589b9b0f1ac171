using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Tests.Dependencies;

/// <summary>Dependencies between the namespaces of the engine, as the compiler has written them.</summary>
public sealed class NamespaceTests
{
    private const string Product = "HasuraMigrations.";
    private static readonly Architecture Engine = new ArchLoader().LoadAssembly(typeof(MigrationRunner).Assembly).Build();

    [Theory]
    [InlineData("Sql", "Npgsql", "YamlDotNet", "System.Net.Http", "Engine.Migrations", "Engine.Targets", "Engine.Projects", "Engine.Metadata", "Engine.Connections", "Engine.Sandbox")]
    [InlineData("Catalog", "YamlDotNet", "System.Net.Http", "Engine.Migrations", "Engine.Targets", "Engine.Metadata", "Engine.Connections", "Engine.Sandbox")]
    [InlineData("Projects", "Npgsql", "System.Net.Http", "Engine.Migrations", "Engine.Targets", "Engine.Sql", "Engine.Metadata", "Engine.Connections", "Engine.Sandbox")]
    [InlineData("Sandbox", "Engine.Migrations", "Engine.Targets", "Engine.Sql", "Engine.Metadata", "Engine.Connections")]
    [InlineData("Metadata", "Npgsql", "System.Net.Http", "Engine.Migrations", "Engine.Targets", "Engine.Connections", "Engine.Sandbox")]
    [InlineData("Migrations", "Npgsql", "YamlDotNet", "System.Net.Http", "Engine.Targets", "Engine.Connections", "Engine.Sandbox")]
    [InlineData("Seeds", "Npgsql", "YamlDotNet", "System.Net.Http", "Engine.Targets.Postgres")]
    [InlineData("Targets", "Engine.Connections", "Engine.Sandbox")]
    [InlineData("Targets.Postgres", "System.Net.Http", "Engine.Targets.Server")]
    public void A_part_does_not_depend_on(string part, params string[] forbidden)
    {
        var types = Engine.Types.Where(t => IsIn(t, $"Engine.{part}")).ToList();
        Assert.SkipWhen(types.Count == 0 && part == "Seeds", $"There is no {part} yet.");

        // A rule about nothing holds always.
        Assert.True(types.Count > 4, part);
        Assert.Empty(Uses(types, forbidden));
    }

    [Fact]
    public void What_all_targets_share_depends_on_no_implementation()
    {
        var types = Engine.Types.Where(t => t.Namespace?.FullName == $"{Product}Engine.Targets").ToList();

        Assert.NotEmpty(types);
        Assert.Empty(Uses(types, "Npgsql", "System.Net.Http", "Engine.Targets.Postgres", "Engine.Targets.Server"));
    }

    private static IEnumerable<string> Uses(IEnumerable<IType> types, params string[] forbidden) => types
        .SelectMany(t => t.Dependencies.Where(d => forbidden.Any(f => IsIn(d.Target, f))).Select(d => $"{t.FullName} uses {d.Target.FullName}"))
        .Distinct();

    // Parts of the engine without the name of the product, others whole.
    private static bool IsIn(IType type, string part) =>
        type.Namespace?.FullName is { } name && $"{name}.".StartsWith(part.StartsWith("Engine.", StringComparison.Ordinal) ? $"{Product}{part}." : $"{part}.", StringComparison.Ordinal);
}
