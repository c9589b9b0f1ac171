using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Comparing;

public sealed class MetadataComparerTests
{
    private const string Users = """{"table":{"name":"users","schema":"public"}""";

    [Theory]
    [InlineData("v3-directory/expected.json")]
    [InlineData("v2-directory/expected.json")]
    [InlineData("v1-single-file/expected.json")]
    public void Order_is_no_difference(string example)
    {
        var document = MetadataExamples.Document(example);
        var shuffled = new MetadataDocument(MetadataShuffle.Of(document.Root, new Random(1))!.AsObject());

        Assert.Empty(MetadataComparer.Compare(document, shuffled));
    }

    [Theory]
    [InlineData("mssql", "\"t\"", """{"name":"t","schema":"dbo"}""")]
    [InlineData("snowflake", "\"t\"", """["t"]""")]
    [InlineData("postgres", "\"t\"", """{"name":"t","schema":"public"}""")]
    public void A_short_name_is_the_long_one_of_its_kind_of_source(string kind, string given, string written)
    {
        MetadataDocument With(string name) => new(JsonNode.Parse("""
            {"version":3,"sources":[{"name":"default","kind":"KIND","configuration":{},"tables":[{"table":NAME,"object_relationships":[{"name":"r","using":{"manual_configuration":{"column_mapping":{},"remote_table":NAME}}}]}]}]}
            """.Replace("KIND", kind).Replace("NAME", name))!.AsObject());

        Assert.Empty(MetadataComparer.Compare(With(given), With(written)));
    }

    [Theory]
    [InlineData("\"postgres://u:geheim@h/d\"", "\"postgres://u:***@h/d\"")]
    [InlineData("\"postgres://u:gehe@im@h:5432/d?x=a@b\"", "\"postgres://u:***@h:5432/d?***\"")]
    [InlineData("{\"connection_parameters\":{\"host\":\"h\",\"password\":\"geheim\"}}", "{\"connection_parameters\":{\"host\":\"h\",\"password\":\"***\"}}")]
    public void Secrets_are_not_shown(string url, string shown)
    {
        MetadataDocument With(string database) => new(JsonNode.Parse("""{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[],"configuration":{"connection_info":{"database_url":URL}}}]}""".Replace("URL", database))!.AsObject());

        var added = Assert.Single(MetadataComparer.Compare(new MetadataDocument(JsonNode.Parse("""{"version":3,"sources":[]}""")!.AsObject()), With(url)));
        var changed = Assert.Single(MetadataComparer.Compare(With("\"none\""), With(url)));

        Assert.Contains(shown, added.New);
        Assert.Equal(shown, Assert.Single(changed.Fields).New);
        Assert.Contains(shown, changed.Description);
    }

    [Theory]
    [InlineData("Authorization", "Bearer geheim", "***")]
    [InlineData("Authorization", "Bearer {{TOKEN}}", "Bearer {{TOKEN}}")]
    [InlineData("Accept", "text/html", "text/html")]
    public void Values_of_headers_that_authenticate_are_not_shown(string header, string value, string shown)
    {
        MetadataDocument With(string given) => MetadataExamples.Small("[]", """ "remote_schemas":[{"name":"r","definition":{"url":"http://x","headers":[{"name":"HEADER","value":"GIVEN"}]}}] """.Replace("HEADER", header).Replace("GIVEN", given));

        var field = Assert.Single(Assert.Single(MetadataComparer.Compare(With("old"), With(value))).Fields);

        Assert.Equal($$"""[{"name":"{{header}}","value":"{{shown}}"}]""", field.New);
    }

    [Fact]
    public void Another_secret_is_told_and_not_shown()
    {
        MetadataDocument With(string password) => MetadataExamples.Small("[]", """ "remote_schemas":[{"name":"r","definition":{"url":"http://u:WORD@x"}}] """.Replace("WORD", password));

        Assert.Equal("remote schema r changed: definition.url has another secret, which is not shown: \"http://u:***@x\"", Assert.Single(MetadataComparer.Compare(With("a"), With("b"))).Description);
    }

