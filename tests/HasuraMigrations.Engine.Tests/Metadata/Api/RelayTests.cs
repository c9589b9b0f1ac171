using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>The schema of the endpoint of Relay.</summary>
public sealed class RelayTests
{
    [Fact]
    public void It_is_that_of_a_server()
    {
        SharedData.Needs(SharedData.Find("graphql-truth") is not null, "graphql-truth");
        var shown = GraphqlTruth.Schema("skillz-v1.3-relay", "relay.graphql");
        var (tables, catalog) = SchemaOrigin.Of(shown);

        var computed = RoleSchemas.Build(new MetadataDocument(new JsonObject { ["version"] = 2, ["tables"] = tables }), CatalogJson.Read(catalog), "admin", new ApiSettings { Era = MetadataEra.Version1, IsRelay = true });

        // SDL does not list the objects of an interface.
        var differences = SchemaDifferences.Members(shown, computed).Where(d => !d.StartsWith("+Node.", StringComparison.Ordinal)).ToList();
        Assert.True(differences.Count == 0, string.Join("\n", differences));
    }

    [Fact]
    public void What_is_not_known_is_a_hole()
    {
        var document = new MetadataDocument(JsonNode.Parse("""
            {"version":3,"remote_schemas":[{"name":"feed","definition":{"url":"http://feed.example"}}],
             "actions":[{"name":"greet","definition":{"kind":"synchronous","type":"query","handler":"http://greet.example","output_type":"String"}}],
             "sources":[{"name":"default","kind":"postgres","configuration":{"connection_info":{"database_url":{"from_env":"U"}}},
               "customization":{"root_fields":{"prefix":"r_"},"type_names":{"prefix":"T_"}},"tables":[
               {"table":"note","select_permissions":[{"role":"reader","permission":{"columns":["text"],"filter":{}}}]},{"table":"loose"}]}]}
            """)!.AsObject());
        var catalog = CatalogJson.Read(JsonNode.Parse("""
            {"tables":[
               {"schema":"public","name":"note","kind":"r","cols":[{"name":"id","pos":1,"type":"int4","kind":"b","nullable":false,"desc":null,"mutable":true},{"name":"text","pos":2,"type":"text","kind":"b","nullable":true,"desc":null,"mutable":true}],"idx":[{"name":"note_pkey","pk":true,"cols":["id"]}],"fks":[],"upd":28,"desc":null},
               {"schema":"public","name":"loose","kind":"r","cols":[{"name":"id","pos":1,"type":"int4","kind":"b","nullable":false,"desc":null,"mutable":true}],"idx":[],"fks":[],"upd":28,"desc":null}],
             "functions":[],"types":["int4","text"],"enum_values":{}}
            """)!);
        ApiSchema Build(string role) => RoleSchemas.Build(document, catalog, role, new ApiSettings { IsRelay = true });

        var admin = Build("admin");
        Assert.Equal(["node", "r_note_connection"], admin.Find("query_root")!.Fields.Select(f => f.Name));
        Assert.Equal("[T_noteEdge!]!", admin.Find("T_noteConnection")!.Fields[0].Type.ToString());
        Assert.Equal(["id ID!", "text String"], admin.Find("T_note")!.Fields.Select(f => $"{f.Name} {f.Type}"));
        Assert.Equal("What the endpoint of Relay shows of the table loose, which has no primary key, the action greet, the remote schema feed is not known, so it is missing.", Assert.Single(admin.Holes).Message);
        Assert.Equal(["T_note"], Build("reader").Find("Node")!.PossibleTypes);
        Assert.Equal([ApiSchemaBuilder.NoQueriesField], Build("nobody").Find("query_root")!.Fields.Select(f => f.Name));
    }
}
