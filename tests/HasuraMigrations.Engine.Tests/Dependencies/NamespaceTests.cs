using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Tests.Dependencies;

/// <summary>Dependencies between the namespaces of the engine, as the compiler has written them.</summary>
public sealed class NamespaceTests
{
    private const string Prefix = "HasuraMigrations.Engine.";
    private static readonly string[] Libraries = ["Npgsql", "YamlDotNet", "GraphQLParser", "GraphQL", "System.Net.Http"];
    private static readonly Architecture Engine = new ArchLoader().LoadAssembly(typeof(MigrationRunner).Assembly).Build();

    /// <summary>
    /// Each namespace with all that it may use: namespaces above it in this table, so that there is no cycle, and libraries. The
    /// compiler writes the values of constants into their users, so that Sql, whose constants two use, is not seen there.
    /// </summary>
    private static readonly (string Name, string[] Uses)[] Allowed =
    [
        ("Reports", []),
        ("Processes", []),
        ("Sql", []),
        ("Json", []),
        ("Yaml", ["Processes", "Json", "YamlDotNet"]),
        ("Projects", ["Processes", "Json", "Yaml"]),
        ("Sandbox", ["Processes", "Projects", "Npgsql"]),
        ("Catalog", ["Sql", "Npgsql"]),
        ("Metadata.Model", ["Processes", "Json", "Projects"]),
        ("Metadata.Shapes", ["Processes", "Json", "Metadata.Model", "GraphQLParser"]),
        ("Metadata.Forms", ["Processes", "Json", "Metadata.Model", "Metadata.Shapes"]),
        ("Metadata.Comparing", ["Processes", "Json", "Metadata.Model", "Metadata.Shapes", "Metadata.Forms"]),
        ("Metadata.Checking", ["Json", "Projects", "Metadata.Model", "Metadata.Shapes", "Metadata.Forms"]),
        ("Metadata.Files", ["Processes", "Json", "Yaml", "Projects", "Metadata.Model", "Metadata.Shapes", "Metadata.Forms", "Metadata.Comparing", "GraphQLParser"]),
        ("Metadata.Merging", ["Json", "Yaml", "Projects", "Metadata.Model", "Metadata.Shapes", "Metadata.Forms", "Metadata.Comparing", "Metadata.Files"]),
        ("Metadata.Schema", ["Processes", "Json", "Sql", "Catalog", "Metadata.Model", "Metadata.Shapes", "GraphQLParser"]),
        ("Metadata.Api.Types", ["Json", "Metadata.Model"]),
        ("Metadata.Api.Formats", ["Json", "Metadata.Shapes", "Metadata.Api.Types", "GraphQLParser"]),
        ("Metadata.Api.Tables", ["Processes", "Json", "Catalog", "Metadata.Model", "Metadata.Shapes", "Metadata.Schema", "Metadata.Api.Types"]),
        ("Metadata.Api", ["Processes", "Json", "Catalog", "Metadata.Model", "Metadata.Shapes", "Metadata.Schema", "Metadata.Api.Types", "Metadata.Api.Formats", "Metadata.Api.Tables", "GraphQLParser"]),
        ("Metadata.Api.Changes", ["Json", "Metadata.Api.Types", "Metadata.Api.Formats", "Metadata.Api", "GraphQLParser"]),
        ("Metadata.Operations", ["Json", "Projects", "Metadata.Model", "Metadata.Shapes", "Metadata.Files", "Metadata.Api.Types", "Metadata.Api.Formats", "Metadata.Api.Changes", "Metadata.Api", "GraphQLParser", "GraphQL"]),
        ("Metadata.Outlines", ["Json", "Catalog", "Metadata.Model", "Metadata.Schema"]),
        ("Metadata.Commands", ["Json", "Sql", "Catalog", "Metadata.Model", "Metadata.Shapes", "Metadata.Forms", "Metadata.Schema"]),
        ("Metadata", ["Json", "Metadata.Model", "Metadata.Api.Types", "Metadata.Api", "Metadata.Shapes", "Metadata.Forms", "Metadata.Comparing", "Metadata.Checking"]),
        ("Variables", ["Processes", "Sql", "Projects"]),
        ("Migrations", ["Processes", "Sql", "Json", "Yaml", "Projects", "Variables"]),
        ("Squashing", ["Sql", "Json", "Yaml", "Projects", "Variables", "Migrations"]),
        ("Updating", ["Sql", "Json", "Yaml", "Projects", "Metadata.Model", "Metadata.Forms", "Metadata.Comparing", "Metadata.Files", "Metadata.Commands", "Variables", "Migrations", "Squashing"]),
        ("Dumps", ["Sql"]),
        ("Seeds", ["Sql", "Projects", "Variables", "Migrations", "Dumps"]),
        ("Checks", ["Projects", "Metadata.Model", "Metadata.Files", "Metadata.Checking", "Migrations", "Seeds"]),
        ("Records", ["Sql", "Json", "Variables", "Migrations", "Seeds"]),
        ("Releases", ["Projects", "Metadata.Model", "Metadata.Comparing", "Metadata", "Migrations", "Seeds", "Records"]),
        ("Targets", ["Json", "Migrations"]),
        ("Targets.Postgres.ConnectionStrings", ["Npgsql"]),
        ("Targets.Postgres.Dumps", ["Processes", "Sandbox", "Targets.Postgres.ConnectionStrings", "Npgsql"]),
        ("Targets.Postgres.Sessions", ["Catalog", "Migrations", "Seeds", "Records", "Targets", "Targets.Postgres.ConnectionStrings", "Npgsql"]),
        ("Targets.Postgres.Api", ["Sql", "Json", "Catalog", "Metadata.Model", "Metadata.Schema", "Metadata.Commands", "Metadata", "Targets", "Targets.Postgres.Sessions", "Npgsql"]),
        ("Targets.Postgres.Store", ["Sql", "Json", "Catalog", "Metadata.Model", "Metadata.Shapes", "Metadata.Forms", "Metadata.Schema", "Metadata.Api.Types", "Metadata.Api", "Metadata", "Migrations", "Records", "Targets.Postgres.Sessions", "Targets.Postgres.Api", "Npgsql"]),
        ("Targets.Postgres.Runs", ["Sql", "Catalog", "Metadata.Model", "Metadata.Commands", "Variables", "Migrations", "Dumps", "Seeds", "Records", "Targets", "Targets.Postgres.Dumps", "Targets.Postgres.Sessions", "Targets.Postgres.Api", "Targets.Postgres.Store", "Npgsql"]),
        ("Targets.Server", ["Processes", "Sql", "Json", "Catalog", "Metadata.Model", "Metadata.Schema", "Metadata.Api.Types", "Metadata.Api", "Metadata.Comparing", "Metadata.Commands", "Metadata", "Migrations", "Dumps", "Seeds", "Records", "Targets", "System.Net.Http"]),
        ("Connections", ["Projects", "Catalog", "Metadata.Model", "Metadata.Schema", "Metadata", "Migrations", "Dumps", "Seeds", "Targets.Postgres.ConnectionStrings", "Targets.Postgres.Sessions", "Targets.Postgres.Store", "Targets.Postgres.Runs", "Targets.Server", "Npgsql"]),
        ("Proofs", ["Sql", "Projects", "Sandbox", "Metadata.Model", "Metadata.Api.Types", "Metadata.Api", "Metadata.Comparing", "Metadata.Commands", "Metadata", "Variables", "Migrations", "Records", "Squashing", "Updating", "Dumps", "Targets.Postgres.ConnectionStrings", "Targets.Postgres.Store", "Connections"]),
        ("Impacts", ["Sql", "Json", "Projects", "Catalog", "Metadata.Model", "Metadata.Forms", "Metadata.Schema", "Metadata.Comparing", "Metadata.Api", "Metadata.Api.Types", "Metadata.Api.Tables", "Metadata.Api.Changes", "Metadata.Operations", "Metadata.Outlines", "Metadata.Commands", "Metadata", "Variables", "Migrations", "Dumps", "Records", "Releases", "Targets.Postgres.Store", "Connections", "Proofs", "GraphQLParser"]),
    ];

