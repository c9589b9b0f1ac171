using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Forms;

public sealed class MetadataRewriterTests
{
    [Theory]
    [InlineData("v3-directory/expected.json")]
    [InlineData("v3-directory-cli-2.0/apply-payload.json")]
    [InlineData("v2-directory/expected.json")]
    [InlineData("v1-single-file/expected.json")]
    public void Sorts_every_permutation_to_one_text(string example)
    {
        var document = MetadataExamples.Document(example);
        var expected = MetadataRewriter.Sort(document).ToJson(isIndented: true);
        for (var seed = 0; seed < 100; seed++)
        {
            var shuffled = new MetadataDocument(MetadataShuffle.Of(document.Root, new Random(seed))!.AsObject());

            Assert.Equal(expected, MetadataRewriter.Sort(shuffled).ToJson(isIndented: true));
        }
    }

    [Theory]
    [InlineData("v3-directory/expected.json")]
    [InlineData("v1-single-file/expected.json")]
    public void Sorting_adds_and_loses_nothing(string example)
    {
        var document = MetadataExamples.Document(example);

        var sorted = MetadataRewriter.Sort(document);

        Assert.Equal(Leaves(document.Root), Leaves(sorted.Root));
    }

    [Fact]
    public void Server_form_of_an_export_is_the_export()
    {
        var document = MetadataExamples.Document("v3-directory/expected.json");

        Assert.Equal(document.ToJson(isIndented: true), MetadataRewriter.ToServerForm(document).ToJson(isIndented: true));
    }

    [Theory]
    [InlineData("mssql", "\"t\"", """{"name":"t","schema":"dbo"}""")]
    [InlineData("mssql", """{"name":"t"}""", """{"name":"t","schema":"dbo"}""")]
    [InlineData("mssql", """{"name":"t","schema":"s"}""", """{"name":"t","schema":"s"}""")]
    [InlineData("snowflake", "\"t\"", """["t"]""")]
    [InlineData("snowflake", """["s","t"]""", """["s","t"]""")]
    [InlineData("bigquery", """{"dataset":"d","name":"t"}""", """{"dataset":"d","name":"t"}""")]
    [InlineData("citus", "\"t\"", """{"name":"t","schema":"public"}""")]
    public void A_short_name_has_the_meaning_of_its_kind_of_source(string kind, string name, string expected)
    {
        var document = new MetadataDocument(JsonNode.Parse("""
            {"version":3,"sources":[
              {"name":"other","kind":"KIND","configuration":{},"tables":[{"table":NAME,
                "object_relationships":[{"name":"r","using":{"manual_configuration":{"column_mapping":{"a":"b"},"remote_table":NAME}}}],
                "select_permissions":[{"role":"u","permission":{"columns":[],"filter":{"_exists":{"_table":NAME,"_where":{}}}}}]}]},
              {"name":"pg","kind":"postgres","configuration":{},"tables":[{"table":"t",
                "remote_relationships":[{"name":"r","definition":{"to_source":{"source":"other","table":NAME,"relationship_type":"object","field_mapping":{}}}}]}]}]}
            """.Replace("KIND", kind).Replace("NAME", name))!.AsObject());

        var sources = MetadataRewriter.ToServerForm(document).Root["sources"]!;

        var table = sources[0]!["tables"]![0]!;
        Assert.Equal(expected, table["table"]!.ToJsonString());
        Assert.Equal(expected, table["object_relationships"]![0]!["using"]!["manual_configuration"]!["remote_table"]!.ToJsonString());
        Assert.Equal(expected, table["select_permissions"]![0]!["permission"]!["filter"]!["_exists"]!["_table"]!.ToJsonString());
        var other = sources[1]!["tables"]![0]!;
        Assert.Equal("""{"name":"t","schema":"public"}""", other["table"]!.ToJsonString());
        Assert.Equal(expected, other["remote_relationships"]![0]!["definition"]!["to_source"]!["table"]!.ToJsonString());
    }

