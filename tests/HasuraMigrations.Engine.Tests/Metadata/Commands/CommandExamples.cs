using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Metadata.Commands;

/// <summary>A database and a document on which each command has something to do, and arguments it is carried out with.</summary>
public sealed class CommandExamples(PostgresServer server) : IAsyncLifetime
{
    private const string Objects = """
        CREATE TABLE a (id int PRIMARY KEY, name text);
        CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a, note text);
        CREATE TABLE c (id int PRIMARY KEY, a_id int REFERENCES a);
        CREATE TABLE kind (value text PRIMARY KEY, comment text);
        INSERT INTO kind VALUES ('x', 'an x');
        CREATE FUNCTION full_name(a) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1.name';
        CREATE FUNCTION short_name(a) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1.name';
        CREATE FUNCTION all_a() RETURNS SETOF a LANGUAGE sql STABLE AS 'SELECT * FROM a';
        CREATE FUNCTION some_a() RETURNS SETOF a LANGUAGE sql STABLE AS 'SELECT * FROM a';
        """;

    private static readonly JsonObject Document = JsonNode.Parse("""
        {"version":3,"sources":[{"name":"default","kind":"postgres","tables":[
            {"table":{"schema":"public","name":"a"},
             "array_relationships":[{"name":"bs","using":{"foreign_key_constraint_on":{"table":{"schema":"public","name":"b"},"column":"a_id"}}}],
             "computed_fields":[{"name":"full","definition":{"function":{"schema":"public","name":"full_name"}}}],
             "select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{}}}],
             "insert_permissions":[{"role":"user","permission":{"check":{},"columns":["id"]}}],
             "update_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{}}}],
             "delete_permissions":[{"role":"user","permission":{"filter":{}}}],
             "event_triggers":[{"name":"e","definition":{"enable_manual":true,"insert":{"columns":"*"}},"retry_conf":{"num_retries":0,"interval_sec":10,"timeout_sec":60},"webhook":"http://x","cleanup_config":{"schedule":"0 0 * * *","clear_older_than":1}}]},
            {"table":{"schema":"public","name":"b"},
             "object_relationships":[{"name":"a","using":{"foreign_key_constraint_on":"a_id"}}],
             "remote_relationships":[{"name":"far","definition":{"to_source":{"source":"default","table":{"schema":"public","name":"a"},"relationship_type":"object","field_mapping":{"a_id":"id"}}}}]},
            {"table":{"schema":"public","name":"kind"},"select_permissions":[{"role":"user","permission":{"columns":["value"],"filter":{}}}]}],
          "functions":[{"function":{"schema":"public","name":"all_a"},"permissions":[{"role":"user"}]}],
          "logical_models":[{"name":"m","fields":[{"name":"id","type":{"scalar":"integer"}}],"select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{}}}]},{"name":"spare","fields":[{"name":"id","type":{"scalar":"integer"}}]}],
          "native_queries":[{"root_field_name":"nq","code":"SELECT 1 AS id","returns":"m","arguments":{}}],
          "configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"}}}}],
         "remote_schemas":[{"name":"r","definition":{"url":"http://x"},"permissions":[{"role":"user","definition":{"schema":"type Query { a: Int }"}}],
           "remote_relationships":[{"type_name":"T","relationships":[{"name":"near","definition":{"to_source":{"source":"default","table":{"schema":"public","name":"a"},"relationship_type":"object","field_mapping":{"x":"id"}}}}]}]}],
         "query_collections":[{"name":"q","definition":{"queries":[{"name":"one","query":"query { a { id } }"},{"name":"spare","query":"query { b { id } }"}]}},{"name":"free","definition":{"queries":[]}}],
         "allowlist":[{"collection":"q","scope":{"global":true}}],
         "actions":[{"name":"act","definition":{"handler":"http://x","output_type":"Out","kind":"synchronous"},"permissions":[{"role":"user"}]}],
         "custom_types":{"objects":[{"name":"Out","fields":[{"name":"id","type":"Int!"}]}]},
         "cron_triggers":[{"name":"cron","webhook":"http://x","schedule":"0 0 * * *","include_in_metadata":true}],
         "rest_endpoints":[{"name":"rest","url":"rest","methods":["GET"],"definition":{"query":{"collection_name":"q","query_name":"one"}}}],
         "inherited_roles":[{"role_name":"both","role_set":["user"]}],
         "network":{"tls_allowlist":[{"host":"x"}]},
         "backend_configs":{"dataconnector":{"agent":{"uri":"http://x"}}},
         "opentelemetry":{"status":"disabled"}}
        """)!.AsObject();

