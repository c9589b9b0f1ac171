using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>Fields of tables that lead to remote schemas: made of the SDL where it is given, else named as missing.</summary>
public sealed class RemoteFieldTests
{
    private const string Sdl = """
        type Query { messages(where: Where, first: Int!, after: String): [Message!]! user(id: Int!): User }
        type User { id: Int! posts(tag: String, page: Int): [Post] }
        type Post { title: String }
        type Message { id: Int! text: String }
        input Where { id: Compare text: Compare }
        input Compare { eq: Int gt: Int }
        """;

    [Fact]
    public void Arguments_that_the_relationship_gives_are_gone()
    {
        var schema = Build("admin", """{"messages":{"arguments":{"first":10,"where":{"id":{"eq":"$id"}}}}}""");

        var field = Field(schema)!;
        Assert.Equal("[Message!]!", field.Type.ToString());
        Assert.Equal("after String,where Where_remote_rel_app_writermore", Arguments(field));
        Assert.Equal("id Compare_remote_rel_app_writermore,text Compare", Values(schema, "Where_remote_rel_app_writermore"));
        Assert.Equal("gt Int", Values(schema, "Compare_remote_rel_app_writermore"));
        Assert.Empty(schema.Holes);
        Assert.Empty(schema.Faults);
    }

    [Theory]
    [InlineData("""{"messages":{"arguments":{"first":1,"where":{"id":{"eq":"$id","gt":1},"text":{"eq":1,"gt":2}}}}}""", "[Message!]!", "after String")]
    [InlineData("""{"user":{"arguments":{"id":"$id"},"field":{"posts":{"arguments":{"tag":"new"}}}}}""", "[Post]", "page Int")]
    [InlineData("""{"user":{"arguments":{}}}""", "User", "id Int!")]
    public void The_last_field_on_the_way_decides(string path, string type, string arguments)
    {
        var field = Field(Build("admin", path))!;

        Assert.Equal((type, arguments), (field.Type.ToString(), Arguments(field)));
    }

    [Fact]
    public void The_form_of_version_1_is_read_too() =>
        Assert.Equal("User", Field(Build("admin", """{"user":{"arguments":{"id":"$id"}}}""", isOld: true))!.Type.ToString());

    [Theory]
    [InlineData("""{"nobody":{"arguments":{}}}""", "its SDL has no field nobody in Query")]
    [InlineData("""{"user":{"arguments":{"name":"x"}}}""", "its SDL has no argument name of Query.user")]
    [InlineData("""{"messages":{"arguments":{"first":1},"field":{"text":{"arguments":{}}}}}""", "it leads through the list Query.messages")]
    [InlineData("""{"messages":{"arguments":{"where":[{"id":{"eq":1}}]}}}""", "the relationship gives a part of Where")]
    public void What_cannot_be_known_is_a_hole(string path, string reason)
    {
        var schema = Build("admin", path);

        Assert.Null(Field(schema));
        var hole = Assert.Single(schema.Holes);
        Assert.Equal($"The field app_writer.more, which leads to the remote schema feed, is missing: {reason}.", hole.Message);
        Assert.Contains("more", hole.Fields);
    }

    [Fact]
    public void Without_SDL_the_fields_are_named()
    {
        var schema = Build("admin", """{"user":{"arguments":{}}}""", new ApiSettings());

        Assert.Null(Field(schema));
        Assert.Equal(["The schema of the remote schema feed is not known, so a field that leads to it is missing: app_writer.more.", "The schema of the remote schema feed is not known, so its fields and types are missing."], schema.Holes.Select(h => h.Message));
    }

    [Fact]
    public void A_permission_shows_the_fields_that_its_SDL_has()
    {
        var settings = new ApiSettings { HasRemoteSchemaPermissions = true };

        Assert.Equal("User", Field(Build("reader", """{"user":{"arguments":{"id":"$id"}}}""", settings))!.Type.ToString());
        var hidden = Build("reader", """{"messages":{"arguments":{}}}""", settings);
        Assert.Null(Field(hidden));
        Assert.Empty(hidden.Holes);
    }

    [Fact]
    public void Names_are_those_of_the_customization() =>
        Assert.Equal("F_User", Field(Build("admin", """{"user":{"arguments":{"id":1}}}""", customization: """{"type_names":{"prefix":"F_"}}"""))!.Type.ToString());

    private static ApiField? Field(ApiSchema schema) => Array.Find(schema.Find("app_writer")!.Fields, f => f.Name == "more");

    private static string Arguments(ApiField field) => string.Join(",", field.Arguments.Select(a => $"{a.Name} {a.Type}"));

    private static string Values(ApiSchema schema, string type) => string.Join(",", schema.Find(type)!.InputFields.Select(a => $"{a.Name} {a.Type}"));

    private static ApiSchema Build(string role, string path, ApiSettings? settings = null, bool isOld = false, string customization = "{}")
    {
        var definition = isOld ? $$"""{"remote_schema":"feed","hasura_fields":["id"],"remote_field":{{path}} }""" : $$"""{"to_remote_schema":{"remote_schema":"feed","lhs_fields":["id"],"remote_field":{{path}} } }""";
        var document = new MetadataDocument(JsonNode.Parse($$"""
            {"version":3,
             "remote_schemas":[{"name":"feed","definition":{"url":"http://feed.example","customization":{{customization}} },"permissions":[{"role":"reader","definition":{"schema":"type Query { user(id: Int!): User } type User { id: Int! }"} }] }],
             "sources":[{"name":"default","kind":"postgres","configuration":{"connection_info":{"database_url":{"from_env":"U"} } },"tables":[
               {"table":{"schema":"app","name":"writer"},"remote_relationships":[{"name":"more","definition":{{definition}} }],"select_permissions":[{"role":"reader","permission":{"columns":["id"],"filter":{} } }]}]}]}
            """)!.AsObject());
        var catalog = CatalogJson.Read(JsonNode.Parse("""
            {"tables":[{"schema":"app","name":"writer","kind":"r","cols":[{"name":"id","pos":1,"type":"int4","kind":"b","nullable":false,"desc":null,"mutable":true}],
              "idx":[{"name":"writer_pkey","pk":true,"cols":["id"]}],"fks":[],"upd":28,"desc":null}],"functions":[],"types":["int4"],"enum_values":{}}
            """)!);
        return RoleSchemas.Build(document, catalog, role, settings ?? new ApiSettings { RemoteSchemas = new Dictionary<string, RemoteApiSchema> { ["feed"] = new(SdlSchemaReader.Read(Sdl)) } });
    }
}
