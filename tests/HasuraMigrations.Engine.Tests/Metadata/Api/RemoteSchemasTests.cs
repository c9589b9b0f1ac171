using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>What roles that inherit see of a remote schema.</summary>
public sealed class RemoteSchemasTests
{
    private static readonly SmallApi Api = new()
    {
        Catalog = "",
        Tables = "[]",
        Document = """
            {"remote_schemas":[{"name":"feed","definition":{"url":"http://feed.example"},"permissions":[
               {"role":"one","definition":{"schema":"type Query { one: Int }"}},
               {"role":"two","definition":{"schema":"type Query { two: Int }"}},
               {"role":"own","definition":{"schema":"type Query { own: Int }"}}]}],
             "inherited_roles":[{"role_name":"own","role_set":["one","two"]},{"role_name":"child","role_set":["own"]},{"role_name":"torn","role_set":["one","two"]},{"role_name":"heir","role_set":["torn","two"]}]}
            """,
    };

    [Theory]
    [InlineData("one", "one: Int")]
    [InlineData("own", "own: Int")]
    [InlineData("child", "own: Int")]
    [InlineData("torn", "no_queries_available: String!")]
    [InlineData("heir", "two: Int")]
    public void A_permission_of_a_role_takes_the_place_of_those_of_its_parents(string role, string fields) =>
        Assert.Equal(fields, SmallApi.Fields(Api.Build(role, new ApiSettings { HasRemoteSchemaPermissions = true }), "query_root"));
}
