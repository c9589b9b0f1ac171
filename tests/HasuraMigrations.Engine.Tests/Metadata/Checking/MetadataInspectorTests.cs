using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Checking;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Checking;

public sealed class MetadataInspectorTests
{
    [Theory]
    [InlineData("v3-directory/expected.json")]
    [InlineData("v2-directory/expected.json")]
    [InlineData("v1-single-file/expected.json")]
    [InlineData("v1-single-file/upgraded-v3.json")]
    [InlineData("v3-directory/apply-payload.json")]
    public void Whole_examples_have_no_errors(string example)
    {
        var findings = MetadataInspector.Inspect(MetadataExamples.Document(example));

        Assert.Equal([], findings.Where(f => f.Severity == FindingSeverity.Error || f.Id == "MetadataKeyUnknown").Select(f => f.ToString()));
    }

    [Theory]
    [InlineData("""{"input_objects":[{"name":"In","fields":[{"name":"x","type":"[In!]!"},{"name":"y","type":"timestamptz"},{"name":"z","type":"E"}]}],"enums":[{"name":"E","values":[{"value":"A"}]}]}""", null)]
    [InlineData("""{"objects":[{"name":"In","fields":[{"name":"x","type":"Int"}]}]}""", "The argument 'p' of the action 'a' has the type 'In'")]
    [InlineData("""{"input_objects":[{"name":"In","fields":[{"name":"x","type":"Nope"}]}]}""", "The field 'x' of the input object type 'In' has the type 'Nope'")]
    [InlineData("""{"input_objects":[{"name":"In","fields":[]}],"objects":[{"name":"Out","fields":[{"name":"x","type":"In"}]}]}""", "The field 'x' of the object type 'Out' has the type 'In'")]
    public void Types_of_arguments_and_fields_are_looked_for(string types, string? words)
    {
        var document = MetadataExamples.Small("[]", """ "actions":[{"name":"a","definition":{"handler":"h","output_type":"Int","arguments":[{"name":"p","type":"In!"}]}}],"custom_types":TYPES """.Replace("TYPES", types));

        var findings = MetadataInspector.Inspect(document);

        Assert.All(findings, f => Assert.Equal(FindingSeverity.Warning, f.Severity));
        Assert.Equal(words is null ? 0 : 1, findings.Count);
        Assert.All(findings, f => Assert.StartsWith(words!, f.Message));
    }

    [Theory]
    [InlineData("mssql", "\"b\"", """{"name":"b","schema":"dbo"}""")]
    [InlineData("snowflake", "\"b\"", """["b"]""")]
    public void A_short_name_refers_to_the_table_of_the_long_one(string kind, string given, string written)
    {
        MetadataDocument With(string more) => new(JsonNode.Parse("""
            {"version":3,"sources":[{"name":"default","kind":"KIND","configuration":{},"tables":[{"table":LONG},{"table":["a"],"object_relationships":[{"name":"r","using":{"manual_configuration":{"column_mapping":{},"remote_table":SHORT}}}]} MORE]}]}
            """.Replace("KIND", kind).Replace("LONG", written).Replace("SHORT", given).Replace("MORE", more))!.AsObject());

        Assert.Empty(MetadataInspector.Inspect(With("")));
        Assert.Equal("MetadataDuplicate", Assert.Single(MetadataInspector.Inspect(With($$""",{"table":{{given}}}"""))).Id);
    }

    [Fact]
    public void A_permission_of_a_function_defines_its_role()
    {
        var document = new MetadataDocument(JsonNode.Parse("""{"version":2,"tables":[],"functions":[{"function":"f","permissions":[{"role":"caller"}]}],"query_collections":[{"name":"c","definition":{"queries":[]}}],"allowlist":[{"collection":"c","scope":{"global":false,"roles":["caller"]}}]}""")!.AsObject());

        Assert.Empty(MetadataInspector.Inspect(document));
    }

