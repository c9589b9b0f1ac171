using System.Text;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Api.Formats;

/// <summary>Schemas as SDL and as an introspection.</summary>
public sealed class ApiSchemaTextTests
{
    [Fact]
    public void Schemas_that_are_written_are_read_as_they_were()
    {
        SharedData.Needs(SharedData.Find("graphql-truth") is not null, "graphql-truth");
        var (document, catalog) = GraphqlTruth.Read("carnet-de-bord-2023-11");
        var schema = RoleSchemas.Build(document, catalog, "admin");

        var fromSdl = SdlSchemaReader.Read(RoleSchemas.ToText(schema));
        using var stream = new MemoryStream();
        IntrospectionWriter.Write(schema, stream);
        var fromJson = IntrospectionReader.Read(JsonNode.Parse(stream.ToArray()));

        AssertSame(schema, fromSdl);
        AssertSame(schema, fromJson);
        AssertSame(schema, ApiSchemaFiles.ReadRemote("a.json", _ => Encoding.UTF8.GetString(stream.ToArray())).Schema);
        AssertSame(schema, ApiSchemaFiles.ReadRemote("a.gql", _ => RoleSchemas.ToText(schema)).Schema);
        Assert.Equal(schema.Types.Select(t => t.Name), fromJson.Types.Select(t => t.Name));
        Assert.Equal(schema.Directives.Select(d => d.Name), fromJson.Directives.Select(d => d.Name));
    }

    // Roles are built in several threads, which share what they have in common.
    [Fact]
    public void Schemas_that_are_built_together_are_those_that_are_built_one_by_one()
    {
        SharedData.Needs(SharedData.Find("graphql-truth") is not null, "graphql-truth");
        var (document, catalog) = GraphqlTruth.Read("carnet-de-bord-2023-11");
        var one = RoleSchemas.Builder(document, catalog);
        var texts = one.Roles.Select(r => RoleSchemas.ToText(one.Build(r))).ToList();

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(texts, RoleSchemas.Builder(document, catalog).Build(one.Roles).Select(RoleSchemas.ToText));
        }
    }

    [Theory]
    [InlineData("one line")]
    [InlineData("ends with a \"quote\"")]
    [InlineData("ends with a backslash \\")]
    [InlineData("two\nlines")]
    [InlineData(" blanks around ")]
    [InlineData("\nempty line first")]
    [InlineData("three \"\"\" quotes")]
    [InlineData("a\ttab, a \u0001 and a return\r\n")]
    [InlineData("")]
    [InlineData("lines\n\n  with indentation\nhere")]
    public void Every_description_comes_back(string text)
    {
        var schema = new ApiSchema([new ApiType(ApiTypeKind.Object, "query_root", text) { Fields = [new ApiField("a", new ApiTypeRef("Int"), text) { Arguments = [new ApiInputValue("b", new ApiTypeRef("Int"), text, "1")] }] }]);

        var read = SdlSchemaReader.Read(RoleSchemas.ToText(schema)).Find("query_root")!;

        Assert.Equal(text, read.Description);
        Assert.Equal(text, read.Fields[0].Description);
        Assert.Equal((text, "1"), (read.Fields[0].Arguments[0].Description, read.Fields[0].Arguments[0].Default));
    }

    [Theory]
    [InlineData("Int")]
    [InlineData("[Int!]!")]
    [InlineData("[[String]!]")]
    [InlineData("[ uuid ! ]")]
    public void A_type_is_written_as_it_was_read(string text)
    {
        var type = ApiTypeRef.Parse(text)!.Value;

        Assert.Equal(text.Replace(" ", "", StringComparison.Ordinal), type.ToString());
        Assert.Equal(type.ToString() + (type.IsNonNull ? "" : "!"), type.NonNull().ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[Int")]
    [InlineData("Int]")]
    [InlineData("Int!x")]
    public void What_is_no_type_is_not_read(string text) => Assert.Null(ApiTypeRef.Parse(text));

    [Theory]
    [InlineData("type query_root {")]
    [InlineData("nonsense")]
    public void Bad_SDL_is_an_error_with_a_place(string text)
    {
        var error = Assert.Throws<HasuraMigrationException>(() => SdlSchemaReader.Read(text, "a.graphql"));

        Assert.Equal(("ApiSchemaInvalid", "a.graphql"), (error.ErrorId, error.File));
        Assert.StartsWith($"The SDL in 'a.graphql' cannot be parsed at line {error.Line}, column {error.Column}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_JSON_is_an_error() =>
        Assert.Equal("ApiSchemaInvalid", Assert.Throws<HasuraMigrationException>(() => IntrospectionReader.Read(JsonNode.Parse("""{"data":{}}"""))).ErrorId);

    private static void AssertSame(ApiSchema expected, ApiSchema actual)
    {
        Assert.Empty(SchemaDifferences.Members(expected, actual));
        Assert.Empty(SchemaDifferences.Texts(expected, actual));
        Assert.Equal((expected.QueryType, expected.MutationType, expected.SubscriptionType), (actual.QueryType, actual.MutationType, actual.SubscriptionType));
    }
}
