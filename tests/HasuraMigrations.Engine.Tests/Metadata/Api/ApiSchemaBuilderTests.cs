using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>Parts of schemas that no project at hand shows.</summary>
public sealed class ApiSchemaBuilderTests
{
    private const string Tables = """
        [{"table":{"schema":"public","name":"author"},"apollo_federation_config":{"enable":"v1"},
          "array_relationships":[{"name":"books","using":{"foreign_key_constraint_on":{"table":{"schema":"public","name":"book"},"column":"author_id"}}}],
          "select_permissions":[
            {"role":"reader","permission":{"columns":["id"],"filter":{}}},
            {"role":"editor","permission":{"columns":["id","name"],"filter":{},"allow_aggregations":true}}],
          "delete_permissions":[
            {"role":"reader","permission":{"filter":{}}},
            {"role":"editor","permission":{"filter":{"id":{"_eq":1}}}}]},
         {"table":{"schema":"public","name":"book"},
          "object_relationships":[{"name":"author","using":{"foreign_key_constraint_on":"author_id"}}],
          "select_permissions":[{"role":"editor","permission":{"columns":"*","filter":{}}}],
          "insert_permissions":[{"role":"editor","permission":{"columns":"*","check":{}}}]}]
        """;

    [Fact]
    public void A_role_that_inherits_reads_what_any_parent_reads_and_writes_what_all_agree_on()
    {
        var schema = Build("both", """[{"role_name":"both","role_set":["reader","editor"]}]""");

        // The parent reader does not read the name.
        Assert.Equal("id Int!,name String,books [book!]!", Fields(schema, "author", "id", "name", "books"));
        Assert.NotNull(schema.Find("author_aggregate"));
        Assert.Equal("insert_book,insert_book_one", string.Join(",", schema.Find("mutation_root")!.Fields.Select(f => f.Name)));
    }

    [Fact]
    public void A_role_that_nobody_knows_sees_that_there_is_nothing()
    {
        var schema = Build("nobody");

        Assert.Equal("no_queries_available", Assert.Single(schema.Find("query_root")!.Fields).Name);
        Assert.Null(schema.MutationType);
        Assert.Null(schema.SubscriptionType);
    }

    [Fact]
    public void A_namespace_prefixes_and_suffixes_change_names()
    {
        var schema = Build("editor", customization: """{"root_fields":{"namespace":"n","prefix":"p_","suffix":"_s"},"type_names":{"prefix":"T_","suffix":"_U"}}""");

        Assert.Equal("n T_n_query_U", $"{Assert.Single(schema.Find("query_root")!.Fields).Name} {schema.Find("query_root")!.Fields[0].Type}");
        Assert.Contains(schema.Find("T_n_query_U")!.Fields, f => f.Name == "p_book_by_pk_s" && f.Type.ToString() == "T_book_U");
        Assert.NotNull(schema.Find("T_n_mutation_frontend_U"));
        Assert.NotNull(schema.Find("T_book_bool_exp_U"));
        Assert.NotNull(schema.Find("Int_comparison_exp"));
        Assert.NotNull(schema.Find("order_by"));
    }

    [Fact]
    public void Federation_asks_for_entities_by_their_keys()
    {
        var schema = Build("reader", settings: new ApiSettings { HasApolloFederation = true });

        Assert.Equal("_entities _Entity,_service _Service!", Fields(schema, "query_root", "_entities", "_service"));
        Assert.Equal(["author"], schema.Find("_Entity")!.PossibleTypes);
        Assert.Equal("Scalar _Any", schema.Find("_Any")!.Description);
    }

    // Only the key itself has to be there.
    [Fact]
    public void Federation_finds_rows_of_a_role_that_may_not_read_their_key()
    {
        var api = new SmallApi
        {
            Catalog = "author(id int4*, name text)",
            Tables = """[{"table":{"schema":"public","name":"author"},"apollo_federation_config":{"enable":"v1"},"select_permissions":[{"role":"reader","permission":{"columns":["name"],"filter":{}}}]}]""",
        };

        Assert.Equal(["author"], api.Build("reader", new ApiSettings { HasApolloFederation = true }).Find("_Entity")!.PossibleTypes);
    }

    [Fact]
    public void A_remote_schema_is_a_hole_unless_somebody_gives_it()
    {
        const string Remote = """[{"name":"weather","definition":{"url":"http://weather.example","customization":{"root_fields_namespace":"weather","type_names":{"prefix":"W_","mapping":{}}}},"permissions":[{"role":"reader","definition":{"schema":"type Query { now(city: String @preset(value: \"x\"), unit: String): Int }"}}]}]""";
        const string Sdl = "type Query { now(city: String!): Report } type Report { degrees: Int! wind: Wind } enum Wind { NORTH SOUTH }";

        Assert.Equal("weather", Assert.Single(Build("reader", remote: Remote).Holes).Name);
        var given = Build("reader", remote: Remote, settings: new ApiSettings { RemoteSchemas = new Dictionary<string, RemoteApiSchema> { ["weather"] = new(SdlSchemaReader.Read(Sdl)) } });
        Assert.Empty(given.Holes);
        Assert.Equal("weather W_Query", Fields(given, "query_root", "weather"));
        Assert.Equal("degrees Int!,wind W_Wind", Fields(given, "W_Report", "degrees", "wind"));
        var permitted = Build("reader", remote: Remote, settings: new ApiSettings { HasRemoteSchemaPermissions = true });
        Assert.Equal(["unit"], permitted.Find("W_Query")!.Fields.Single().Arguments.Select(a => a.Name));
        Assert.DoesNotContain(Build("editor", remote: Remote, settings: new ApiSettings { HasRemoteSchemaPermissions = true }).Find("query_root")!.Fields, f => f.Name == "weather");
    }

