using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Changes;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Tests.Metadata.Api.Changes;

/// <summary>Schemas that roles have in common are compared once, and the changes are those of each role.</summary>
public sealed class ApiComparisonTests
{
    private static readonly ApiSchema Old = SdlSchemaReader.Read("type Query { a: Int b: Int }");
    private static readonly ApiSchema New = SdlSchemaReader.Read("type Query { a: Int c: Int }");

    [Fact]
    public void Each_role_has_the_changes_of_its_own_schemas()
    {
        var comparison = new ApiComparison();

        Assert.Equal(["x Query.b", "x Query.c"], Compare("x", Old, New));
        Assert.Equal(["y Query.b", "y Query.c"], Compare("y", Old, New));
        Assert.Equal(["z Query.b", "z Query.c"], Compare("z", New, Old));
        Assert.Empty(Compare("x", Old, Old));

        IEnumerable<string> Compare(string role, ApiSchema before, ApiSchema after) =>
            comparison.Compare(new RoleApiSchema(role, false, before), new RoleApiSchema(role, false, after)).Select(c => $"{c.Role} {c.Path}");
    }
}