    // One URL may answer several methods, each under a name of its own.
    [Theory]
    [InlineData("b", "u/:id", null)]
    [InlineData("a", "v", "The REST endpoint a is defined twice")]
    public void REST_endpoints_are_told_apart_by_their_name(string name, string url, string? words)
    {
        var document = MetadataExamples.Small("[]", """ "query_collections":[{"name":"c","definition":{"queries":[{"name":"q","query":"query { a }"}]}}],"rest_endpoints":[{"name":"a","url":"u/:id","methods":["GET"],"definition":{"query":{"collection_name":"c","query_name":"q"}}},{"name":"NAME","url":"URL","methods":["POST"],"definition":{"query":{"collection_name":"c","query_name":"q"}}}] """.Replace("NAME", name).Replace("URL", url));

        var errors = MetadataInspector.Inspect(document).Where(f => f.Severity == FindingSeverity.Error).Select(f => f.Message).ToList();

        Assert.Equal(words is null ? 0 : 1, errors.Count);
        Assert.All(errors, e => Assert.Contains(words!, e));
    }

    [Theory]
    [InlineData("""[{"table":"t","select_permission":[]}]""", "", "MetadataKeyUnknown", "Did you mean 'select_permissions'?")]
    [InlineData("""[{"table":"t","select_permissions":[],"selct_permissions":[]}]""", "", "MetadataKeyUnknown", "Did you mean 'select_permissions'?")]
    [InlineData("""[{}]""", "", "MetadataKeyMissing", "'table' is missing")]
    [InlineData("""[{"table":"t"},{"table":{"schema":"public","name":"t"}}]""", "", "MetadataDuplicate", "public.t is defined twice")]
    [InlineData("""[{"table":"t","select_permissions":[{"role":"a","permission":{"columns":[],"filter":{}}},{"role":"a","permission":{"columns":[],"filter":{}}}]}]""", "", "MetadataDuplicate", "select permission a")]
    [InlineData("""[{"table":"t","select_permissions":{"role":"a"}}]""", "", "MetadataValueInvalid", "The value of 'select_permissions' of table public.t of source default must be a list")]
    [InlineData("""[{"table":"t","is_enum":"yes"}]""", "", "MetadataValueInvalid", "must be true or false")]
    [InlineData("""[{"table":5}]""", "", "MetadataValueInvalid", "must be a name")]
    [InlineData("""["t"]""", "", "MetadataValueInvalid", "must be a map")]
    [InlineData("""[{"table":"t","array_relationships":[{"name":"r","using":{"foreign_key_constraint_on":{"table":"u","column":"c"}}}]}]""", "", "MetadataReferenceMissing", "refers to public.u")]
    [InlineData("""[{"table":"t","object_relationships":[{"name":"r","using":{"manual_configuration":{"remote_table":{"schema":"s","name":"u"},"column_mapping":{}}}}]}]""", "", "MetadataReferenceMissing", "refers to s.u")]
    [InlineData("""[{"table":"t","object_relationships":[{"name":"r","using":{"foreign_key_constraint_on":"a"}}],"array_relationships":[{"name":"r","using":{"foreign_key_constraint_on":{"table":"t","column":"c"}}}]}]""", "", "MetadataNameConflict", "both an object and an array relationship 'r'")]
    [InlineData("""[{"table":"t","delete_permissions":[{"role":"a","permission":{"filter":{"_and":[{"_not":{"_exists":{"_table":"u","_where":{}}}}]}}}]}]""", "", "MetadataReferenceMissing", "delete permission of role a on public.t refers to public.u")]
    [InlineData("""[{"table":"t","event_triggers":[{"name":"e","definition":{"enable_manual":true}}]}]""", "", "MetadataValueInvalid", "exactly one of 'webhook'")]
    [InlineData("""[{"table":"t","remote_relationships":[{"name":"r","definition":{"to_source":{"source":"x","table":"u","relationship_type":"object","field_mapping":{}}}}]}]""", "", "MetadataReferenceMissing", "the source 'x'")]
    [InlineData("""[{"table":"t","remote_relationships":[{"name":"r","definition":{"remote_schema":"x","hasura_fields":[],"remote_field":{"f":{"arguments":{}}}}}]}]""", "", "MetadataReferenceMissing", "the remote schema 'x'")]
    [InlineData("[]", """ "allowlist":[{"collection":"c"}] """, "MetadataReferenceMissing", "query collection 'c'")]
    [InlineData("[]", """ "rest_endpoints":[{"name":"r","url":"r","methods":["GET"],"definition":{"query":{"collection_name":"c","query_name":"q"}}}] """, "MetadataReferenceMissing", "the query 'q'")]
    [InlineData("[]", """ "actions":[{"name":"a","definition":{"handler":"h","output_type":"[Out!]!"}}] """, "MetadataReferenceMissing", "the type 'Out'")]
    [InlineData("[]", """ "custom_types":{"objects":[{"name":"O","fields":[],"relationships":[{"name":"r","type":"object","remote_table":"u","field_mapping":{}}]}]} """, "MetadataReferenceMissing", "custom type 'O' refers to public.u")]
    [InlineData("[]", """ "custom_types":{"objects":[{"name":"O","fields":[]}],"scalars":[{"name":"O"}]} """, "MetadataNameConflict", "both in objects and in scalars")]
    public void Finds_errors(string tables, string rest, string id, string words)
    {
        var findings = MetadataInspector.Inspect(MetadataExamples.Small(tables, rest));

        var error = Assert.Single(findings, f => f.Severity == FindingSeverity.Error);
        Assert.Equal(id, error.Id);
        Assert.Contains(words, error.Message);
    }

