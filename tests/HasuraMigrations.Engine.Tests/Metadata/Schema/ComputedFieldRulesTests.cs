using HasuraMigrations.Engine.Tests.Metadata.Api;

namespace HasuraMigrations.Engine.Tests.Metadata.Schema;

/// <summary>Which functions make computed fields, and what goes with one that does not.</summary>
public sealed class ComputedFieldRulesTests
{
    [Theory]
    [InlineData("text", true)]
    [InlineData("jsonb", true)]
    [InlineData("inet", false)]
    [InlineData("_int4", false)]
    public void A_value_of_a_type_that_servers_do_not_know_makes_it_inconsistent_and_so_the_permissions_that_name_it(string type, bool isThere)
    {
        var api = new SmallApi
        {
            Catalog = "author(id int4*)",
            Tables = """
                [{"table":{"schema":"public","name":"author"},"computed_fields":[{"name":"found","definition":{"function":{"schema":"public","name":"find"}}}],
                  "select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{},"computed_fields":["found"]}}]}]
                """,
            Functions = $$"""[{"schema":"public","name":"find","overloads":[{"vol":"s","set":false,"variadic":false,"rs":"pg_catalog","rt":"{{type}}","rk":"b","args":[{"s":"public","type":"author","kind":"c"}],"names":["a"],"ndef":0}]}]""",
        };

        Assert.Equal(isThere, api.Build().Find("author")!.Fields.Any(f => f.Name == "found"));
        Assert.Equal(isThere, api.Build("user").Find("author") is not null);
        Assert.Equal(
            isThere ? [] : [$"because the function \"find\" returning type {type} is not a BASE type", "computed field \"found\" does not exist"],
            api.ToModel().Findings().Select(f => f.Message[Math.Max(f.Message.IndexOf("because", StringComparison.Ordinal), f.Message.LastIndexOf(": ", StringComparison.Ordinal) + 2)..]));
    }
}