    [Fact]
    public void What_a_server_always_writes_is_added()
    {
        var document = new MetadataDocument(JsonNode.Parse("""
            {"version":3,"sources":[{"name":"default","kind":"postgres","configuration":{"connection_info":{}},"tables":[],"native_queries":[{"root_field_name":"q","code":"","returns":"m","arguments":{"a":{"type":"int"}}}]}],
             "remote_schemas":[{"name":"r","definition":{"url":"x","customization":{"type_names":{"prefix":"p"},"field_names":[{"parent_type":"T"}]}}}]}
            """)!.AsObject());

        var root = MetadataRewriter.ToServerForm(document).Root;

        Assert.Equal("""{"isolation_level":"read-committed","use_prepared_statements":false}""", root["sources"]![0]!["configuration"]!["connection_info"]!.ToJsonString());
        Assert.Equal("""{"a":{"nullable":false,"type":"int"}}""", root["sources"]![0]!["native_queries"]![0]!["arguments"]!.ToJsonString());
        Assert.Equal("""{"field_names":[{"mapping":{},"parent_type":"T"}],"type_names":{"mapping":{},"prefix":"p"}}""", root["remote_schemas"]![0]!["definition"]!["customization"]!.ToJsonString());
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"status":"disabled"}""", null)]
    [InlineData("""{"data_types":["traces"]}""", """{"status":"disabled","data_types":["traces"]}""")]
    [InlineData("""{"data_types":["traces"],"status":"disabled"}""", """{"status":"disabled","data_types":["traces"]}""")]
    public void A_setting_stays_beside_others_also_where_it_has_its_default(string given, string? written)
    {
        var document = MetadataExamples.Small(rest: "\"opentelemetry\":" + given);

        Assert.Equal(written, MetadataRewriter.ToServerForm(document).Root["opentelemetry"]?.ToJsonString());
    }

    [Theory]
    [InlineData("postgres", false, false)]
    [InlineData("postgres", true, true)]
    [InlineData("pg", false, false)]
    [InlineData("mssql", false, true)]
    [InlineData("mssql", true, false)]
    public void The_kind_of_source_says_what_triggers_do_by_default(string kind, bool isOnReplication, bool isWritten)
    {
        MetadataDocument With(string rest) => new(JsonNode.Parse("""
            {"version":3,"sources":[{"name":"default","kind":"KIND","configuration":{"connection_info":{"x":1}},"tables":[{"table":{"name":"t","schema":"s"},"event_triggers":[{"name":"e","definition":{},"webhook":"x" REST}]}]}]}
            """.Replace("KIND", kind).Replace("REST", rest))!.AsObject());
        var given = With($$""","trigger_on_replication":{{(isOnReplication ? "true" : "false")}}""");

        var source = MetadataRewriter.ToServerForm(given).Root["sources"]![0]!;

        Assert.Equal(isWritten, source["tables"]![0]!["event_triggers"]![0]!.AsObject().ContainsKey("trigger_on_replication"));
        Assert.Equal(isWritten, MetadataComparer.Compare(With(""), given).Count > 0);
        Assert.Equal(kind == "mssql", !source["configuration"]!["connection_info"]!.AsObject().ContainsKey("isolation_level"));
        Assert.Equal(kind == "pg" ? "postgres" : kind, (string?)source["kind"]);
    }

    [Fact]
    public void Sorting_carries_positions()
    {
        var document = MetadataExamples.Small("""[{"table":"b"},{"table":"a"}]""");
        var table = document.Root["sources"]![0]!["tables"]![1]!;
        document.Positions.Set(table, new SourcePosition("tables.yaml", 7, 3));

        var sorted = MetadataRewriter.Sort(document);

        Assert.Equal(new SourcePosition("tables.yaml", 7, 3), sorted.Positions.Of(sorted.Root["sources"]![0]!["tables"]![0]));
    }

    private static List<string> Leaves(JsonNode? node, string path = "") => node switch
    {
        JsonObject map => [.. map.SelectMany(m => Leaves(m.Value, $"{path}.{m.Key}")).Order(StringComparer.Ordinal)],
        JsonArray list => [.. list.SelectMany(e => Leaves(e, $"{path}[]")).Order(StringComparer.Ordinal), $"{path}#{list.Count}"],
        _ => [$"{path}={node?.ToJsonString() ?? "null"}"],
    };
}