    [Theory]
    [InlineData(""" "inherited_roles":[{"role_name":"i","role_set":["ghost"]}] """, "MetadataRoleUnknown", "'ghost'")]
    [InlineData(""" "query_collections":[{"name":"c","definition":{"queries":[]}}],"allowlist":[{"collection":"c","scope":{"global":false,"roles":["uesr"]}}] """, "MetadataRoleUnknown", "Did you mean 'user'?")]
    [InlineData(""" "api_limits":{"rate_limit":{"per_role":{"ghost":{"max_reqs_per_min":1}}}} """, "MetadataRoleUnknown", "rate_limit")]
    [InlineData(""" "cron_triggers":[{"name":"c","webhook":"w","schedule":"* * * * *","include_in_metadata":true,"headers":[{"name":"Authorization","value":"abc"}]}] """, "MetadataSecret", "Authorization")]
    [InlineData(""" "acttions":[] """, "MetadataKeyUnknown", "Did you mean 'actions'?")]
    public void Warns(string rest, string id, string words)
    {
        var findings = MetadataInspector.Inspect(MetadataExamples.Small("""[{"table":"t","select_permissions":[{"role":"user","permission":{"columns":[],"filter":{}}}]}]""", rest));

        var warning = Assert.Single(findings);
        Assert.Equal((id, FindingSeverity.Warning), (warning.Id, warning.Severity));
        Assert.Contains(words, warning.Message);
    }