    [Fact]
    public void A_source_that_is_no_PostgreSQL_is_a_hole()
    {
        var root = Document("[]", "{}", "[]");
        root["sources"]!.AsArray().Add(JsonNode.Parse("""{"name":"other","kind":"mssql","tables":[],"configuration":{"connection_info":{"connection_string":"x"}}}"""));

        Assert.Equal((ApiHoleKind.Source, "other"), Assert.Single(RoleSchemas.Build(new MetadataDocument(root), Catalog(), "admin").Holes) is var hole ? (hole.Kind, hole.Name) : default);
    }

    [Theory]
    [InlineData("2.0.0", "update_book_many,book_stream,book_aggregate_bool_exp", "")]
    [InlineData("2.10.0", "book_stream,book_aggregate_bool_exp", "update_book_many")]
    [InlineData("2.48.0", "", "update_book_many,book_stream,book_aggregate_bool_exp")]
    public void A_server_has_what_its_version_has(string version, string absent, string present)
    {
        var schema = RoleSchemas.Build(new MetadataDocument(Document("[]", "{}", "[]")), Catalog(), "admin", new ApiSettings { Era = new MetadataEra(new Version(version)) });

        var names = schema.Types.Select(t => t.Name).Concat(schema.Types.Where(t => t.Name.EndsWith("_root", StringComparison.Ordinal)).SelectMany(t => t.Fields).Select(f => f.Name)).ToHashSet();
        Assert.DoesNotContain(absent.Split(',', StringSplitOptions.RemoveEmptyEntries), names.Contains);
        Assert.All(present.Split(',', StringSplitOptions.RemoveEmptyEntries), n => Assert.Contains(n, names));
    }

    [Fact]
    public void A_server_of_version_1_has_no_lists_that_are_never_null()
    {
        var root = Document("[]", "{}", "[]");
        var document = new MetadataDocument(new JsonObject { ["version"] = 2, ["tables"] = root["sources"]![0]!["tables"]!.DeepClone() });

        var schema = RoleSchemas.Build(document, Catalog(), "admin", new ApiSettings { Era = MetadataEra.Version1 });

        Assert.Equal("query root", schema.Find("query_root")!.Description);
        Assert.Equal("[book_bool_exp]", schema.Find("book_bool_exp")!.InputFields.Single(f => f.Name == "_and").Type.ToString());
        Assert.Equal("count Int", Fields(schema, "book_aggregate_fields", "count"));
        Assert.Equal(["include", "skip"], schema.Directives.Select(d => d.Name));
    }

    private static string Fields(ApiSchema schema, string type, params string[] names) =>
        string.Join(",", names.Select(n => schema.Find(type)!.Fields.Single(f => f.Name == n)).Select(f => $"{f.Name} {f.Type}"));

    private static ApiSchema Build(string role, string inherited = "[]", string customization = "{}", string remote = "[]", ApiSettings? settings = null) =>
        RoleSchemas.Build(new MetadataDocument(Document(inherited, customization, remote)), Catalog(), role, settings);

    private static JsonObject Document(string inherited, string customization, string remote) => JsonNode.Parse($$"""
        {"version":3,"inherited_roles":{{inherited}},"remote_schemas":{{remote}},
         "sources":[{"name":"default","kind":"postgres","tables":{{Tables}},"customization":{{customization}},"configuration":{"connection_info":{"database_url":{"from_env":"U"} } } }]}
        """)!.AsObject();

    private static DatabaseCatalog Catalog() => CatalogJson.Read(JsonNode.Parse("""
        {"tables":[
          {"schema":"public","name":"author","kind":"r","cols":[
             {"name":"id","pos":1,"type":"int4","kind":"b","nullable":false,"desc":null,"mutable":true},
             {"name":"name","pos":2,"type":"text","kind":"b","nullable":false,"desc":null,"mutable":true}],
           "idx":[{"name":"author_pkey","pk":true,"cols":["id"]}],"fks":[],"upd":28,"desc":null},
          {"schema":"public","name":"book","kind":"r","cols":[
             {"name":"id","pos":1,"type":"int4","kind":"b","nullable":false,"desc":null,"mutable":true},
             {"name":"author_id","pos":2,"type":"int4","kind":"b","nullable":false,"desc":null,"mutable":true}],
           "idx":[{"name":"book_pkey","pk":true,"cols":["id"]}],
           "fks":[{"name":"book_author_id_fkey","fs":"public","ft":"author","cols":["author_id"],"fcols":["id"]}],"upd":28,"desc":null}],
         "functions":[],"types":["int4","text"],"enum_values":{}}
        """)!);
}
