using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>Roles that may do the same have one schema; whatever one of them may do alone gives it a schema of its own.</summary>
public sealed class RoleRightsTests
{
    private const string Query = """{"columns":["id"],"filter":{},"allow_aggregations":false}""";

    // What the second of two roles has that the first has not.
    private static readonly (string Path, string Value)[] Differences =
    [
        ("sources.0.tables.0.select_permissions.1.permission.columns", """["id","name"]"""),
        ("sources.0.tables.0.select_permissions.1.permission.allow_aggregations", "true"),
        ("sources.0.tables.0.select_permissions.1.permission.query_root_fields", """["select"]"""),
        ("sources.0.tables.0.insert_permissions", """[{"role":"b","permission":{"check":{},"columns":["id"]}}]"""),
        ("sources.0.functions.0.permissions", """[{"role":"b"}]"""),
        ("sources.0.logical_models.0.select_permissions.1", """{"role":"b","permission":{"columns":["id","name"],"filter":{}}}"""),
        ("actions.0.permissions", """[{"role":"b"}]"""),
        ("remote_schemas.0.permissions.1", """{"role":"b","definition":{"schema":"type Query { now(unit: String): Int }"}}"""),
        ("inherited_roles", """[{"role_name":"b","role_set":["c"]}]"""),
    ];

    public static TheoryData<int> Each => [.. Enumerable.Range(0, Differences.Length)];

    [Fact]
    public void Roles_that_may_do_the_same_have_one_schema()
    {
        // Which rows a role reads is not in its schema.
        var builder = Builder(("sources.0.tables.0.select_permissions.1.permission.filter", """{"id":{"_eq":"X-Hasura-User-Id"}}"""));

        var schemas = builder.Build(["a", "b", "admin", "a"]);

        Assert.Same(schemas[0], schemas[1]);
        Assert.Same(schemas[0], schemas[3]);
        Assert.NotSame(schemas[0], schemas[2]);
        Assert.Equal(RoleSchemas.ToText(builder.Build("b")), RoleSchemas.ToText(schemas[1]));
    }

    [Theory]
    [MemberData(nameof(Each))]
    public void What_a_role_may_do_alone_is_in_its_schema_alone(int number)
    {
        var builder = Builder(Differences[number]);

        var schemas = builder.Build(["a", "b"]);

        Assert.NotEqual(RoleSchemas.ToText(schemas[0]), RoleSchemas.ToText(schemas[1]));
        Assert.Equal(RoleSchemas.ToText(builder.Build("a")), RoleSchemas.ToText(schemas[0]));
        Assert.Equal(RoleSchemas.ToText(builder.Build("b")), RoleSchemas.ToText(schemas[1]));
    }

    private static ApiSchemaBuilder Builder((string Path, string Value) difference)
    {
        var document = Document();
        Set(document, difference.Path.Split('.'), JsonNode.Parse(difference.Value)!);
        return RoleSchemas.Builder(new MetadataDocument(document), CatalogJson.Read(JsonNode.Parse(Catalog)!), new ApiSettings { InfersFunctionPermissions = false, HasRemoteSchemaPermissions = true });
    }

    private static void Set(JsonNode node, string[] path, JsonNode value)
    {
        var parent = path[..^1].Aggregate(node, (at, step) => int.TryParse(step, out var index) ? at[index]! : at[step]!);
        if (!int.TryParse(path[^1], out var place))
        {
            parent[path[^1]] = value;
        }
        else if (place < parent.AsArray().Count)
        {
            parent[place] = value;
        }
        else
        {
            parent.AsArray().Add(value);
        }
    }

    private static JsonObject Document() => JsonNode.Parse("""
        {"version":3,
         "actions":[{"name":"greet","definition":{"handler":"http://actions.example","type":"query","output_type":"String","arguments":[]}}],
         "remote_schemas":[{"name":"clock","definition":{"url":"http://clock.example"},
           "permissions":[{"role":"a","definition":{"schema":"type Query { now: Int }"}},{"role":"b","definition":{"schema":"type Query { now: Int }"}},{"role":"c","definition":{"schema":"type Query { now: Int }"}}]}],
         "sources":[{"name":"default","kind":"postgres","configuration":{"connection_info":{"database_url":{"from_env":"U"}}},
           "tables":[{"table":{"schema":"public","name":"author"},
             "select_permissions":[{"role":"a","permission":QUERY },{"role":"b","permission":QUERY },{"role":"c","permission":QUERY }],
             "update_permissions":[{"role":"c","permission":{"columns":["name"],"filter":{},"check":{}}}]}],
           "functions":[{"function":{"schema":"public","name":"authors"}}],
           "logical_models":[{"name":"model","fields":[{"name":"id","type":{"scalar":"int4"}},{"name":"name","type":{"scalar":"text"}}],
             "select_permissions":[{"role":"a","permission":{"columns":["id"],"filter":{}}},{"role":"b","permission":{"columns":["id"],"filter":{}}}]}],
           "native_queries":[{"root_field_name":"found","code":"SELECT 1 AS id, '' AS name","arguments":{},"returns":"model","type":"query"}]}]}
        """.Replace("QUERY", Query, StringComparison.Ordinal))!.AsObject();

    private const string Catalog = """
        {"tables":[
          {"schema":"public","name":"author","kind":"r","cols":[
             {"name":"id","pos":1,"type":"int4","kind":"b","nullable":false,"desc":null,"mutable":true},
             {"name":"name","pos":2,"type":"text","kind":"b","nullable":false,"desc":null,"mutable":true}],
           "idx":[{"name":"author_pkey","pk":true,"cols":["id"]}],"fks":[],"upd":28,"desc":null}],
         "functions":[{"schema":"public","name":"authors","overloads":[{"args":[],"names":[],"ndef":0,"vol":"s","rs":"public","rt":"author","rk":"c","set":true,"variadic":false,"desc":null}]}],
         "types":["int4","text"],"enum_values":{}}
        """;
}
