using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Api.Tables;

/// <summary>The descriptions of aggregates.</summary>
public sealed class AggregateTypesTests
{
    private static readonly SmallApi Api = new()
    {
        Catalog = """
            author(id int4*)
            book(id int4*, author_id int4 -> author.id)
            """,
        Tables = """
            [{"table":{"schema":"public","name":"author"},"array_relationships":[{"name":"books","using":{"foreign_key_constraint_on":{"table":{"schema":"public","name":"book"},"column":"author_id"}}}]},
             {"table":{"schema":"public","name":"book"}}]
            """,
    };

    [Theory]
    [InlineData("2.20.0", "BookStddev_popFields", "Book_stddev_pop_order_by", "stddev_pop")]
    [InlineData("2.48.0", "BookStddevPopFields", "BookStddevPopOrderBy", "stddevPop")]
    public void A_function_is_named_as_its_field(string version, string fields, string order, string function)
    {
        var schema = Api.Build(settings: SmallApi.GraphQLNames with { Era = new MetadataEra(new Version(version)) });

        Assert.Equal($"aggregate {function} on columns", schema.Find(fields)!.Description);
        Assert.Equal($"order by {function}() on columns of table \"book\"", schema.Find(order)!.Description);
    }

    [Fact]
    public void Groups_tell_what_they_are()
    {
        var schema = Api.Build(settings: new ApiSettings { ExperimentalFeatures = new HashSet<string> { "group_by_aggregations" } });

        Assert.Equal("Group by fields of \"book\"", schema.Find("book_group_by")!.Description);
        Assert.Equal("Allows the selection of a grouping key from \"book\"", schema.Find("book_group_by_key")!.Description);
        Assert.Equal("Allows the selection of fields from the grouping key of \"book\"", schema.Find("book_group_by_key_fields")!.Description);
        Assert.Equal("author_id: Int; id: Int", SmallApi.Fields(schema, "book_group_by_key_fields"));
    }
}
