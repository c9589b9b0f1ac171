using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Tests.Dependencies;

/// <summary>Dependencies between the namespaces of the engine, as the compiler has written them.</summary>
public sealed class NamespaceTests
{
    private const string Root = "HasuraMigrations.Engine.";
    private static readonly Architecture Engine = new ArchLoader().LoadAssembly(typeof(MigrationRunner).Assembly).Build();

    [Theory]
    [InlineData("Sql", "Migrations", "Targets", "Projects", "Metadata", "Connections", "Sandbox")]
    [InlineData("Catalog", "Migrations", "Targets", "Metadata", "Connections", "Sandbox")]
    [InlineData("Projects", "Migrations", "Targets", "Sql", "Metadata", "Connections", "Sandbox")]
    [InlineData("Sandbox", "Migrations", "Targets", "Sql", "Metadata", "Connections")]
    [InlineData("Metadata", "Migrations", "Targets", "Connections", "Sandbox")]
    [InlineData("Migrations", "Targets", "Connections", "Sandbox")]
    [InlineData("Targets", "Connections", "Sandbox")]
    [InlineData("Targets.Postgres", "Targets.Server")]
    public void A_part_does_not_depend_on(string part, params string[] forbidden)
    {
        var uses = Engine.Types.Where(t => IsIn(t, part))
            .SelectMany(t => t.Dependencies.Where(d => forbidden.Any(f => IsIn(d.Target, f))).Select(d => $"{t.FullName} uses {d.Target.FullName}"))
            .Distinct();

        Assert.Empty(uses);
    }

    [Fact]
    public void Parts_are_seen()
    {
        // A rule about nothing holds always.
        Assert.All(new[] { "Sql", "Catalog", "Projects", "Sandbox", "Metadata", "Migrations", "Targets.Postgres", "Targets.Server", "Connections" }, part =>
            Assert.True(Engine.Types.Count(t => IsIn(t, part)) > 4, part));
    }

    private static bool IsIn(IType type, string part) => type.Namespace?.FullName is { } name && (name == Root + part || name.StartsWith($"{Root}{part}.", StringComparison.Ordinal));
}
