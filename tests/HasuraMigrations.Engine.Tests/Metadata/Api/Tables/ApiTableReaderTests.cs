using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Api.Tables;

/// <summary>Which columns a table shows, and when it is in no schema for their names.</summary>
public sealed class ApiTableReaderTests
{
    private static readonly SmallApi Api = new()
    {
        Catalog = """
            author(id int4*, created_at text, createdAt text)
            book(id int4*, author_id int4 -> author.id, tags text[]!)
            """,
        Tables = """
            [{"table":{"schema":"public","name":"author"}},
             {"table":{"schema":"public","name":"book"},"object_relationships":[{"name":"author","using":{"foreign_key_constraint_on":"author_id"}}]}]
            """,
    };

    [Fact]
    public void A_table_with_two_columns_of_one_name_is_in_no_schema_nor_is_what_leads_to_it()
    {
        var builder = Api.Builder(SmallApi.GraphQLNames);
        var schema = builder.Build("admin");

        Assert.Null(schema.Find("Author"));
        Assert.Equal("authorId: Int; id: Int!; tags: [String!]!", SmallApi.Fields(schema, "Book"));
        Assert.Equal("author in source default: the columns 'created_at' and 'createdAt' have the same name in GraphQL, createdAt", Assert.Single(builder.Unshown));
    }

    [Fact]
    public void Without_the_convention_the_names_differ()
    {
        var builder = Api.Builder();

        Assert.Equal("createdAt: String; created_at: String; id: Int!", SmallApi.Fields(builder.Build("admin"), "author"));
        Assert.Empty(builder.Unshown);
    }

    [Fact]
    public void So_is_a_table_with_a_column_that_GraphQL_cannot_name()
    {
        var api = new SmallApi { Catalog = "author(id int4*, e-mail text)", Tables = """[{"table":{"schema":"public","name":"author"}}]""" };
        var builder = api.Builder();

        Assert.Null(builder.Build("admin").Find("author"));
        Assert.Equal("author in source default: the column 'e-mail' has no name in GraphQL", Assert.Single(builder.Unshown));
    }

    // Before servers knew arrays, these were scalars with the name that the database has for them.
    [Theory]
    [InlineData("2.48.0", "tags: [String!]!")]
    [InlineData("2.29.0", "tags: _text!")]
    [InlineData("1.3.3", "tags: _text!")]
    public void An_array_is_a_list_since_servers_know_arrays(string version, string field) =>
        Assert.Equal(field, SmallApi.Fields(Api.Build(settings: new ApiSettings { Era = version[0] == '1' ? MetadataEra.Version1 : new MetadataEra(new Version(version)) }), "book", "tags"));
}
