using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Outlines;

public sealed class SchemaOutlineTests
{
    private const string Tables = """
        {"table":"author","select_permissions":[
            {"role":"user","permission":{"columns":"*","filter":{"posts":{"title":{"_ne":""}}}}},
            {"role":"admin2","permission":{"columns":["id"],"filter":{},"limit":5,"allow_aggregations":true}}],
         "array_relationships":[{"name":"posts","using":{"foreign_key_constraint_on":{"column":"author_id","table":"post"}}}]},
        {"table":"post","object_relationships":[
            {"name":"author","using":{"foreign_key_constraint_on":"author_id"}},
            {"name":"editor","using":{"foreign_key_constraint_on":"editor_id"}}],
         "insert_permissions":[{"role":"user","permission":{"columns":[],"check":{"_and":[{"author":{"id":{"_eq":"X-Hasura-User-Id"}}},{"_not":{"created":{"_cgt":"updated"}}}]},"set":{"secret":"s3cret"}}}],
         "delete_permissions":[{"role":"user","permission":{"filter":{"_exists":{"_table":"author","_where":{"id":{"_eq":1}}}}}}],
         "event_triggers":[{"name":"e","definition":{"update":{"columns":["title"]}},"webhook":"w"}],
         "computed_fields":[{"name":"c","definition":{"function":"f"}}]},
        {"table":{"schema":"other","name":"profile"},"is_enum":true,
         "object_relationships":[{"name":"author","using":{"foreign_key_constraint_on":"author_id"}}]}
        """;

    [Fact]
    public void Relationships_lead_to_tables_as_far_as_the_metadata_tells()
    {
        var schema = Outline();

        Assert.Equal(
            ["public.author.posts Array public.post over author_id, held False", "public.post.author Object public.author over author_id, held True", "public.post.editor Object  over editor_id, held True", "other.profile.author Object  over author_id, held True"],
            schema.Relationships.OrderBy(r => r.Table == "other.profile").Select(r => $"{r} {r.Kind} {r.Target} over {string.Join(',', r.Columns.Concat(r.TargetColumns))}, held {r.HoldsKey}"));
        Assert.False(schema.IsComplete);
        Assert.Equal(["admin2", "user"], schema.Roles);
    }

    [Fact]
    public void Permissions_are_told_without_values_of_presets()
    {
        var schema = Outline();
        var author = schema.Tables.Single(t => t.Name == "public.author");
        var post = schema.Tables.Single(t => t.Name == "public.post");

        var limited = author.Permissions.Single(p => p.Role == "admin2");
        Assert.Equal((null, "5", true), (limited.Filter, limited.Limit, limited.AllowsAggregations));
        Assert.Null(author.Permissions.Single(p => p.Role == "user").Columns);
        Assert.Equal(["secret"], post.Permissions.Single(p => p.Operation == "insert").Presets);
        Assert.Equal([], post.Permissions.Single(p => p.Operation == "delete").Columns!);
        Assert.True(schema.Tables.Single(t => t.Name == "other.profile").IsEnum);
    }

    [Theory]
    [InlineData("public.post", "author_id", "array relationship posts of public.author (its target)|object relationship author of public.post (its columns)|select permission user of public.author (filter, through public.author.posts)|insert permission user of public.post (check, through public.post.author)")]
    [InlineData("public.post", "title", "select permission user of public.author (filter)|event trigger e of public.post (columns)")]
    [InlineData("public.post", "created", "insert permission user of public.post (check)")]
    [InlineData("public.post", "updated", "insert permission user of public.post (check)")]
    [InlineData("public.post", "secret", "insert permission user of public.post (presets)")]
    [InlineData("public.author", "id", "select permission admin2 of public.author (columns)|insert permission user of public.post (check)|delete permission user of public.post (filter)")]
    [InlineData("public.author", null, "object relationship author of public.post (its target)|insert permission user of public.post (check)|delete permission user of public.post (filter)")]
    [InlineData("public.post", null, "array relationship posts of public.author (its target)|select permission user of public.author (filter)|event trigger e of public.post (its events)")]
    public void Dependents_are_what_names_a_table_or_column(string table, string? column, string expected)
    {
        var found = Outline().Tables.Single(t => t.Name == table);

        Assert.Equal(expected.Split('|').Order(), (column is null ? found.Dependents : found.Columns.Single(c => c.Name == column).Dependents).Select(d => $"{d}").Order());
    }

    [Fact]
    public void Tables_can_be_chosen()
    {
        var schema = Outline(name => name is "public.post" or "other.profile");

        Assert.Equal(["other.profile", "public.post"], schema.Tables.Select(t => t.Name));
        Assert.DoesNotContain(schema.Relationships, r => r.Target == "public.author");
    }

    private static HasuraSchema Outline(Func<string, bool>? includes = null) =>
        MetadataModel.Of(new MetadataDocument(JsonNode.Parse($$"""{"version":2,"tables":[{{Tables}}]}""")!.AsObject())).Outline("here", includes);
}
