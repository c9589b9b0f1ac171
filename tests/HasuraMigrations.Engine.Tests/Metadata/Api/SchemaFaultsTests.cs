using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>What keeps a server from building a schema is told with the schema.</summary>
public sealed class SchemaFaultsTests
{
    private const string Connection = """{"connection_info":{"database_url":{"from_env":"U"}}}""";

    [Theory]
    [InlineData("admin", "The type 'my table' has no name in GraphQL.|The type 'odd type' has no name in GraphQL.|The unique index 'note-pkey' of the table 'note' has no name in GraphQL, where it is a value of note_constraint.")]
    [InlineData("writer", "The unique index 'note-pkey' of the table 'note' has no name in GraphQL, where it is a value of note_constraint.")]
    [InlineData("reader", "")]
    public void A_name_that_GraphQL_does_not_have_fails_the_schemas_that_lead_to_it(string role, string faults)
    {
        var schema = RoleSchemas.Build(Document(Source("default", """
            [{"table":{"schema":"public","name":"my table"}},
             {"table":{"schema":"public","name":"note"},"object_relationships":[{"name":"place","using":{"foreign_key_constraint_on":"place_id"}}],
              "select_permissions":[{"role":"reader","permission":{"columns":["id"],"filter":{}}}],
              "insert_permissions":[{"role":"writer","permission":{"columns":["id"],"check":{}}}]}]
            """)), CatalogJson.Read(JsonNode.Parse("""
            {"tables":[
              {"schema":"public","name":"my table","kind":"r","cols":[{"name":"id","pos":1,"type":"int4","kind":"b","nullable":false,"mutable":true}],"idx":[{"name":"my table_pkey","pk":true,"cols":["id"]}],"fks":[]},
              {"schema":"public","name":"note","kind":"r","cols":[
                 {"name":"id","pos":1,"type":"int4","kind":"b","nullable":false,"mutable":true},
                 {"name":"place_id","pos":2,"type":"int4","kind":"b","nullable":true,"mutable":true},
                 {"name":"odd","pos":3,"type":"odd type","kind":"e","nullable":true,"mutable":true}],
               "idx":[{"name":"note-pkey","pk":true,"cols":["id"]}],
               "fks":[{"name":"note_place_fkey","schema":"public","table":"my table","cols":["place_id"],"fcols":["id"]}]}],
             "functions":[],"types":["int4"],"enum_values":{}}
            """)!), role);

        Assert.Equal(faults, string.Join('|', schema.Faults.Select(f => f.Message)));
        Assert.All(schema.Faults, f => Assert.False(f.IsClash));
    }

    [Fact]
    public void Arguments_of_two_functions_and_values_of_two_enum_tables_clash()
    {
        var catalog = new SmallApi
        {
            Catalog = """
                mood(value text*)
                place(value text*)
                note(id int4*, mood text -> mood.value)
                tour(id int4*, place text -> place.value)
                """,
            EnumValues = """{"public.mood":[["glad"]],"public.place":[["home"]]}""",
            Functions = """
                [{"schema":"public","name":"find","overloads":[{"vol":"s","set":true,"variadic":false,"rs":"public","rt":"note","rk":"c","args":[{"type":"text","kind":"b"}],"names":["q"],"ndef":0}]},
                 {"schema":"public","name":"find_tour","overloads":[{"vol":"s","set":true,"variadic":false,"rs":"public","rt":"tour","rk":"c","args":[{"type":"int4","kind":"b"}],"names":["number"],"ndef":0}]}]
                """,
            Tables = "[]",
        }.ReadCatalog();
        var notes = Source("notes", """[{"table":{"schema":"public","name":"mood"},"is_enum":true},{"table":{"schema":"public","name":"note"}}]""", """[{"function":{"schema":"public","name":"find"}}]""");
        var tours = Source("tours", """[{"table":{"schema":"public","name":"place"},"is_enum":true,"configuration":{"custom_name":"mood"}},{"table":{"schema":"public","name":"tour"}}]""",
            """[{"function":{"schema":"public","name":"find_tour"},"configuration":{"custom_name":"find","custom_root_fields":{"function":"find_tour","function_aggregate":"find_tour_aggregate"}}}]""");
        tours["customization"] = JsonNode.Parse("""{"root_fields":{"prefix":"t_"}}""");

        var faults = RoleSchemas.Build(Document(notes, tours), catalog, "admin").Faults.Where(f => f.IsClash).Select(f => f.Message);

        Assert.Subset(faults.ToHashSet(), new HashSet<string> { "The type find_args is defined more than once, in different ways.", "The type mood_enum is defined more than once, in different ways." });
    }

    [Theory]
    [InlineData("admin", "The type date is defined more than once, in different ways.")]
    [InlineData("reader", "")]
    public void A_table_with_the_name_of_the_type_of_a_column_clashes_where_both_are_shown(string role, string faults)
    {
        var api = new SmallApi
        {
            Catalog = "date(id int4*, day date)",
            Tables = """[{"table":{"schema":"public","name":"date"},"select_permissions":[{"role":"reader","permission":{"columns":["id"],"filter":{}}}]}]""",
        };

        Assert.Equal(faults, string.Join('|', api.Build(role).Faults.Select(f => f.Message)));
    }

    [Theory]
    [InlineData("note_select_column", "The type note_select_column is defined more than once, in different ways.")]
    [InlineData("other", "")]
    public void A_custom_type_with_the_name_of_a_type_of_a_table_clashes(string name, string faults)
    {
        var schema = Api($$"""{"enums":[{"name":"{{name}}","values":[{"value":"a"}]}]}""", $$"""{"output_type":"Int","arguments":[{"name":"a","type":"{{name}}"}]}""");

        Assert.Equal(faults, string.Join('|', schema.Faults.Select(f => f.Message)));
    }

    [Theory]
    [InlineData("note", "The type note is defined more than once, in different ways.")]
    [InlineData("Page", "The type note is defined more than once, in different ways.")]
    [InlineData("Int", "")]
    public void A_custom_object_clashes_where_an_action_returns_it(string output, string faults)
    {
        var schema = Api("""{"objects":[{"name":"note","fields":[{"name":"x","type":"Int"}]},{"name":"Page","fields":[{"name":"rows","type":"[note!]"}]}]}""", $$"""{"output_type":"{{output}}","arguments":[]}""");

        Assert.Equal(faults, string.Join('|', schema.Faults.Select(f => f.Message)));
    }

    private static ApiSchema Api(string types, string definition)
    {
        var action = JsonNode.Parse(definition)!.AsObject();
        (action["kind"], action["type"], action["handler"]) = ("synchronous", "query", "http://act.example");
        return new SmallApi
        {
            Catalog = "note(id int4*)",
            Tables = """[{"table":{"schema":"public","name":"note"}}]""",
            Document = new JsonObject { ["custom_types"] = JsonNode.Parse(types), ["actions"] = new JsonArray(new JsonObject { ["name"] = "act", ["definition"] = action }) }.ToJsonString(),
        }.Build();
    }

    private static MetadataDocument Document(params JsonNode[] sources) => new(new JsonObject { ["version"] = 3, ["sources"] = new JsonArray(sources) });

    private static JsonObject Source(string name, string tables, string functions = "[]") => new()
    {
        ["name"] = name,
        ["kind"] = "postgres",
        ["tables"] = JsonNode.Parse(tables),
        ["functions"] = JsonNode.Parse(functions),
        ["configuration"] = JsonNode.Parse(Connection),
    };
}