    // What has no problem is not looked at again where its text comes again; what has one is.
    [Fact]
    public void Equal_permissions_are_checked_for_each_role_and_kind()
    {
        var tables = JsonNode.Parse("""[{"table":{"name":"a","schema":"public"},"delete_permissions":[{"role":"r","permission":{"filter":{}}},{"role":"s","permission":{"filter":{}}},{"role":"t","permission":{"filter":[]}},{"role":"u","permission":{"filter":[]}}],"select_permissions":[{"role":"r","permission":{"filter":{}}}]}]""");
        var root = new JsonObject { ["version"] = 3, ["sources"] = new JsonArray(new JsonObject { ["name"] = "default", ["kind"] = "postgres", ["tables"] = tables, ["configuration"] = JsonNode.Parse("""{"connection_info":{"database_url":{"from_env":"X"}}}""") }) };

        var errors = MetadataInspector.Inspect(new MetadataDocument(StoredJson.Compact(root)) { RestsOnText = true }).Where(f => f.Severity == FindingSeverity.Error).Select(f => f.Message).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(3, errors.Count);
        Assert.StartsWith("The key 'columns' is missing in 'permission' of select permission r", errors[0]);
        Assert.StartsWith("The value of 'filter' of 'permission' of delete permission t", errors[1]);
        Assert.StartsWith("The value of 'filter' of 'permission' of delete permission u", errors[2]);
    }

    [Fact]
    public void Never_prints_the_password_of_a_database()
    {
        var document = MetadataExamples.Small();
        document.Root["sources"]![0]!["configuration"]!["connection_info"]!["database_url"] = "postgres://u:hush@h/d";

        var warning = Assert.Single(MetadataInspector.Inspect(document));

        Assert.Equal("MetadataSecret", warning.Id);
        Assert.DoesNotContain("hush", warning.ToString());
    }

    [Fact]
    public void Errors_have_the_place_of_the_node()
    {
        var document = MetadataExamples.Small("""[{"table":"t","wrong":1}]""");
        document.Positions.Set(document.Root["sources"]![0]!["tables"]![0]!, new SourcePosition("/m/t.yaml", 1, 1));
        document.Positions.Set(document.Root["sources"]![0]!["tables"]![0]!["wrong"]!, new SourcePosition("/m/t.yaml", 4, 8));

        var e = Assert.Throws<HasuraMigrationException>(() => MetadataInspector.ThrowIfRefused(MetadataInspector.Inspect(document), allowInconsistent: true));

        Assert.Equal(("MetadataInvalid", "/m/t.yaml", 4, 8), (e.ErrorId, e.File, e.Line, e.Column));
    }

    [Fact]
    public void Missing_references_pass_where_inconsistency_is_allowed()
    {
        var findings = MetadataInspector.Inspect(MetadataExamples.Small("[]", """ "allowlist":[{"collection":"c"}] """));

        MetadataInspector.ThrowIfRefused(findings, allowInconsistent: true);
        Assert.Throws<HasuraMigrationException>(() => MetadataInspector.ThrowIfRefused(findings, allowInconsistent: false));
    }

    // Whatever stands where, the check says so and does not fall over.
    [Fact]
    public void Survives_any_value_in_any_place()
    {
        var document = MetadataExamples.Document("v3-directory/expected.json");
        foreach (var value in new[] { "\"x\"", "5", "null", "[]", "{}", "[null]", "true" })
        {
            foreach (var path in LongForm.Of(Paths(document.Root).ToList(), 11))
            {
                var copy = document.Clone();
                var node = (JsonNode)copy.Root;
                foreach (var step in path[..^1])
                {
                    node = step is string key ? node[key]! : node[(int)step]!;
                }

                if (path[^1] is string name)
                {
                    node[name] = JsonNode.Parse(value);
                }
                else
                {
                    node[(int)path[^1]] = JsonNode.Parse(value);
                }

                if (path is not ["version"])
                {
                    Assert.NotNull(MetadataInspector.Inspect(copy));
                    Assert.NotNull(MetadataComparer.Compare(document, copy));
                    Assert.NotNull(MetadataRewriter.ToServerForm(copy));
                }
            }
        }
    }

    private static IEnumerable<object[]> Paths(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(m => (object[][])[[m.Key], .. Paths(m.Value).Select(p => (object[])[m.Key, .. p])]),
        JsonArray list => list.SelectMany((e, i) => (object[][])[[i], .. Paths(e).Select(p => (object[])[i, .. p])]),
        _ => [],
    };
}