    /// <summary>Arguments by command, without a prefix.</summary>
    public static IReadOnlyDictionary<string, string> Arguments { get; } = new Dictionary<string, string>
    {
        ["pause_event_trigger_cleanups"] = """{"event_triggers":[{"source_name":"default","event_triggers":["e"]}]}""",
        ["resume_event_trigger_cleanups"] = """{"event_triggers":{"sources":["default"]}}""",
        ["track_table"] = """{"table":{"schema":"public","name":"c"},"source":"default"}""",
        ["add_existing_table_or_view"] = """{"schema":"public","name":"c"}""",
        ["untrack_table"] = """{"table":{"schema":"public","name":"kind"},"cascade":false,"source":"default"}""",
        ["track_tables"] = """{"tables":[{"table":{"schema":"public","name":"c"},"source":"default"}],"allow_warnings":true}""",
        ["untrack_tables"] = """{"tables":[{"table":{"schema":"public","name":"kind"},"cascade":false}],"allow_warnings":true}""",
        ["set_table_is_enum"] = """{"table":{"schema":"public","name":"kind"},"is_enum":true,"source":"default"}""",
        ["set_table_custom_fields"] = """{"table":{"schema":"public","name":"b"},"custom_root_fields":{"select":"all_b"},"custom_column_names":{"note":"remark"},"source":"default"}""",
        ["set_table_customization"] = """{"table":{"schema":"public","name":"b"},"configuration":{"custom_name":"bb","column_config":{"note":{"custom_name":"remark"}}},"source":"default"}""",
        ["set_apollo_federation_config"] = """{"table":{"schema":"public","name":"b"},"apollo_federation_config":{"enable":"v1"},"source":"default"}""",
        ["create_object_relationship"] = """{"table":{"schema":"public","name":"b"},"name":"a2","using":{"foreign_key_constraint_on":"a_id"},"comment":"c","source":"default"}""",
        ["create_array_relationship"] = """{"table":{"schema":"public","name":"a"},"name":"bs2","using":{"manual_configuration":{"remote_table":{"schema":"public","name":"b"},"column_mapping":{"id":"a_id"}}},"comment":"c","source":"default"}""",
        ["drop_relationship"] = """{"table":{"schema":"public","name":"b"},"relationship":"a","cascade":false,"source":"default"}""",
        ["set_relationship_comment"] = """{"table":{"schema":"public","name":"b"},"relationship":"a","comment":"c","source":"default"}""",
        ["rename_relationship"] = """{"table":{"schema":"public","name":"b"},"name":"a","new_name":"owner","source":"default"}""",
        ["create_remote_relationship"] = """{"table":{"schema":"public","name":"b"},"name":"far2","definition":{"to_source":{"source":"default","table":{"schema":"public","name":"a"},"relationship_type":"object","field_mapping":{"a_id":"id"}}},"source":"default"}""",
        ["update_remote_relationship"] = """{"table":{"schema":"public","name":"b"},"name":"far","definition":{"to_source":{"source":"default","table":{"schema":"public","name":"a"},"relationship_type":"array","field_mapping":{"a_id":"id"}}},"source":"default"}""",
        ["delete_remote_relationship"] = """{"table":{"schema":"public","name":"b"},"name":"far","source":"default"}""",
        ["create_select_permission"] = """{"table":{"schema":"public","name":"b"},"role":"user","permission":{"columns":["id","note"],"filter":{"a":{"name":{"_eq":"X-Hasura-Name"}}},"limit":5,"allow_aggregations":true},"comment":"c","source":"default"}""",
        ["create_insert_permission"] = """{"table":{"schema":"public","name":"b"},"role":"user","permission":{"columns":["id"],"check":{"note":{"_is_null":false}},"set":{"note":"x"},"backend_only":true},"source":"default"}""",
        ["create_update_permission"] = """{"table":{"schema":"public","name":"b"},"role":"user","permission":{"columns":["note"],"filter":{"id":{"_gt":1}},"check":null,"set":{"note":"x"}},"source":"default"}""",
        ["create_delete_permission"] = """{"table":{"schema":"public","name":"b"},"role":"user","permission":{"filter":{"_not":{"id":{"_in":[1,2]}}}},"source":"default"}""",
        ["drop_select_permission"] = """{"table":{"schema":"public","name":"kind"},"role":"user","source":"default"}""",
        ["drop_insert_permission"] = """{"table":{"schema":"public","name":"a"},"role":"user","source":"default"}""",
        ["drop_update_permission"] = """{"table":{"schema":"public","name":"a"},"role":"user","source":"default"}""",
        ["drop_delete_permission"] = """{"table":{"schema":"public","name":"a"},"role":"user","source":"default"}""",
        ["set_permission_comment"] = """{"table":{"schema":"public","name":"a"},"role":"user","type":"select","comment":"c","source":"default"}""",
        ["add_computed_field"] = """{"table":{"schema":"public","name":"a"},"name":"short","definition":{"function":{"schema":"public","name":"short_name"},"table_argument":null,"session_argument":null},"comment":"c","source":"default"}""",
        ["drop_computed_field"] = """{"table":{"schema":"public","name":"a"},"name":"full","cascade":false,"source":"default"}""",
        ["track_function"] = """{"function":{"schema":"public","name":"some_a"},"configuration":{"exposed_as":"query"},"comment":"c","source":"default"}""",
        ["untrack_function"] = """{"function":{"schema":"public","name":"all_a"},"source":"default"}""",
        ["set_function_customization"] = """{"function":{"schema":"public","name":"all_a"},"configuration":{"custom_name":"every_a"},"source":"default"}""",
        ["create_function_permission"] = """{"function":{"schema":"public","name":"all_a"},"role":"both","source":"default"}""",
        ["drop_function_permission"] = """{"function":{"schema":"public","name":"all_a"},"role":"user","source":"default"}""",
        ["create_event_trigger"] = """{"name":"e2","table":{"schema":"public","name":"b"},"webhook":"http://x","insert":{"columns":"*","payload":["id"]},"update":{"columns":["note"]},"enable_manual":true,"retry_conf":{"num_retries":1},"headers":[{"name":"h","value":"v"}],"source":"default"}""",
        ["delete_event_trigger"] = """{"name":"e","source":"default"}""",
        ["track_logical_model"] = """{"source":"default","name":"m2","fields":[{"name":"id","type":{"scalar":"integer"}}],"description":"d"}""",
        ["untrack_logical_model"] = """{"source":"default","name":"spare"}""",
        ["get_logical_model"] = """{"source":"default"}""",
        ["create_logical_model_select_permission"] = """{"source":"default","name":"m","role":"both","permission":{"columns":["id"],"filter":{}},"comment":"c"}""",
        ["drop_logical_model_select_permission"] = """{"source":"default","name":"m","role":"user"}""",
        ["suggest_relationships"] = """{"source":"default","tables":[{"schema":"public","name":"b"}],"omit_tracked":false}""",
        ["get_source_tables"] = """{"source":"default"}""",
        ["add_remote_schema"] = """{"name":"r2","definition":{"url":"http://x","headers":[{"name":"h","value":"v"}],"forward_client_headers":false,"timeout_seconds":60},"comment":"c"}""",
        ["update_remote_schema"] = """{"name":"r","definition":{"url":"http://y"},"comment":"c"}""",
        ["remove_remote_schema"] = """{"name":"r"}""",
        ["reload_remote_schema"] = """{"name":"r"}""",
        ["add_remote_schema_permissions"] = """{"remote_schema":"r","role":"both","definition":{"schema":"type Query { a: Int }"},"comment":"c"}""",
        ["drop_remote_schema_permissions"] = """{"remote_schema":"r","role":"user"}""",
        ["create_query_collection"] = """{"name":"q2","definition":{"queries":[{"name":"one","query":"query { a { id } }"}]},"comment":"c"}""",
        ["rename_query_collection"] = """{"name":"q","new_name":"q3"}""",
        ["drop_query_collection"] = """{"collection":"free","cascade":false}""",
        ["add_query_to_collection"] = """{"collection_name":"q","query_name":"two","query":"query { a { id } }"}""",
        ["drop_query_from_collection"] = """{"collection_name":"q","query_name":"spare"}""",
        ["add_collection_to_allowlist"] = """{"collection":"free","scope":{"global":false,"roles":["user"]}}""",
        ["update_scope_of_collection_in_allowlist"] = """{"collection":"q","scope":{"global":false,"roles":["user"]}}""",
        ["drop_collection_from_allowlist"] = """{"collection":"q"}""",
        ["create_rest_endpoint"] = """{"name":"rest2","url":"rest/:id","methods":["POST"],"definition":{"query":{"collection_name":"q","query_name":"one"}},"comment":"c"}""",
        ["drop_rest_endpoint"] = """{"name":"rest"}""",
        ["create_action"] = """{"name":"act2","definition":{"kind":"synchronous","type":"mutation","arguments":[{"name":"x","type":"Int!"}],"output_type":"Out","handler":"http://x","headers":[{"name":"h","value":"v"}],"timeout":5},"comment":"c"}""",
        ["update_action"] = """{"name":"act","definition":{"output_type":"Out","handler":"http://y"},"comment":"c"}""",
        ["drop_action"] = """{"name":"act","clear_data":true}""",
        ["create_action_permission"] = """{"action":"act","role":"both","comment":"c"}""",
        ["drop_action_permission"] = """{"action":"act","role":"user"}""",
        ["set_custom_types"] = """{"input_objects":[{"name":"In","fields":[{"name":"x","type":"Int!"}]}],"objects":[{"name":"Out","fields":[{"name":"id","type":"Int!"}],"relationships":[{"name":"a","type":"object","remote_table":{"schema":"public","name":"a"},"field_mapping":{"id":"id"}}]}],"scalars":[{"name":"Money"}],"enums":[{"name":"Color","values":[{"value":"RED"}]}]}""",
        ["create_cron_trigger"] = """{"name":"cron2","webhook":"http://x","schedule":"0 0 * * *","payload":{"k":1},"retry_conf":{"num_retries":1},"headers":[{"name":"h","value":"v"}],"include_in_metadata":true,"comment":"c","replace":false}""",
        ["delete_cron_trigger"] = """{"name":"cron"}""",
        ["add_inherited_role"] = """{"role_name":"both2","role_set":["user"]}""",
        ["drop_inherited_role"] = """{"role_name":"both"}""",
        ["replace_metadata"] = """{"metadata":{"version":3,"sources":[]},"allow_inconsistent_metadata":true}""",
        ["clear_metadata"] = "{}",
        ["reload_metadata"] = """{"reload_remote_schemas":true,"reload_sources":["default"],"recreate_event_triggers":false}""",
        ["drop_inconsistent_metadata"] = "{}",
        ["export_metadata"] = "{}",
        ["get_inconsistent_metadata"] = "{}",
        ["list_source_kinds"] = "{}",
        ["add_source"] = """{"name":"s2","configuration":{"connection_info":{"database_url":{"from_env":"OTHER_URL"},"pool_settings":{"max_connections":5}}},"replace_configuration":false,"customization":{"root_fields":{"prefix":"p_"}}}""",
        ["update_source"] = """{"name":"default","customization":{"root_fields":{"prefix":"p_"}}}""",
        ["drop_source"] = """{"name":"default","cascade":true}""",
        ["rename_source"] = """{"name":"default","new_name":"main"}""",
        ["set_query_tags"] = """{"source_name":"default","disabled":false,"format":"standard","omit_request_id":true}""",
        ["set_api_limits"] = """{"disabled":false,"depth_limit":{"global":5,"per_role":{"user":3}}}""",
        ["remove_api_limits"] = "{}",
        ["set_metrics_config"] = """{"analyze_query_variables":true,"analyze_response_body":false}""",
        ["remove_metrics_config"] = "{}",
        ["set_graphql_schema_introspection_options"] = """{"disabled_for_roles":["user"]}""",
        ["set_opentelemetry_config"] = """{"status":"enabled","data_types":["traces"],"exporter_otlp":{"otlp_traces_endpoint":"http://x"},"batch_span_processor":{"max_export_batch_size":512}}""",
        ["set_opentelemetry_status"] = """{"status":"disabled"}""",
        ["add_host_to_tls_allowlist"] = """{"host":"y","suffix":"443","permissions":["self-signed"]}""",
        ["track_native_query"] = """{"source":"default","root_field_name":"nq2","type":"query","arguments":{"least":{"type":"integer","nullable":false}},"code":"SELECT {{least}} AS id","returns":"m","description":"d"}""",
        ["untrack_native_query"] = """{"source":"default","root_field_name":"nq"}""",
        ["get_native_query"] = """{"source":"default"}""",
        ["get_source_trackables"] = """{"source":"default"}""",
        ["get_cron_triggers"] = "{}",
        ["create_remote_schema_remote_relationship"] = """{"remote_schema":"r","type_name":"T","name":"near2","definition":{"to_source":{"source":"default","table":{"schema":"public","name":"a"},"relationship_type":"object","field_mapping":{"x":"id"}}}}""",
        ["update_remote_schema_remote_relationship"] = """{"remote_schema":"r","type_name":"T","name":"near","definition":{"to_source":{"source":"default","table":{"schema":"public","name":"b"},"relationship_type":"array","field_mapping":{"x":"id"}}}}""",
        ["delete_remote_schema_remote_relationship"] = """{"remote_schema":"r","type_name":"T","name":"near"}""",
        ["dc_add_agent"] = """{"name":"agent2","url":"http://y"}""",
        ["dc_delete_agent"] = """{"name":"agent"}""",
        ["drop_host_from_tls_allowlist"] = """{"host":"x"}""",
    };

    private DatabaseCatalog? _catalog;
    private Exception? _missing;

    public async ValueTask InitializeAsync()
    {
        try
        {
            await server.ConnectionStringAsync();
        }
        catch (Exception e)
        {
            // Thrown here, what skips a test would fail it.
            _missing = e;
            return;
        }

        await using var database = await server.CreateDatabaseAsync();
        await using var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false }.ConnectionString);
        await session.OpenAsync();
        await using (var objects = new NpgsqlCommand(Objects, session))
        {
            await objects.ExecuteNonQueryAsync();
        }

        await using var transaction = await session.BeginTransactionAsync();
        _catalog = await EnumRowsReader.ReadAsync(session, await CatalogFactsReader.ReadAsync(session, withSystem: false, CancellationToken.None), [new CatalogName("public", "kind")], CancellationToken.None);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The state that commands begin with.</summary>
    internal MetadataState State(MetadataEra era)
    {
        if (_missing is not null)
        {
            ExceptionDispatchInfo.Throw(_missing);
        }

        var facts = new Dictionary<string, SourceFacts> { ["default"] = new(_catalog), ["s2"] = new(_catalog) };
        return new MetadataState(era, Document.DeepClone().AsObject(), facts);
    }
}
