using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Tests.Metadata.Api.Tables;

/// <summary>The names of tracked functions and computed fields, and of what they take.</summary>
public sealed class ApiFunctionTests
{
    private static readonly SmallApi Api = new()
    {
        Catalog = "author(id int4*)",
        Tables = """
            [{"table":{"schema":"public","name":"author"},"computed_fields":[{"name":"full_name","definition":{"function":{"schema":"public","name":"name_of"}}}]}]
            """,
        Source = """
            {"functions":[
              {"function":{"schema":"public","name":"search_all"}},
              {"function":{"schema":"public","name":"find"},"configuration":{"custom_name":"my_find"}}]}
            """,
        Functions = """
            [{"schema":"public","name":"search_all","overloads":[{"vol":"s","set":true,"variadic":false,"rs":"public","rt":"author","rk":"c","args":[{"type":"text","kind":"b"}],"names":["q"],"ndef":0}]},
             {"schema":"public","name":"find","overloads":[{"vol":"s","set":true,"variadic":false,"rs":"public","rt":"author","rk":"c","args":[{"type":"text","kind":"b"}],"names":["q"],"ndef":0}]},
             {"schema":"public","name":"name_of","overloads":[{"vol":"s","set":false,"variadic":false,"rs":"pg_catalog","rt":"text","rk":"b","args":[{"s":"public","type":"author","kind":"c"},{"type":"text","kind":"b"}],"names":["a","q"],"ndef":0}]}]
            """,
    };

    [Fact]
    public void A_custom_name_names_the_arguments_too() =>
        Assert.Equal("my_find my_find_args,my_find_aggregate my_find_args,search_all search_all_args,search_all_aggregate search_all_args", Calls(Api.Build()));

    // The custom name stays where it names a field, and is changed where it names a type.
    [Fact]
    public void The_convention_changes_a_custom_name_in_the_type_of_the_arguments_only() =>
        Assert.Equal("my_find myFindArgs,my_find_aggregate myFindArgs,searchAll searchAllArgs,searchAllAggregate searchAllArgs", Calls(Api.Build(settings: SmallApi.GraphQLNames)));

    [Fact]
    public void Later_servers_give_types_of_arguments_a_large_letter_and_take_a_computed_field_as_one_word()
    {
        var schema = Api.Build(settings: SmallApi.GraphQLNames with { HasNamingOfSeptember2023 = true });

        Assert.Equal("my_find MyFindArgs,my_find_aggregate MyFindArgs,searchAll SearchAllArgs,searchAllAggregate SearchAllArgs", Calls(schema));
        Assert.Equal("full_name(args: Full_nameAuthorArgs!): String", SmallApi.Fields(schema, "Author", "full_name"));
    }

    private static string Calls(ApiSchema schema) =>
        string.Join(",", schema.Find("query_root")!.Fields.Where(f => f.Arguments.Any(a => a.Name == "args")).Select(f => $"{f.Name} {f.Arguments.Single(a => a.Name == "args").Type.Name}"));
}
