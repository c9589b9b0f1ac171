using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Checking;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Forms;

public sealed class MetadataVersionsTests
{
    [Fact]
    public void Upgrades_a_document_of_version_1_as_a_server_does()
    {
        var upgraded = MetadataVersions.Convert(MetadataExamples.Document("v1-single-file/expected.json"), 3, []);

        var expected = MetadataExamples.Document("v1-single-file/upgraded-v3.json");
        Assert.Equal(expected.ToJson(isIndented: true), upgraded.ToJson(isIndented: true));
    }

    [Fact]
    public void Upgrades_names_of_functions_to_objects()
    {
        var document = new MetadataDocument(JsonNode.Parse("""{"tables":[],"functions":["f",{"schema":"s","name":"g"}]}""")!.AsObject());

        var upgraded = MetadataVersions.Convert(document, 2, []);

        Assert.Equal("""{"version":2,"tables":[],"functions":[{"function":{"name":"f","schema":"public"}},{"function":{"name":"g","schema":"s"}}]}""", upgraded.ToJson(isIndented: false));
    }

    [Theory]
    [InlineData("", "specifies no version, which means 1")]
    [InlineData("\"version\":1,", "says version 1")]
    [InlineData("\"version\":2,", "says version 2")]
    public void Refuses_sources_in_a_document_of_an_older_version(string version, string words)
    {
        var document = new MetadataDocument(JsonNode.Parse($$"""{{{version}}"sources":[{"name":"default","kind":"postgres","tables":[]}]}""")!.AsObject());
        var other = MetadataExamples.Document("v3-directory/expected.json");

        var converting = Assert.Throws<HasuraMigrationException>(() => MetadataVersions.Convert(document, 3, []));
        var comparing = Assert.Throws<HasuraMigrationException>(() => MetadataComparer.Compare(other, document));
        var finding = Assert.Single(MetadataInspector.Inspect(document));

        Assert.Equal("MetadataVersionMismatch", converting.ErrorId);
        Assert.Equal("MetadataVersionMismatch", comparing.ErrorId);
        Assert.Equal(("MetadataVersionMismatch", FindingSeverity.Error), (finding.Id, finding.Severity));
        Assert.Contains(words, finding.Message);
        Assert.Contains("version: 3", finding.RecommendedAction);
    }

    [Fact]
    public void Keeps_keys_it_does_not_know()
    {
        var document = new MetadataDocument(JsonNode.Parse("""{"version":2,"tables":[{"table":"t","new_table_key":1}],"new_key":{"a":[1.50]},"actions":[{"name":"a","definition":{"handler":"h","output_type":"Int","new":true},"later":null}]}""")!.AsObject());

        var text = MetadataVersions.Convert(document, 3, []).ToJson(isIndented: false);

        Assert.Contains("\"new_table_key\":1", text);
        Assert.Contains("\"new_key\":{\"a\":[1.50]}", text);
        Assert.Contains("\"new\":true", text);
        Assert.Contains("\"later\":null", text);
    }

    [Fact]
    public void Takes_the_one_source_of_version_3_and_tells_what_is_left_out()
    {
        var document = MetadataExamples.Small("""[{"table":{"name":"t","schema":"public"}}]""", """ "rest_endpoints":[{"name":"r"}],"inherited_roles":[],"unknown":7 """);
        var findings = new List<Finding>();

        var lowered = MetadataVersions.Convert(document, 2, findings);

        Assert.Equal("""{"version":2,"tables":[{"table":{"name":"t","schema":"public"}}],"unknown":7}""", lowered.ToJson(isIndented: false));
        Assert.Equal("MetadataKeyLeftOut", Assert.Single(findings).Id);
        Assert.Contains("rest_endpoints", findings[0].Message);
    }

    [Fact]
    public void Tells_that_version_2_has_no_name_for_its_source()
    {
        var document = new MetadataDocument(JsonNode.Parse("""{"version":3,"sources":[{"name":"shop","kind":"postgres","tables":[],"configuration":{}}]}""")!.AsObject());
        var findings = new List<Finding>();

        MetadataVersions.Convert(document, 2, findings);

        Assert.Contains("'shop'", Assert.Single(findings).Message);
    }

    [Fact]
    public void Refuses_several_sources_in_version_2()
    {
        var e = Assert.Throws<HasuraMigrationException>(() => MetadataVersions.Convert(MetadataExamples.Document("v3-directory/expected.json"), 2, []));

        Assert.Equal("MetadataVersionMismatch", e.ErrorId);
        Assert.Contains("'analytics'", e.Message);
    }

    [Fact]
    public void Imports_an_older_document_onto_the_default_source_only()
    {
        var present = MetadataExamples.Small("""[{"table":"old"}]""", """ "rest_endpoints":[{"name":"r","url":"r"}],"inherited_roles":[{"role_name":"a","role_set":["b"]}] """);
        present.Root["sources"]!.AsArray().Add(JsonNode.Parse("""{"name":"other","kind":"postgres","tables":[],"configuration":{}}"""));
        var older = new MetadataDocument(JsonNode.Parse("""{"version":2,"tables":[{"table":"new"}],"api_limits":{"disabled":true},"network":{"tls_allowlist":[{"host":"h"}]},"unknown":1}""")!.AsObject());

        var result = MetadataVersions.Onto(older, present);

        Assert.Equal("default", Assert.Single(result.Sources)["name"]!.GetValue<string>());
        Assert.Equal("""{"name":"new","schema":"public"}""", result.Root["sources"]![0]!["tables"]![0]!["table"]!.ToJsonString());
        Assert.Equal("URL", result.Root["sources"]![0]!["configuration"]!["connection_info"]!["database_url"]!["from_env"]!.GetValue<string>());
        Assert.NotNull(result.Root["rest_endpoints"]);
        Assert.All(new[] { "inherited_roles", "api_limits", "network" }, key => Assert.Null(result.Root[key]));
        Assert.NotNull(result.Root["unknown"]);
    }

    [Fact]
    public void Refuses_to_import_an_older_document_without_a_default_source()
    {
        var present = new MetadataDocument(JsonNode.Parse("""{"version":3,"sources":[]}""")!.AsObject());

        var e = Assert.Throws<HasuraMigrationException>(() => MetadataVersions.Onto(new MetadataDocument(JsonNode.Parse("""{"tables":[]}""")!.AsObject()), present));

        Assert.Equal("MetadataVersionMismatch", e.ErrorId);
    }

    [Theory]
    [InlineData("4")]
    [InlineData("\"3\"")]
    [InlineData("2.5")]
    public void Refuses_other_versions(string version)
    {
        var e = Assert.Throws<HasuraMigrationException>(() => new MetadataDocument(JsonNode.Parse($$"""{"version":{{version}}}""")!.AsObject()));

        Assert.Equal("MetadataVersionUnsupported", e.ErrorId);
    }
}
