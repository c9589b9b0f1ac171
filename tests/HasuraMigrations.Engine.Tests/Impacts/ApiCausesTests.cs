using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Tests.Metadata.Api;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>The causes of changes of the API where two changes meet in one table.</summary>
public sealed class ApiCausesTests
{
    private const string Database = """
        author(id int4*, name text)
        book(id int4*, title text, author_id int4 -> author.id, pages int4)
        """;

    private static readonly string Author = Table("author", """["id","name"]""");

    [Fact]
    public void A_column_that_a_list_loses_is_gone_by_the_statement_that_drops_it_and_others_by_the_list()
    {
        var changes = Changes(Api(Database, Table("book", """["id","title","pages"]""")), Api(NoPages, Table("book", """["id"]""")), [("DROP pages", NoPages)]);

        Assert.All(changes, c => Assert.Equal(c.Path.Contains("pages", StringComparison.Ordinal) ? "DROP pages" : "role user can no longer select title, pages on public.book", c.Statement ?? c.Cause));
    }

    // The functions that aggregate numbers go with the only number.
    [Fact]
    public void What_is_made_of_columns_is_gone_by_what_took_the_columns()
    {
        var changes = Changes(Api(Database, Table("book", """["title","pages"]""")), Api(NoPages, Table("book", """["title"]""", "{}")), [("DROP pages", NoPages), ("OTHER", NoPages.Replace("name text", "name text!", StringComparison.Ordinal))]);

        Assert.Equal("DROP pages", Cause(changes, "book_avg_fields", ApiCriterion.TypeRemoved));
        Assert.Equal("DROP pages", Cause(changes, "book_aggregate_fields.avg", ApiCriterion.FieldRemoved));
        Assert.Equal("DROP pages", Cause(changes, "book.pages", ApiCriterion.FieldRemoved));
    }

    [Fact]
    public void A_type_of_columns_that_is_new_is_there_by_what_made_the_column_fit()
    {
        var database = Database.Replace("title text", "title int4", StringComparison.Ordinal);
        var changes = Changes(Api(Database, Table("book", """["title"]""")), Api(database.Replace(", pages int4", "", StringComparison.Ordinal), Table("book", """["title"]""")), [("RETYPE title", database), ("DROP pages", database.Replace(", pages int4", "", StringComparison.Ordinal))]);

        Assert.Equal("RETYPE title", Cause(changes, "book_avg_fields", ApiCriterion.TypeAdded));
        Assert.Equal("RETYPE title", Cause(changes, "book_aggregate_fields.avg", ApiCriterion.FieldAdded));
    }

    [Theory]
    [InlineData("title int4", "title int4!")]
    [InlineData("title text!", "title int4!")]
    public void Of_two_statements_about_a_column_the_one_that_changes_its_type_causes_another_type(string first, string second)
    {
        var (one, two) = (Database.Replace("title text", first, StringComparison.Ordinal), Database.Replace("title text", second, StringComparison.Ordinal));
        var changes = Changes(Api(Database, Table("book", """["id","title"]""")), Api(two, Table("book", """["id","title"]""")), [($"{first} first", one), ($"{second} second", two)]);

        Assert.Equal(first == "title int4" ? $"{first} first" : $"{second} second", Cause(changes, "book.title", ApiCriterion.FieldTypeChanged));
        Assert.Equal(first == "title int4" ? $"{first} first" : $"{second} second", Cause(changes, "book_bool_exp.title", ApiCriterion.InputFieldTypeChanged));
    }

    [Fact]
    public void A_column_is_followed_through_renames()
    {
        var (one, two) = (Database.Replace("title text", "heading text", StringComparison.Ordinal), Database.Replace("title text", "heading int4", StringComparison.Ordinal));
        var after = Table("book", """["id","heading"]""", """{"column_config":{"heading":{"custom_name":"title"}}}""");
        var changes = Changes(Api(Database, Table("book", """["id","title"]""")), Api(two, after), [("RENAME", one), ("RETYPE", two)]);

        Assert.Equal("RETYPE", Cause(changes, "book.title", ApiCriterion.FieldTypeChanged));
    }

    [Theory]
    [InlineData("""["id","title"]""", "RENAME")]
    [InlineData("""["id"]""", "role user can now select heading on public.book")]
    public void A_renamed_column_is_new_by_the_rename_where_the_role_saw_it_before(string columns, string cause)
    {
        var renamed = Database.Replace("title text", "heading text", StringComparison.Ordinal);
        var changes = Changes(Api(Database, Table("book", columns)), Api(renamed, Table("book", """["id","heading"]""")), [("RENAME", renamed)]);

        Assert.Equal(cause, Cause(changes, "book.heading", ApiCriterion.FieldAdded));
    }

    [Fact]
    public void A_custom_name_of_one_root_field_does_not_take_the_others_away()
    {
        var database = "author(id int4*)\nbook(id int4*, title text, author_id int4 -> author.id, pages int4)";
        const string Link = ""","object_relationships":[{"name":"author","using":{"foreign_key_constraint_on":"author_id"}}]""";
        var (old, now) = (Filtered("{}"), Filtered("""{"custom_root_fields":{"select":"all_books"}}"""));
        var changes = Changes(Api(Database, old, Table("author", """["id"]""")), Api(database, now, Table("author", """["id"]""")), [("DROP name", database)]);

        Assert.Equal("DROP name", Cause(changes, "query_root.book_by_pk", ApiCriterion.FieldRemoved));
        Assert.Equal("DROP name", Cause(changes, "subscription_root.book_stream", ApiCriterion.FieldRemoved));

        static string Filtered(string configuration) =>
            $$$"""{"table":{"schema":"public","name":"book"},"configuration":{{{configuration}}}{{{Link}}},"select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{"author":{"name":{"_eq":"x"} } } } }]}""";
    }

