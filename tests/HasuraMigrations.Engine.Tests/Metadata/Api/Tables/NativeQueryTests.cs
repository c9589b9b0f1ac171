namespace HasuraMigrations.Engine.Tests.Metadata.Api.Tables;

/// <summary>Native queries, the fields that lead to them, and the logical models of their rows.</summary>
public sealed class NativeQueryTests
{
    private const string Source = """
        {"logical_models":[
          {"name":"total","fields":[{"name":"id","type":{"scalar":"integer","nullable":false}},{"name":"sum","type":{"scalar":"integer","nullable":false}}],
           "select_permissions":[
             {"role":"reader","permission":{"columns":["id"],"filter":{}}},{"role":"editor","permission":{"columns":"*","filter":{}}},
             {"role":"strict","permission":{"columns":["sum"],"filter":{}}}]},
          {"name":"spare","fields":[],"select_permissions":[{"role":"guest","permission":{"columns":[],"filter":{}}}]}],
         "native_queries":[{"root_field_name":"totals","returns":"total","code":"SELECT 1","arguments":{"least":{"type":"integer"}}}]}
        """;

    private static readonly SmallApi Api = new()
    {
        Catalog = "author(id int4*)",
        Source = Source,
        Tables = """
            [{"table":{"schema":"public","name":"author"},
              "object_relationships":[{"name":"total","using":{"manual_configuration":{"remote_native_query":"totals","column_mapping":{"id":"id"}}}}],
              "array_relationships":[{"name":"all_totals","using":{"manual_configuration":{"remote_native_query":"totals","column_mapping":{"id":"id"}}}}]}]
            """,
        Document = """{"inherited_roles":[{"role_name":"both","role_set":["reader","editor"]},{"role_name":"strict","role_set":["reader"]},{"role_name":"child","role_set":["strict"]}]}""",
    };

    [Fact]
    public void Arguments_are_named_after_the_field_that_takes_them()
    {
        var schema = Api.Build();

        Assert.StartsWith("totals(args: totals_arguments!, distinct_on: [total_enum_name!],", SmallApi.Fields(schema, "query_root", "totals"), StringComparison.Ordinal);
        Assert.Equal("all_totals(args: all_totals_arguments!, distinct_on: [total_enum_name!], limit: Int, offset: Int, order_by: [total_order_by!], where: total_bool_exp_bool_exp): [total!]; total(args: total_arguments!): total", SmallApi.Fields(schema, "author", "all_totals", "total"));
        Assert.Equal("least: Int!", SmallApi.Inputs(schema, "total_arguments"));
    }

    [Theory]
    [InlineData("reader", "id: Int!")]
    [InlineData("both", "id: Int!; sum: Int!")]
    [InlineData("strict", "sum: Int!")]
    [InlineData("child", "sum: Int!")]
    public void A_role_that_inherits_reads_what_its_parents_read_unless_it_has_its_own_permission(string role, string fields) =>
        Assert.Equal(fields, SmallApi.Fields(Api.Build(role), "total"));

    [Fact]
    public void A_role_of_a_model_that_no_query_returns_has_a_schema() => Assert.Contains("guest", Api.Builder().Roles);
}
