using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Tests.Metadata.Merging;

/// <summary>Documents that random merges begin with.</summary>
internal static class MergeSample
{
    internal static readonly string[] Columns = ["id", "name", "email", "title", "body", "owner_id", "created_at"];
    internal static readonly string[] Roles = ["user", "editor", "admin2", "anonymous"];
    internal static readonly string[] Verbs = ["insert", "select", "update", "delete"];

    /// <summary>A document of version 3 with an object of most kinds.</summary>
    internal static JsonObject Document(Random random) => new()
    {
        ["version"] = 3,
        ["sources"] = new JsonArray([.. Enumerable.Range(0, 1 + random.Next(2)).Select(i => Source(i == 0 ? "default" : $"db{i}", random))]),
        ["remote_schemas"] = new JsonArray(Node("""{"name":"pay","definition":{"url":"http://pay/graphql","timeout_seconds":60,"headers":[{"name":"X-A","value":"a"},{"name":"X-B","value_from_env":"B"}]},"comment":"pays","permissions":[{"role":"user","definition":{"schema":"schema { query: Query } type Query { a: Int }"}}]}""")),
        ["query_collections"] = new JsonArray(Node("""{"name":"allowed","definition":{"queries":[{"name":"a","query":"query a { a }"},{"name":"b","query":"query b { b }"}]}}""")),
        ["allowlist"] = new JsonArray(Node("""{"collection":"allowed","scope":{"global":false,"roles":["user","editor"]}}""")),
        ["actions"] = new JsonArray(Node("""{"name":"login","definition":{"handler":"http://login","output_type":"Token","arguments":[{"name":"email","type":"String!"},{"name":"password","type":"String!"}],"type":"mutation","kind":"synchronous"},"permissions":[{"role":"anonymous"}]}""")),
        ["custom_types"] = Node("""{"objects":[{"name":"Token","fields":[{"name":"token","type":"String!"}]}],"enums":[{"name":"Color","values":[{"value":"RED"},{"value":"BLUE"}]}]}"""),
        ["cron_triggers"] = new JsonArray(Node("""{"name":"nightly","webhook":"http://nightly","schedule":"0 0 * * *","include_in_metadata":true,"payload":{"a":1,"b":[1,2]}}""")),
        ["rest_endpoints"] = new JsonArray(Node("""{"name":"one","url":"one","methods":["GET","POST"],"definition":{"query":{"collection_name":"allowed","query_name":"a"}},"comment":null}""")),
        ["api_limits"] = Node("""{"disabled":false,"depth_limit":{"global":10,"per_role":{"user":5}}}"""),
        ["inherited_roles"] = new JsonArray(Node("""{"role_name":"boss","role_set":["user","editor"]}""")),
        ["x_unknown"] = Node("""{"a":1,"b":{"c":2},"list":[1,2]}"""),
    };

    /// <summary>A table.</summary>
    internal static JsonObject Table(string name, Random random)
    {
        var table = Node($$"""{"table":{"name":"{{name}}","schema":"public"},"configuration":{"column_config":{"id":{"custom_name":"key"} },"custom_column_names":{"id":"key"},"custom_root_fields":{},"comment":"{{name}}s"} }""");
        if (random.Next(3) > 0)
        {
            table["object_relationships"] = new JsonArray(Node("""{"name":"owner","using":{"foreign_key_constraint_on":"owner_id"}}"""));
            table["event_triggers"] = new JsonArray(Node($$$"""{"name":"on_{{{name}}}","definition":{"enable_manual":false,"insert":{"columns":"*"},"update":{"columns":["id","name"]}},"retry_conf":{"interval_sec":10,"num_retries":0,"timeout_sec":60},"webhook":"http://{{{name}}}","headers":[{"name":"X-A","value":"a"},{"name":"X-B","value":"b"}]}"""));
        }

        foreach (var verb in Verbs)
        {
            var permissions = Roles.Where(_ => random.Next(2) == 0).Select(r => Permission(verb, r, random)).ToArray<JsonNode>();
            if (permissions.Length > 0)
            {
                table[$"{verb}_permissions"] = new JsonArray(permissions);
            }
        }

        return table;
    }

    /// <summary>A permission.</summary>
    internal static JsonObject Permission(string verb, string role, Random random)
    {
        var permission = new JsonObject();
        if (verb == "insert")
        {
            permission["check"] = Filter(random);
            permission["set"] = new JsonObject { ["owner_id"] = "x-hasura-user-id" };
        }

        if (verb != "delete")
        {
            permission["columns"] = new JsonArray([.. Columns.Where(_ => random.Next(3) > 0).Append("id").Distinct().Select(c => JsonValue.Create(c))]);
        }

        if (verb != "insert")
        {
            permission["filter"] = Filter(random);
        }

        return new JsonObject { ["role"] = role, ["permission"] = permission };
    }

    /// <summary>A boolean expression.</summary>
    internal static JsonObject Filter(Random random) => random.Next(4) == 0 ? [] : new JsonObject { [Columns[random.Next(Columns.Length)]] = new JsonObject { ["_eq"] = random.Next(1000) } };

    /// <summary>A map of JSON text.</summary>
    internal static JsonObject Node(string json) => JsonNode.Parse(json)!.AsObject();

    private static JsonObject Source(string name, Random random) => new()
    {
        ["name"] = name,
        ["kind"] = "postgres",
        ["tables"] = new JsonArray([.. Enumerable.Range(0, 2 + random.Next(4)).Select(i => Table($"t{(i * 3) + random.Next(3)}", random))]),
        ["functions"] = new JsonArray(Node("""{"function":{"name":"search","schema":"public"},"configuration":{"exposed_as":"query"},"permissions":[{"role":"user"}]}""")),
        ["configuration"] = Node("""{"connection_info":{"database_url":{"from_env":"URL"},"isolation_level":"read-committed","pool_settings":{"retries":1,"max_connections":50}}}"""),
    };
}
