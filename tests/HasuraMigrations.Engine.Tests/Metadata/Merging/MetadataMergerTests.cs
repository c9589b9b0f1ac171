using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Merging;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Merging;

public sealed class MetadataMergerTests
{
    private const string Permission = """{"role":"user","permission":{"columns":["id","name"],"filter":{}}}""";

    [Fact]
    public void Columns_of_a_permission_are_merged_as_a_set()
    {
        var merged = Merge(Table(Permission), Table(Permission.Replace("\"name\"", "\"name\",\"email\"")), Table(Permission.Replace("\"id\",", "").Replace("{}", "{\"id\":{\"_eq\":1}}")));

        Assert.Empty(merged.Conflicts);
        Assert.Equal("""{"columns":["name","email"],"filter":{"id":{"_eq":1}}}""", Find(merged)["permission"].ToText());
    }

    [Fact]
    public void A_field_that_both_changed_is_a_conflict_and_the_others_are_merged()
    {
        var merged = Merge(
            Table(Permission),
            Table(Permission.Replace("{}", "{\"id\":{\"_eq\":1}}").Replace("\"filter\"", "\"limit\":5,\"filter\"")),
            Table(Permission.Replace("{}", "{\"id\":{\"_eq\":2}}").Replace("\"filter\"", "\"allow_aggregations\":true,\"filter\"")));

        var conflict = Assert.Single(merged.Conflicts);
        Assert.Equal(("default/public.users/SelectPermission/user", "permission.filter"), (conflict.Id, conflict.Field));
        Assert.Equal(("{}", """{"id":{"_eq":1}}""", """{"id":{"_eq":2}}"""), (conflict.Base, conflict.Ours, conflict.Theirs));
        Assert.Equal("""permission.filter of select permission user of public.users is {"id":{"_eq":1}} in ours and {"id":{"_eq":2}} in theirs, and was {}""", conflict.Description);
        Assert.Equal("""{"columns":["id","name"],"limit":5,"allow_aggregations":true,"filter":{"id":{"_eq":1}}}""", Find(merged)["permission"].ToText());
    }

    [Fact]
    public void An_object_that_one_removed_and_the_other_changed_is_a_conflict()
    {
        var changed = Table(Permission.Replace("\"name\"", "\"email\""));
        var merged = Merge(Table(Permission), Table(), changed);
        var turned = Merge(Table(Permission), changed, Table());

        Assert.Equal("select permission user of public.users is removed in ours and changed in theirs", Assert.Single(merged.Conflicts).Description);
        Assert.Null(Assert.Single(merged.Conflicts).Ours);
        Assert.Equal("select permission user of public.users is changed in ours and removed in theirs", Assert.Single(turned.Conflicts).Description);
    }

    [Fact]
    public void What_both_did_is_no_conflict()
    {
        var changed = Permission.Replace("\"name\"", "\"email\"");

        Assert.Empty(Merge(Table(Permission), Table(changed), Table(changed.Replace("\"id\",\"email\"", "\"email\",\"id\""))).Conflicts);
        Assert.Empty(Merge(Table(Permission), Table(), Table()).Conflicts);
        Assert.Empty(Merge(null, Table(Permission), Table(Permission)).Conflicts);
    }

    [Fact]
    public void Columns_of_a_permission_that_both_added_are_not_joined()
    {
        var merged = Merge(Table(), Table(Permission), Table(Permission.Replace("name", "email")));

        Assert.Equal("permission.columns", Assert.Single(merged.Conflicts).Field);
    }

    [Theory]
    [InlineData("""{"remote_table":"a","column_mapping":{"id":"id"}}""", """{"remote_native_query":"b","column_mapping":{"id":"id"}}""", """{"remote_table":"old","column_mapping":{"id":"id"}}""")]
    [InlineData("""{"column_mapping":{"id":"id"},"remote_native_query":"b"}""", """{"column_mapping":{"id":"id"},"remote_table":"a"}""", """{"column_mapping":{"id":"id"},"x":1}""")]
    public void Members_that_exclude_each_other_are_one_field(string ours, string theirs, string @base)
    {
        JsonObject With(string configuration) => Node($$$"""{"version":3,"sources":[{"name":"default","kind":"postgres","configuration":{},"tables":[{"table":{"name":"users","schema":"public"},"object_relationships":[{"name":"r","using":{"manual_configuration":{{{configuration}}}}}]}]}]}""");

        Assert.NotEmpty(Merge(With(@base), With(ours), With(theirs)).Conflicts);
    }

    [Fact]
    public void Secrets_of_conflicts_are_hidden()
    {
        JsonObject With(string url) => Node($$$"""{"version":3,"sources":[{"name":"default","kind":"postgres","configuration":{"connection_info":{"database_url":"{{{url}}}"}},"tables":[]}]}""");

        var conflict = Assert.Single(Merge(With("postgres://u:geheim1@h/d"), With("postgres://u:geheim2@h/d"), With("postgres://u:geheim3@h/d")).Conflicts);

        Assert.DoesNotContain("geheim", $"{conflict.Base}{conflict.Ours}{conflict.Theirs}{conflict.Description}");
    }

