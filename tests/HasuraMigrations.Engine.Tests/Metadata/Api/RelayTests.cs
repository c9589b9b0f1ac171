using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;
using Xunit;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>The schema of the endpoint of Relay.</summary>
public sealed class RelayTests
{
    private static readonly Dictionary<string, string> Types = new() { ["String"] = "text", ["Int"] = "int4", ["Boolean"] = "bool", ["Float"] = "float4" };

    [Fact]
    public void It_is_that_of_a_server()
    {
        SharedData.Needs(SharedData.Find("graphql-truth") is not null, "graphql-truth");
        var shown = GraphqlTruth.Schema("skillz-v1.3-relay", "relay.graphql");
        var (tables, catalog) = ReadBack(shown);

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

    // Tables and relationships that such a schema can come from.
    private static (JsonArray Tables, JsonObject Catalog) ReadBack(ApiSchema schema)
    {
        var names = schema.Types.Where(t => t.Name.EndsWith("_insert_input", StringComparison.Ordinal) && !t.Name.EndsWith("_rel_insert_input", StringComparison.Ordinal)).Select(t => t.Name[..^"_insert_input".Length]).ToList();
        List<string> Key(string table) => [.. schema.Find($"{table}_pk_columns_input")!.InputFields.Select(f => f.Name)];
        var (tables, facts) = (new JsonArray(), new JsonArray());
        foreach (var table in names)
        {
            var row = schema.Find(table)!;
            var columns = schema.Find($"{table}_insert_input")!.InputFields.Where(f => !f.Type.Name.EndsWith("_rel_insert_input", StringComparison.Ordinal)).ToList();
            var required = columns.Select(c => c.Name).First(c => c == "id" || row.Fields.Single(f => f.Name == c).Type.IsNonNull);
            var relationships = row.Fields.Where(f => names.Contains(f.Type.Name)).ToLookup(f => f.Type.IsList);
            JsonObject Manual(ApiField field) => new() { ["name"] = field.Name, ["using"] = new JsonObject { ["manual_configuration"] = new JsonObject { ["remote_table"] = field.Type.Name, ["column_mapping"] = new JsonObject { [required] = Key(field.Type.Name)[0] } } } };
            // A row is always there where a foreign key of a column that is never null leads to it.
            var keys = relationships[false].Where(f => f.Type.IsNonNull).ToList();
            var free = new Queue<string>(columns.Where(c => c.Name == "id" || row.Fields.Single(f => f.Name == c.Name).Type.IsNonNull).Select(c => c.Name));
            var foreign = keys.ToDictionary(f => f.Name, f => (Column: free.Dequeue(), Target: f.Type.Name));
            tables.Add(new JsonObject
            {
                ["table"] = new JsonObject { ["schema"] = "public", ["name"] = table },
                ["object_relationships"] = new JsonArray([.. relationships[false].Select(f => foreign.TryGetValue(f.Name, out var key) ? new JsonObject { ["name"] = f.Name, ["using"] = new JsonObject { ["foreign_key_constraint_on"] = key.Column } } : Manual(f))]),
                ["array_relationships"] = new JsonArray([.. relationships[true].Select(Manual)]),
            });
            facts.Add(new JsonObject
            {
                ["schema"] = "public",
                ["name"] = table,
                ["kind"] = "r",
                ["cols"] = new JsonArray([.. columns.Select((c, i) => new JsonObject { ["name"] = c.Name, ["pos"] = i + 1, ["type"] = Types.GetValueOrDefault(c.Type.Name, c.Type.Name), ["kind"] = "b", ["nullable"] = c.Name != "id" && !row.Fields.Single(f => f.Name == c.Name).Type.IsNonNull, ["desc"] = null, ["mutable"] = true })]),
                ["idx"] = new JsonArray([.. schema.Find($"{table}_constraint")!.EnumValues.Select(v => new JsonObject { ["name"] = v.Name, ["pk"] = v.Name.EndsWith("_pkey", StringComparison.Ordinal), ["cols"] = new JsonArray([.. Key(table).Select(k => JsonValue.Create(k))]) })]),
                ["fks"] = new JsonArray([.. foreign.Select(f => new JsonObject { ["name"] = $"{table}_{f.Key}_fkey", ["fs"] = "public", ["ft"] = f.Value.Target, ["cols"] = new JsonArray(f.Value.Column), ["fcols"] = new JsonArray(Key(f.Value.Target)[0]) })]),
                ["upd"] = 28,
                ["desc"] = null,
            });
        }

        return (tables, new JsonObject { ["tables"] = facts, ["functions"] = new JsonArray(), ["types"] = new JsonArray("text", "int4", "bool", "float4", "uuid", "date"), ["enum_values"] = new JsonObject() });
    }
}
