using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Long requests of metadata commands, as tests and benchmarks carry them out.</summary>
internal static class CommandLoad
{
    private const int Columns = 8;

    /// <summary>Tables t1, t2, ... with columns c1 to c8; each refers to the one before it.</summary>
    public static string Tables(int count) => string.Concat(Enumerable.Range(1, count).Select(t =>
        $"CREATE TABLE t{t} (id int PRIMARY KEY, before int{(t > 1 ? $" REFERENCES t{t - 1}" : "")}, {string.Join(", ", Enumerable.Range(1, Columns).Select(c => $"c{c} text"))});\n"));

    /// <summary>A bulk that tracks the first of those tables one by one.</summary>
    public static JsonObject TrackAll(int count) => Bulk(Enumerable.Range(1, count).Select(t => new JsonObject
    {
        ["type"] = "pg_track_table",
        ["args"] = new JsonObject { ["source"] = "default", ["table"] = Name(t) },
    }));

    /// <summary>The document in which they are tracked, with relationships, permissions, and event triggers on every third.</summary>
    public static MetadataDocument Document(int count, bool isBare = false) => new(new JsonObject
    {
        ["version"] = 3,
        ["sources"] = new JsonArray(new JsonObject
        {
            ["name"] = "default",
            ["kind"] = "postgres",
            ["tables"] = new JsonArray([.. Enumerable.Range(1, count).Select(t => isBare ? new JsonObject { ["table"] = Name(t) } : Table(t))]),
            ["configuration"] = JsonNode.Parse("""{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"}}}"""),
        }),
    });

    /// <summary>Comments on columns and renames of columns in turn, over all tables.</summary>
    public static IEnumerable<string> Statements(int tables, int count) => Enumerable.Range(0, count).Select(i =>
    {
        var (table, round) = (i % tables + 1, i / tables);
        var column = $"c{round / 2 % Columns + 1}";
        return round % 2 == 0 ? $"COMMENT ON COLUMN t{table}.{column} IS 'round {round}';" : $"ALTER TABLE t{table} RENAME COLUMN {column} TO {column}_{round};";
    });

    /// <summary>A bulk of <c>run_sql</c>, one for each statement.</summary>
    public static JsonObject RunSql(IEnumerable<string> statements) =>
        Bulk(statements.Select(s => new JsonObject { ["type"] = "run_sql", ["args"] = new JsonObject { ["sql"] = s } }));

    /// <summary>The same as the file of a migration.</summary>
    public static string RunSqlFile(IEnumerable<string> statements) =>
        string.Concat(statements.Select(s => $"- type: run_sql\n  args:\n    cascade: false\n    sql: {JsonValue.Create(s)!.ToJsonString()}\n"));

    private static JsonObject Bulk(IEnumerable<JsonObject> commands) => new() { ["type"] = "bulk", ["args"] = new JsonArray([.. commands]) };

    private static JsonObject Name(int table) => new() { ["schema"] = "public", ["name"] = $"t{table}" };

    private static JsonObject Table(int table)
    {
        var entry = new JsonObject { ["table"] = Name(table) };
        if (table > 1)
        {
            entry["object_relationships"] = JsonNode.Parse("""[{"name":"previous","using":{"foreign_key_constraint_on":"before"}}]""");
        }

        entry["select_permissions"] = JsonNode.Parse("""[{"role":"user","permission":{"columns":["id","c1","c2","c3"],"filter":{"_or":[{"id":{"_eq":"X-Hasura-User-Id"}},{"c1":{"_is_null":true}}]}}}]""");
        entry["update_permissions"] = JsonNode.Parse("""[{"role":"user","permission":{"columns":["c1","c4"],"filter":{"c4":{"_neq":"x"}},"check":null}}]""");
        if (table % 3 == 0)
        {
            entry["event_triggers"] = new JsonArray(new JsonObject
            {
                ["name"] = $"changed_{table}",
                ["definition"] = JsonNode.Parse("""{"enable_manual":false,"insert":{"columns":"*"},"update":{"columns":["c1","c5"]}}"""),
                ["retry_conf"] = JsonNode.Parse("""{"num_retries":0,"interval_sec":10,"timeout_sec":60}"""),
                ["webhook"] = "http://localhost/hook",
            });
        }

        return entry;
    }
}
