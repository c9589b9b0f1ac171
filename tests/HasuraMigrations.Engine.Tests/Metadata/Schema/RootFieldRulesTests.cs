using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Tests.Metadata.Api;

namespace HasuraMigrations.Engine.Tests.Metadata.Schema;

/// <summary>Root fields that two objects claim.</summary>
public sealed class RootFieldRulesTests
{
    // The bits are those of PostgreSQL: 8 for rows that can be inserted, 16 for rows that can be deleted.
    [Theory]
    [InlineData(8, true)]
    [InlineData(16, false)]
    public void A_view_has_delete_where_rows_can_be_inserted(int writes, bool isClash)
    {
        var document = new MetadataDocument(JsonNode.Parse("""
            {"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{"table":{"schema":"public","name":"seen"}}],"configuration":{"connection_info":{"database_url":{"from_env":"U"}}}}],
             "actions":[{"name":"delete_seen","definition":{"kind":"synchronous","type":"mutation","handler":"http://act.example","output_type":"Int","arguments":[]}}]}
            """)!.AsObject());
        var catalog = CatalogJson.Read(JsonNode.Parse($$$"""
            {"tables":[{"schema":"public","name":"seen","kind":"v","cols":[{"name":"id","pos":1,"type":"int4","kind":"b","nullable":true,"mutable":true}],"idx":[],"fks":[],"upd":{{{writes}}}}],
             "functions":[],"types":["int4"],"enum_values":{}}
            """)!);

        var state = new MetadataState(MetadataEra.Version2, document.Root, new Dictionary<string, SourceFacts> { [MetadataDocument.DefaultSource] = new(catalog) });

        Assert.Equal(isClash, state.Cache.HardError is not null);
        Assert.Equal(isClash, RoleSchemas.Build(document, catalog, "admin").Faults.Count > 0);
    }
}