    [Fact]
    public void Names_of_columns_are_the_same_in_the_old_map_in_the_new_one_and_in_both()
    {
        var forms = new[]
        {
            """{"custom_column_names":{"x":"NAME"}}""",
            """{"column_config":{"x":{"custom_name":"NAME"}}}""",
            """{"column_config":{"x":{"custom_name":"NAME"}},"custom_column_names":{"x":"NAME"},"custom_root_fields":{}}""",
        };
        MetadataDocument Named(string form, string name) => MetadataExamples.Small($$"""[{"table":"t","configuration":{{form.Replace("NAME", name)}}}]""");

        foreach (var (left, right) in forms.SelectMany(l => forms.Select(r => (l, r))))
        {
            Assert.Empty(MetadataComparer.Compare(Named(left, "a"), Named(right, "a")));
            Assert.Equal("configuration.column_config.x.custom_name", Assert.Single(Assert.Single(MetadataComparer.Compare(Named(left, "a"), Named(right, "b"))).Fields).Path);
        }
    }

    [Theory]
    [InlineData("v3-directory/expected.json")]
    [InlineData("v2-directory/expected.json")]
    public void Every_other_value_is_a_difference(string example)
    {
        var document = MetadataExamples.Document(example);
        var places = Places(document.Root).ToList();
        Assert.True(places.Count > 150, $"{places.Count}");

        // The old map of column names only mirrors the newer one.
        foreach (var place in places.Where((p, i) => i % 3 == 0 && !p.Contains("custom_column_names")))
        {
            var other = document.Clone();
            Replace(other.Root, place, "another value");

            Assert.True(MetadataComparer.Compare(document, other).Count > 0, string.Join('/', place));
            Assert.True(MetadataComparer.Compare(other, document).Count > 0, string.Join('/', place));
        }
    }

    [Fact]
    public void Short_and_long_forms_and_defaults_are_the_same()
    {
        var lower = MetadataExamples.Document("v1-single-file/expected.json");
        var upper = MetadataExamples.Document("v1-single-file/upgraded-v3.json");

        Assert.Empty(MetadataComparer.Compare(lower, upper));
        Assert.Empty(MetadataComparer.Compare(upper, lower));
    }

    [Theory]
    [InlineData("v3-directory")]
    [InlineData("v2-directory")]
    public void What_the_clis_payload_adds_is_no_difference_except_what_it_loses(string example)
    {
        var changes = MetadataComparer.Compare(MetadataExamples.Document($"{example}/expected.json"), MetadataExamples.Document($"{example}/apply-payload.json"));

        Assert.All(changes, c => Assert.All(c.Fields, f => Assert.Contains("values", f.Path)));
    }

