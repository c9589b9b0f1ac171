using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Tests.Vectors;

/// <summary>What a case finds done that goes on from the state of another: files of its own directory, or requests where the other case is not among these.</summary>
internal static class VectorPrelude
{
    private const string Measurement = """
        {"type":"bulk","args":[
          {"type":"run_sql","args":{"sql":"CREATE TABLE hge_tests.measurement (city int, day date NOT NULL) PARTITION BY RANGE (day); CREATE TABLE hge_tests.measurement_1 PARTITION OF hge_tests.measurement FOR VALUES FROM ('2020-01-01') TO ('2030-01-01');"}},
          {"type":"track_table","args":{"schema":"hge_tests","name":"measurement"}},
          {"type":"create_event_trigger","args":{"name":"measurement_all","table":{"schema":"hge_tests","name":"measurement"},"webhook":"http://localhost:5592","insert":{"columns":"*"}}}]}
        """;

    private const string TableWithTrigger = """
        {"type":"bulk","args":[
          {"type":"run_sql","args":{"sql":"CREATE TABLE hge_tests.test_t1 (c1 int, c2 text);"}},
          {"type":"track_table","args":{"schema":"hge_tests","name":"test_t1"}},
          {"type":"create_event_trigger","args":{"name":"t1_all","table":{"schema":"hge_tests","name":"test_t1"},"webhook":"http://localhost:5592","insert":{"columns":"*"},"update":{"columns":"*"},"delete":{"columns":"*"}}}]}
        """;

    private const string RemoteSchema = """{"type":"add_remote_schema","args":{"name":"my-remote-schema","definition":{"url":"http://localhost:4020","forward_client_headers":true}}}""";

    private const string UserTable = """{"type":"run_sql","args":{"sql":"CREATE TABLE \"user\" (id int PRIMARY KEY)"}}""";

    private static readonly string[] NewSource =
    [
        """{"url":"/v1/metadata","query":{"type":"pg_add_source","args":{"name":"new_pg_db","configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_PG_SOURCE_URL_1"}}}}}}""",
        """{"url":"/v2/query","query":{"type":"run_sql","args":{"source":"new_pg_db","sql":"CREATE TABLE author_s1 (id int PRIMARY KEY, name text); CREATE FUNCTION search_authors_s1(search text) RETURNS SETOF author_s1 LANGUAGE sql STABLE AS 'SELECT * FROM author_s1 WHERE name = search';"}}}""",
        """{"url":"/v1/metadata","query":{"type":"pg_track_table","args":{"source":"new_pg_db","table":"author_s1"}}}""",
        """{"url":"/v1/metadata","query":{"type":"pg_track_function","args":{"source":"new_pg_db","function":"search_authors_s1","comment":"a comment"}}}""",
    ];

    private static readonly (string End, string[] Before)[] ByEnd =
    [
        ("event_triggers/update_query/update-setup.yaml", ["create-setup.yaml"]),
        ("event_triggers/delete_query/setup.yaml", [TableWithTrigger]),
        ("event_triggers/basic/partition_table_teardown.yaml", [Measurement]),
        ("functions/drop_function_permission_add_to_score.yaml", ["""{"type":"pg_create_function_permission","args":{"function":"add_to_score","role":"anonymous"}}"""]),
        ("functions/drop_function_permission_add_to_score_by_user_id.yaml", ["""{"type":"pg_create_function_permission","args":{"function":"add_to_score_by_user_id","role":"anonymous"}}"""]),
        ("metadata/pg_track_function_with_comment_teardown.yaml", NewSource),
        ("remote_relationships/update_remote_rel_basic.yaml", ["setup_remote_rel_basic.yaml"]),
        ("remote_schemas/tbls_teardown.yaml", ["tbls_setup.yaml"]),
        ("remote_schemas/drop_user_table.yaml", [UserTable]),
        ("update_remote_schema/revert_to_original_config.yaml", [RemoteSchema]),
        ("update_remote_schema/update_schema.yaml", [RemoteSchema]),
        ("schema_customization/setup_remote_rel_basic.yaml", ["setup.yaml"]),
        ("schema_customization/setup_remote_rel_nested_fields.yaml", ["setup.yaml"]),
        ("permissions/remote_relationships/basic_remote_relationship_with_remote_schema_permissions_configured.yaml", ["setup_with_permissions.yaml"]),
        ("permissions/remote_relationships/partial_arguments_from_preset.yaml", ["setup_with_permissions.yaml"]),
    ];

    // They take away themselves what the teardown of their directory takes away.
    private static readonly string[] TornDown = ["remote_relationships/remove_remote_schema.yaml"];

    /// <summary>True where the case leaves nothing for the teardown of its directory.</summary>
    public static bool IsTornDown(VectorCase vector) => TornDown.Any(e => vector.Id.EndsWith(e, StringComparison.Ordinal));

    /// <summary>The requests to make first, in their order: a file's path, or a request.</summary>
    public static IEnumerable<(string? File, JsonNode? Request)> Before(VectorCase vector) =>
        ByEnd.Where(e => vector.Id.EndsWith(e.End, StringComparison.Ordinal)).SelectMany(e => e.Before)
            .Select(b => b.TrimStart().StartsWith('{') ? ((string?)null, JsonNode.Parse(b)) : (Path.GetDirectoryName(vector.Entry["file"]!.ToString()) + "/" + b, null));
}