    [Fact]
    public void A_name_that_is_misspelled_is_the_cause_and_not_what_else_is_gone()
    {
        const string Link = ""","object_relationships":[{"name":"author","using":{"foreign_key_constraint_on":"author_id"}}]""";
        static string Book(string column) => $$$"""{"table":{"schema":"public","name":"book"}{{{Link}}},"select_permissions":[{"role":"user","permission":{"columns":["{{{column}}}"],"filter":{} } }]}""";
        var changes = Changes(Api(Database, Book("title"), Author), Api(Database, Book("titel")), []);

        Assert.Equal("role user can now select titel on public.book; role user can no longer select title on public.book", Cause(changes, "query_root.book", ApiCriterion.FieldRemoved));
    }

    [Fact]
    public void A_list_of_columns_elsewhere_does_not_take_a_relationship_away()
    {
        const string Link = ""","object_relationships":[{"name":"author","using":{"foreign_key_constraint_on":"author_id"}}],"delete_permissions":[{"role":"user","permission":{"filter":{}}}]""";
        const string Book = $$$"""{"table":{"schema":"public","name":"book"}{{{Link}}},"select_permissions":[{"role":"user","permission":{"columns":["id","pages"],"filter":{} } }]}""";
        var changes = Changes(Api(Database, Book, Author), Api(NoPages, Book, Table("author", """["id"]""")), [("DROP pages", NoPages)]);

        Assert.Equal("DROP pages", Cause(changes, "book_bool_exp.author", ApiCriterion.InputFieldRemoved));
    }

    [Fact]
    public void A_permission_to_delete_shows_no_column()
    {
        const string Delete = ""","delete_permissions":[{"role":"user","permission":{"filter":{}}}]""";
        var database = Database.Replace("title text", "title int4", StringComparison.Ordinal);
        string Both(string more) => $$$"""{"table":{"schema":"public","name":"book"}{{{more}}},"select_permissions":[{"role":"user","permission":{"columns":"*","filter":{},"allow_aggregations":true} }]}""";
        var changes = Changes(Api(Database, Both(Delete)), Api(database, Both("")), [("RETYPE title", database)]);

        Assert.Equal("RETYPE title", Cause(changes, "book_avg_fields.title", ApiCriterion.FieldAdded));
    }

    [Fact]
    public void A_table_with_another_name_has_all_its_types_by_it()
    {
        var changes = Changes(Api(Database, Table("book", """["id","pages"]""")), Api(NoPages, Table("book", """["id"]""", """{"custom_name":"tome"}""")), [("DROP pages", NoPages)]);

        Assert.Contains("tome", Cause(changes, "query_root.book", ApiCriterion.FieldRemoved), StringComparison.Ordinal);
        Assert.Contains("tome", Cause(changes, "tome", ApiCriterion.TypeAdded), StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_field_has_a_type_of_another_name_by_the_settings_of_the_source()
    {
        var database = Database.Replace("title text", "title int4", StringComparison.Ordinal);
        var after = new SmallApi { Catalog = database, Tables = $"[{Table("book", "\"*\"")}]", Source = """{"customization":{"type_names":{"prefix":"p_"} } }""" };
        var changes = Changes(Api(Database, Table("book", "\"*\"")), after, [("RETYPE title", database)]);

        Assert.Contains("customization", Cause(changes, "query_root.book", ApiCriterion.FieldTypeChanged), StringComparison.Ordinal);
        Assert.Contains("customization", Cause(changes, "query_root.book(where)", ApiCriterion.ArgumentTypeChanged), StringComparison.Ordinal);
    }

    private static string Cause(IReadOnlyList<HasuraApiChange> changes, string path, ApiCriterion criterion) =>
        Assert.Single(changes, c => c.Path == path && c.Criterion == criterion) is var change ? change.Statement ?? change.Cause ?? "none" : "";

    private static readonly string NoPages = Database.Replace(", pages int4", "", StringComparison.Ordinal);

    private static string Table(string name, string columns, string configuration = "{}") =>
        $$$"""{"table":{"schema":"public","name":"{{{name}}}"},"configuration":{{{configuration}}},"select_permissions":[{"role":"user","permission":{"columns":{{{columns}}},"filter":{},"allow_aggregations":true} }]}""";

    private static SmallApi Api(string catalog, params string[] tables) => new() { Catalog = catalog, Tables = $"[{string.Join(',', tables)}]" };

    private static IReadOnlyList<HasuraApiChange> Changes(SmallApi before, SmallApi after, (string Sql, string Catalog)[] statements)
    {
        var (steps, all, last) = (new List<ChangeStep>(), new List<ChangeStatement>(), before.ReadCatalog());
        foreach (var (sql, catalog) in statements)
        {
            var (statement, next) = (new ChangeStatement(sql, null, null, null), new SmallApi { Catalog = catalog, Tables = "[]" }.ReadCatalog());
            all.Add(statement);
            steps.Add(new ChangeStep(statement, "default", last, next));
            last = next;
        }

        return new ApiDifference(before.ToModel(), after.ToModel(), new ChangeTrace(steps, all), new ApiSettings()).Compare("user");
    }
}
