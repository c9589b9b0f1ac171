using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Api.Tables;

/// <summary>The descriptions that servers of version 1 have in another form.</summary>
public sealed class ApiTextsTests
{
    private static readonly SmallApi Api = new()
    {
        Catalog = """
            author(id int4*, name text, place geometry)
            book(id int4*, pages int4, author_id int4 -> author.id)
            """,
        Tables = """
            [{"table":{"schema":"public","name":"author"},"array_relationships":[{"name":"book","using":{"foreign_key_constraint_on":{"table":{"schema":"public","name":"book"},"column":"author_id"}}}]},
             {"table":{"schema":"public","name":"book"},"object_relationships":[{"name":"author","using":{"foreign_key_constraint_on":"author_id"}}]}]
            """,
    };

    private static readonly ApiSchema Early = Api.Build(settings: new ApiSettings { Era = MetadataEra.Version1 });
    private static readonly ApiSchema Late = Api.Build();

    [Theory]
    [InlineData("Int_comparison_exp", "expression to compare columns of type Int. All fields are combined with logical 'AND'.", "Boolean expression to compare columns of type \"Int\". All fields are combined with logical 'AND'.")]
    [InlineData("String_comparison_exp._like", null, "does the column match the given pattern")]
    [InlineData("order_by.asc", "in the ascending order, nulls last", "in ascending order, nulls last")]
    [InlineData("order_by.desc_nulls_first", "in the descending order, nulls first", "in descending order, nulls first")]
    [InlineData("author_order_by", "ordering options when selecting data from \"author\"", "Ordering options when selecting data from \"author\".")]
    [InlineData("book_on_conflict", "on conflict condition type for table \"book\"", "on_conflict condition type for table \"book\"")]
    [InlineData("book_constraint.book_pkey", "unique or primary key constraint", "unique or primary key constraint on columns \"id\"")]
    [InlineData("author.book_aggregate", "An aggregated array relationship", "An aggregate relationship")]
    [InlineData("book_mutation_response.affected_rows", "number of affected rows by the mutation", "number of rows affected by the mutation")]
    [InlineData("book_mutation_response.returning", "data of the affected rows by the mutation", "data from the rows affected by the mutation")]
    [InlineData("book_inc_input", "input type for incrementing integer column in table \"book\"", "input type for incrementing numeric columns in table \"book\"")]
    [InlineData("mutation_root.update_book(_inc)", "increments the integer columns with given value of the filtered values", "increments the numeric columns with given value of the filtered values")]
    [InlineData("mutation_root.insert_book(on_conflict)", "on conflict condition", "upsert condition")]
    [InlineData("book_arr_rel_insert_input.on_conflict", null, "upsert condition")]
    [InlineData("book_pk_columns_input", "primary key columns input for table: \"book\"", "primary key columns input for table: book")]
    [InlineData("geometry_comparison_exp._st_equals", "is the column equal to given geometry value. Directionality is ignored", "is the column equal to given geometry value (directionality is ignored)")]
    [InlineData("geography_comparison_exp._st_d_within", "is the column within a distance from a geography value", "is the column within a given distance from the given geography value")]
    [InlineData("geometry_cast_exp", "Expression to compare the result of casting a column of type geometry. Multiple cast targets are combined with logical 'AND'.", null)]
    // A relationship with the name of the root field.
    [InlineData("query_root.book", "fetch data from the table: \"book\"", "An array relationship")]
    public void A_text_is_that_of_the_version(string path, string? early, string? late)
    {
        Assert.Equal(early, TextOf(Early, path));
        Assert.Equal(late, TextOf(Late, path));
    }

    [Fact]
    public void Version_1_compares_in_two_dimensions()
    {
        Assert.DoesNotContain("3d", SmallApi.Inputs(Early, "geometry_comparison_exp"), StringComparison.Ordinal);
        Assert.Contains("_st_3d_d_within", SmallApi.Inputs(Late, "geometry_comparison_exp"), StringComparison.Ordinal);
    }

    private static string? TextOf(ApiSchema schema, string path)
    {
        var parts = path.TrimEnd(')').Split('.', '(');
        var type = schema.Find(parts[0])!;
        return parts switch
        {
            [_] => type.Description,
            [_, var field, var argument] => type.Fields.Single(f => f.Name == field).Arguments.Single(a => a.Name == argument).Description,
            [_, var member] => type.Fields.Select(f => (f.Name, f.Description)).Concat(type.InputFields.Select(f => (f.Name, f.Description))).Concat(type.EnumValues.Select(v => (v.Name, v.Description))).Single(m => m.Name == member).Description,
            _ => throw new ArgumentException(path),
        };
    }
}
