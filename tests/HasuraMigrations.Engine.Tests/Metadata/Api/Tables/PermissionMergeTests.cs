using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Api.Tables;

/// <summary>Columns that not every parent of a role may read are null in some rows.</summary>
public sealed class PermissionMergeTests
{
    private static readonly SmallApi Api = new()
    {
        Catalog = "author(id int4*, name text!)",
        Tables = """
            [{"table":{"schema":"public","name":"author"},"select_permissions":[
              {"role":"reader","permission":{"columns":["id"],"filter":{}}},
              {"role":"editor","permission":{"columns":["id","name"],"filter":{}}}]}]
            """,
        Document = """
            {"inherited_roles":[{"role_name":"both","role_set":["reader","editor"]},{"role_name":"child","role_set":["both"]},{"role_name":"cousin","role_set":["both","editor"]}]}
            """,
    };

    [Theory]
    [InlineData("both", "2.1.0", "String")]
    [InlineData("child", "2.45.2", "String!")]
    [InlineData("child", "2.45.3", "String")]
    [InlineData("child", "2.46.0", "String!")]
    [InlineData("child", "2.47.0", "String")]
    [InlineData("cousin", "2.44.0", "String!")]
    [InlineData("cousin", "2.48.0", "String")]
    public void Children_of_such_a_role_know_it_since_it_was_mended(string role, string version, string type) =>
        Assert.Equal($"name: {type}", SmallApi.Fields(Api.Build(role, new ApiSettings { Era = new MetadataEra(new Version(version)) }), "author", "name"));
}