    [Fact]
    public void A_namespace_uses_only_what_the_table_allows_it()
    {
        var arrows = Arrows().ToList();

        // A search that finds nothing would pass.
        Assert.True(arrows.Count > 80, $"{arrows.Count} arrows");
        var refused = arrows.Where(a => !(Allowed.FirstOrDefault(n => n.Name == a.From).Uses ?? []).Contains(a.To)).Select(a => $"{a.Origin} uses {a.Target}").ToList();
        Assert.True(refused.Count == 0, string.Join("\n", refused));
    }

    [Fact]
    public void The_table_allows_only_what_stands_above_and_lists_each_namespace_once()
    {
        var above = new HashSet<string>(Libraries);
        foreach (var (name, uses) in Allowed)
        {
            Assert.All(uses, u => Assert.Contains(u, above));
            Assert.True(above.Add(name), name);
        }

        Assert.Equal(Engine.Types.Select(NamespaceOf).OfType<string>().Distinct().Order(StringComparer.Ordinal), Allowed.Select(a => a.Name).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<(string From, string To, string Origin, string Target)> Arrows() =>
        from type in Engine.Types
        let user = NamespaceOf(type)
        where user is not null
        from dependency in type.Dependencies
            // The type parameters of two generic methods with one name are one to the library.
        where dependency.Target is not GenericParameter
        let used = NamespaceOf(dependency.Target) ?? LibraryOf(dependency.Target)
        where used is not null && used != user
        group dependency by (user, used, Origin: type.FullName, Target: dependency.Target.FullName) into one
        select (one.Key.user, one.Key.used, one.Key.Origin, one.Key.Target);

    private static string? NamespaceOf(IType type) =>
        type.Namespace?.FullName is { } name && name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : null;

    private static string? LibraryOf(IType type) =>
        Array.Find(Libraries, l => type.Namespace?.FullName is { } name && (name == l || name.StartsWith($"{l}.", StringComparison.Ordinal)));
}
