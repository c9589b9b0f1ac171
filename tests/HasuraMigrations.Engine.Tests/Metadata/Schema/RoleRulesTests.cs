using HasuraMigrations.Engine.Tests.Metadata.Api;

namespace HasuraMigrations.Engine.Tests.Metadata.Schema;

/// <summary>Which roles there are to inherit from, and what their children hold.</summary>
public sealed class RoleRulesTests
{
    private static readonly SmallApi Api = new()
    {
        Catalog = "author(id int4*)",
        Source = """
            {"native_queries":[{"root_field_name":"found","code":"SELECT 1 AS id","arguments":{},
              "returns":{"fields":[{"name":"id","type":{"scalar":"integer","nullable":false}}],"select_permissions":[{"role":"finder","permission":{"columns":["id"],"filter":{}}}]}}]}
            """,
        Tables = """
            [{"table":{"schema":"public","name":"author"},"insert_permissions":[
              {"role":"writer","permission":{"columns":["id"],"check":{}}},
              {"role":"broken","permission":{"columns":["id","gone"],"check":{}}},
              {"role":"other","permission":{"columns":[],"check":{}}}]}]
            """,
        Document = """{"inherited_roles":[{"role_name":"child","role_set":["writer","broken"]},{"role_name":"mixed","role_set":["writer","other"]},{"role_name":"heir","role_set":["finder"]}]}""",
    };

    [Theory]
    [InlineData("child", true)]
    [InlineData("mixed", false)]
    public void An_inconsistent_permission_of_a_parent_is_none(string role, bool mayInsert)
    {
        Assert.Equal(mayInsert, Api.Build(role).MutationType is not null);
        Assert.Equal(!mayInsert, Api.ToModel().Findings().Any(f => f.Message.Contains($"Could not inherit permission for the role '{role}'", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_role_of_a_model_inside_a_native_query_is_one_to_inherit_from()
    {
        Assert.Equal("id: Int!", SmallApi.Fields(Api.Build("heir"), "found"));
        Assert.DoesNotContain(Api.ToModel().Findings(), f => f.Message.Contains("heir", StringComparison.Ordinal));
    }
}