    [Theory]
    [InlineData("Authorization", "***")]
    [InlineData("Content-Type", "geheim1")]
    public void Values_of_headers_are_hidden_by_their_names(string name, string shown)
    {
        JsonObject With(string value) => Node($$$"""{"version":3,"sources":[],"remote_schemas":[{"name":"r","definition":{"url":"http://r","headers":[{"name":"{{{name}}}","value":"{{{value}}}"}]}}]}""");

        var conflict = Assert.Single(Merge(With("geheim1"), With("geheim2"), With("geheim3")).Conflicts);

        Assert.Equal(($"definition.headers[{name}].value", $"\"{shown}\""), (conflict.Field, conflict.Base));
        Assert.Equal(shown == "***", !$"{conflict.Ours}{conflict.Theirs}{conflict.Description}".Contains("geheim"));
    }

    [Fact]
    public void New_entries_stand_where_the_order_of_the_list_has_them()
    {
        JsonObject With(params string[] names) => Node($$$"""{"version":3,"sources":[{"name":"default","kind":"postgres","configuration":{},"tables":[{{{string.Join(',', names.Select(n => $"{{\"table\":{{\"name\":\"{n}\",\"schema\":\"public\"}}}}"))}}}]}]}""");
        string Names(MetadataMergeOutcome merged) => string.Join(' ', merged.Document.Root["sources"]![0]!["tables"]!.AsArray().Select(t => t!["table"]!["name"]!.ToString()));

        Assert.Equal("a b c d", Names(Merge(With("a", "d"), With("a", "c", "d"), With("a", "b", "d"))));
        Assert.Equal("d c a b", Names(Merge(With("d", "a"), With("d", "c", "a"), With("d", "a", "b"))));
        Assert.Equal("d c b a", Names(Merge(With("d", "a"), With("d", "c", "a"), With("d", "b", "a"))));
        Assert.Equal("b d", Names(Merge(With("a", "d"), With("d"), With("a", "b", "d"))));
    }

    [Theory]
    [InlineData("v3-directory/expected.json")]
    [InlineData("v2-directory/expected.json")]
    [InlineData("v1-single-file/expected.json")]
    public void One_side_alone_wins(string example)
    {
        var document = MetadataExamples.Document(example);
        var cleared = new MetadataDocument(Node($$"""{"version":{{document.Version}},"{{(document.Version == 3 ? "sources" : "tables")}}":[]}"""));

        Assert.Empty(MetadataComparer.Compare(document, MetadataMerger.Merge(cleared, document, cleared).Document));
        Assert.Empty(MetadataComparer.Compare(document, MetadataMerger.Merge(cleared, cleared, document).Document));
        Assert.Empty(MetadataComparer.Compare(cleared, MetadataMerger.Merge(document, cleared, document).Document));
        Assert.Equal(document.ToJson(true), MetadataMerger.Merge(document, document, document).Document.ToJson(true));
    }

    [Fact]
    public void Documents_of_two_versions_are_merged_in_the_higher_one()
    {
        var old = new MetadataDocument(Node("""{"version":2,"tables":[{"table":{"name":"users","schema":"public"}}]}"""));
        var newer = new MetadataDocument(Node("""{"version":3,"sources":[{"name":"default","kind":"postgres","configuration":{"connection_info":{"database_url":{"from_env":"URL"}}},"tables":[{"table":{"name":"users","schema":"public"}}]}]}"""));
        var changed = new MetadataDocument(Node("""{"version":2,"tables":[{"table":{"name":"users","schema":"public"},"is_enum":true}]}"""));

        var merged = MetadataMerger.Merge(old, changed, newer);

        Assert.Empty(merged.Conflicts);
        Assert.Equal(3, merged.Document.Version);
        Assert.Equal("""{"table":{"name":"users","schema":"public"},"is_enum":true}""", merged.Document.Root["sources"]![0]!["tables"]![0].ToText());
    }

    private static MetadataMergeOutcome Merge(JsonObject? @base, JsonObject ours, JsonObject theirs) =>
        MetadataMerger.Merge(@base is null ? null : new MetadataDocument(@base), new MetadataDocument(ours), new MetadataDocument(theirs));

    private static JsonObject Table(string? permission = null) => Node($$$"""{"version":3,"sources":[{"name":"default","kind":"postgres","configuration":{},"tables":[{"table":{"name":"users","schema":"public"}{{{(permission is null ? "" : $",\"select_permissions\":[{permission}]")}}}}]}]}""");

    private static JsonNode Find(MetadataMergeOutcome merged) => merged.Document.Root["sources"]![0]!["tables"]![0]!["select_permissions"]![0]!;

    private static JsonObject Node(string json) => JsonNode.Parse(json)!.AsObject();
}
