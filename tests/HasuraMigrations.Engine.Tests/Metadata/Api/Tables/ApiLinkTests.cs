namespace HasuraMigrations.Engine.Tests.Metadata.Api.Tables;

/// <summary>The names of the aggregates of relationships under graphql-default: each place makes them in its own way.</summary>
public sealed class ApiLinkTests
{
    private static readonly SmallApi Api = new()
    {
        Catalog = """
            author(id int4*)
            book(id int4*, author_id int4 -> author.id)
            """,
        Tables = """
            [{"table":{"schema":"public","name":"author"},
              "array_relationships":[{"name":"Old_books","using":{"foreign_key_constraint_on":{"table":{"schema":"public","name":"book"},"column":"author_id"}}}],
              "remote_relationships":[{"name":"Far_books","definition":{"to_source":{"source":"default","table":{"schema":"public","name":"book"},"relationship_type":"array","field_mapping":{"id":"author_id"}}}}]},
             {"table":{"schema":"public","name":"book"}}]
            """,
        Document = """
            {"actions":[{"name":"act","definition":{"kind":"synchronous","type":"query","handler":"http://act.example","output_type":"Out","arguments":[]}}],
             "custom_types":{"objects":[{"name":"Out","fields":[{"name":"id","type":"Int"}],
               "relationships":[{"name":"Out_books","type":"array","source":"default","remote_table":{"schema":"public","name":"book"},"field_mapping":{"id":"author_id"}}]}]}}
            """,
    };

    [Fact]
    public void They_are_made_of_one_word_or_of_its_pieces()
    {
        var schema = Api.Build(settings: SmallApi.GraphQLNames);

        Assert.Contains(schema.Find("Author")!.Fields, f => f.Name == "oldBooksAggregate");
        Assert.Contains(schema.Find("Author")!.Fields, f => f.Name == "far_booksAggregate");
        Assert.Contains(schema.Find("Out")!.Fields, f => f.Name == "out_booksAggregate");
        Assert.Contains(schema.Find("AuthorBoolExp")!.InputFields, f => f.Name == "Old_booksAggregate");
        Assert.Contains(schema.Find("AuthorOrderBy")!.InputFields, f => f.Name == "old_booksAggregate");
    }

    [Fact]
    public void Without_the_convention_they_end_alike()
    {
        var schema = Api.Build();

        Assert.Contains(schema.Find("author")!.Fields, f => f.Name == "Old_books_aggregate");
        Assert.Contains(schema.Find("author")!.Fields, f => f.Name == "Far_books_aggregate");
        Assert.Contains(schema.Find("Out")!.Fields, f => f.Name == "Out_books_aggregate");
        Assert.Contains(schema.Find("author_order_by")!.InputFields, f => f.Name == "Old_books_aggregate");
    }
}