    [Theory]
    [InlineData("", ""","select_permissions":[{"role":"user","permission":{"columns":["id","email"],"filter":{}}}]""", "role user can now select id, email on public.users")]
    [InlineData("", ""","select_permissions":[{"role":"user","permission":{"columns":"*","filter":{"id":{"_eq":"X-Hasura-User-Id"}}}}]""", """role user can now select every column on public.users where {"id":{"_eq":"X-Hasura-User-Id"}}""")]
    [InlineData(""","select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{}}}]""", "", "role user can no longer select from public.users")]
    [InlineData("", ""","select_permissions":[{"role":"user","permission":{"columns":["id"],"computed_fields":["age"],"filter":{},"allow_aggregations":true}}]""", "role user can now select id, age on public.users; role user can now aggregate public.users")]
    [InlineData(""","update_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{}}}]""", "", "role user can no longer update public.users")]
    [InlineData(""","select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{}}}]""", ""","select_permissions":[{"role":"user","permission":{"columns":["id","email"],"filter":{}}}]""", "role user can now select email on public.users")]
    [InlineData(""","select_permissions":[{"role":"user","permission":{"columns":["id","email"],"filter":{}}}]""", ""","select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{},"limit":5}}]""", "role user can no longer select email on public.users; the select permission of role user on public.users changed: permission.limit is now 5")]
    [InlineData(""","select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{"a":1}}}]""", ""","select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{}}}]""", """the rows role user can select from public.users were those with {"a":1}, are those with no condition""")]
    [InlineData(""","insert_permissions":[{"role":"user","permission":{"check":{}}}]""", ""","insert_permissions":[{"role":"user","permission":{"check":{},"columns":["a"]}}]""", "role user can now insert only a into public.users, no longer every column")]
    [InlineData("", ""","delete_permissions":[{"role":"user","permission":{"filter":{}}}]""", "role user can now delete from public.users")]
    [InlineData("", ""","is_enum":true""", "table public.users changed: is_enum is now true")]
    [InlineData("", ""","object_relationships":[{"name":"boss","using":{"foreign_key_constraint_on":"boss_id"}}]""", "object relationship boss of public.users is new")]
    [InlineData(""","event_triggers":[{"name":"e","definition":{},"webhook":"http://a","retry_conf":{"num_retries":0}}]""", ""","event_triggers":[{"name":"e","definition":{},"webhook":"http://b"}]""", "event trigger e of public.users changed: webhook was \"http://a\", is \"http://b\"")]
    public void Says_what_changed(string old, string @new, string sentence)
    {
        var changes = MetadataComparer.Compare(MetadataExamples.Small($"[{Users}{old}}}]"), MetadataExamples.Small($"[{Users}{@new}}}]"));

        Assert.Equal(sentence, Assert.Single(changes).Description);
    }

    [Fact]
    public void Tells_of_objects_below_an_added_table()
    {
        var changes = MetadataComparer.Compare(MetadataExamples.Small(), MetadataExamples.Small("[" + Users + """,""" + """ "select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{}}}]}]"""));

        Assert.Equal(["default/Table/public.users", "default/public.users/SelectPermission/user"], changes.Select(c => c.Id));
        Assert.All(changes, c => Assert.Equal(MetadataChangeKind.Added, c.Change));
        Assert.Equal("""{"table":{"name":"users","schema":"public"}}""", changes[0].New);
    }

    [Fact]
    public void Names_fields_with_old_and_new_value_and_the_place()
    {
        var old = MetadataExamples.Small("[]", """ "actions":[{"name":"a","definition":{"handler":"http://x","output_type":"Int"}}],"api_limits":{"disabled":false} """);
        var @new = MetadataExamples.Small("[]", """ "actions":[{"name":"a","definition":{"handler":"http://y","output_type":"Int","kind":"synchronous","timeout":60}}],"unknown":1 """);
        @new.Positions.Set(@new.Root["actions"]![0]!, new SourcePosition("/p/actions.yaml", 3, 5));

        var changes = MetadataComparer.Compare(old, @new);

        var action = Assert.Single(changes, c => c.Kind == MetadataObjectKind.Action);
        Assert.Equal([new("definition.handler", "\"http://x\"", "\"http://y\""), new("definition.timeout", null, "60")], action.Fields);
        Assert.Equal(("/p/actions.yaml", 3), (action.File, action.Line));
        Assert.Equal("the metadata changed: unknown is now 1", Assert.Single(changes, c => c.Kind == MetadataObjectKind.Document).Description);
        Assert.Equal(2, changes.Count);
    }

    private static IEnumerable<object[]> Places(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                return map.SelectMany(m => Places(m.Value).Select(p => (object[])[m.Key, .. p]));
            case JsonArray list:
                return list.SelectMany((e, i) => Places(e).Select(p => (object[])[i, .. p]));
            case null:
                return [];
            default:
                return node.ToJsonString() == "3" ? [] : [[]];
        }
    }

    private static void Replace(JsonNode root, object[] place, string value)
    {
        var node = root;
        foreach (var step in place[..^1])
        {
            node = step is string key ? node[key]! : node[(int)step]!;
        }

        if (place[^1] is string last)
        {
            node[last] = value;
        }
        else
        {
            node[(int)place[^1]] = value;
        }
    }
}
