using HasuraMigrations.Engine.Metadata.Api.Formats;
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

    // SDL says of an object which interfaces it has, and of an interface nothing.
    [Fact]
    public void An_interface_leads_to_the_objects_that_have_it()
    {
        const string Sdl = "type Query { pet: Animal } interface Animal { name: String } type Dog implements Animal { name: String owner: Person } type Cat implements Animal { name: String } type Person { id: Int }";
        var settings = new ApiSettings { RemoteSchemas = new Dictionary<string, RemoteApiSchema> { ["feed"] = new(SdlSchemaReader.Read(Sdl)) } };

        var schema = Api.Build(settings: settings);

        Assert.Equal(["Cat", "Dog"], schema.Find("Animal")!.PossibleTypes);
        Assert.Equal("name: String; owner: Person", SmallApi.Fields(schema, "Dog"));
        Assert.NotNull(schema.Find("Person"));
    }
}
