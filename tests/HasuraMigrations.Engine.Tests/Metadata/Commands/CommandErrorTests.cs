using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Commands;

/// <summary>What is refused is refused with the code, the words and the path of Hasura.</summary>
public sealed class CommandErrorTests(CommandExamples examples) : IClassFixture<CommandExamples>
{
    private const string A = "\"table\":{\"schema\":\"public\",\"name\":\"a\"}";
    private const string B = "\"table\":{\"schema\":\"public\",\"name\":\"b\"}";
    private const string Nowhere = "\"table\":{\"schema\":\"public\",\"name\":\"nowhere\"}";
    private const string All = "\"permission\":{\"columns\":[\"id\"],\"filter\":{},\"check\":{}}";

    [Theory]
    [InlineData("track_table", "{" + A + "}", "already-tracked", "view/table already tracked: \"a\"")]
    [InlineData("track_table", "{" + Nowhere + "}", "invalid-configuration", "Inconsistent object: no such table/view exists in source: \"nowhere\"")]
    [InlineData("track_table", "{" + A + ",\"source\":\"other\"}", "not-exists", "source with name \"other\" does not exist")]
    [InlineData("track_table", "{\"schema\":\"public\"}", "parse-failed", "key \"name\" not found")]
    [InlineData("untrack_table", "{" + Nowhere + "}", "already-untracked", "view/table already untracked: \"nowhere\"")]
    [InlineData("untrack_table", "{}", "parse-failed", "key \"table\" not found")]
    [InlineData("untrack_table", "{" + A + "}", "dependency-error", "cannot drop due to the following dependent objects: ")]
    [InlineData("set_table_is_enum", "{" + Nowhere + ",\"is_enum\":true}", "not-exists", "table \"nowhere\" does not exist in source: default")]
    [InlineData("set_table_is_enum", "{" + A + "}", "parse-failed", "key \"is_enum\" not found")]
    [InlineData("create_object_relationship", "{" + B + ",\"name\":\"a\",\"using\":{\"foreign_key_constraint_on\":\"a_id\"}}", "already-exists", "field with name \"a\" already exists in table \"b\"")]
    [InlineData("create_object_relationship", "{" + B + ",\"name\":\"note\",\"using\":{\"foreign_key_constraint_on\":\"a_id\"}}", "already-exists", "field with name \"note\" already exists in table \"b\"")]
    [InlineData("create_object_relationship", "{" + B + ",\"name\":\"x\",\"using\":{}}", "parse-failed", "one of")]
    [InlineData("create_object_relationship", "{" + B + ",\"name\":\"\",\"using\":{}}", "parse-failed", "empty string not allowed")]
    [InlineData("create_object_relationship", "{" + B + ",\"name\":\"x\",\"using\":{\"foreign_key_constraint_on\":\"note\"}}", "invalid-configuration", "no foreign constraint exists on the given column")]
    [InlineData("drop_relationship", "{" + B + ",\"relationship\":\"x\"}", "not-exists", "relationship \"x\" does not exist")]
    [InlineData("drop_relationship", "{" + Nowhere + ",\"relationship\":\"x\"}", "not-exists", "table \"nowhere\" does not exist in source: default")]
    [InlineData("rename_relationship", "{" + B + ",\"name\":\"a\",\"new_name\":\"note\"}", "already-exists", "cannot rename relationship \"a\" to \"note\" in table \"b\" as a column/relationship with the name already exists")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"user\"," + All + "}", "already-exists", "select permission already defined on table \"a\" with role \"user\"")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"admin\"," + All + "}", "already-exists", "with role \"admin\"")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"\"," + All + "}", "parse-failed", "empty string not allowed")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"x\",\"permission\":{\"filter\":{}}}", "parse-failed", "key \"columns\" not found")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"x\",\"permission\":{\"columns\":[\"nope\"],\"filter\":{}}}", "invalid-configuration", "column \"nope\" does not exist")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"x\",\"permission\":{\"columns\":[\"id\"],\"filter\":{\"nope\":{\"_eq\":1}}}}", "invalid-configuration", "\"nope\" does not exist")]
    [InlineData("drop_select_permission", "{" + A + ",\"role\":\"x\"}", "permission-denied", "select permission on \"a\" for role \"x\" does not exist")]
    [InlineData("set_permission_comment", "{" + A + ",\"role\":\"x\",\"type\":\"select\",\"comment\":\"c\"}", "permission-denied", "select permission on \"a\" for role \"x\" does not exist")]
    [InlineData("drop_computed_field", "{" + A + ",\"name\":\"x\"}", "not-exists", "computed field \"x\" does not exist")]
    [InlineData("add_computed_field", "{" + A + ",\"name\":\"x\",\"definition\":{\"function\":\"nope\"}}", "invalid-configuration", "nope")]
    [InlineData("track_function", "{\"function\":\"all_a\"}", "already-tracked", "function already tracked: \"all_a\"")]
    [InlineData("untrack_function", "{\"function\":\"nope\",\"source\":\"default\"}", "not-exists", "function \"nope\" does not exist in source: default")]
    [InlineData("create_function_permission", "{\"function\":\"all_a\",\"role\":\"user\"}", "already-exists", "permission of role \"user\" already exists for function \"all_a\" in source: \"default\"")]
    [InlineData("drop_function_permission", "{\"function\":\"all_a\",\"role\":\"x\"}", "not-exists", "permission of role \"x\" does not exist for function \"all_a\" in source: \"default\"")]
    [InlineData("create_event_trigger", "{\"name\":\"e\"," + B + ",\"webhook\":\"http://x\",\"insert\":{\"columns\":\"*\"}}", "already-exists", "Event trigger with name \"e\" already exists")]
    [InlineData("create_event_trigger", "{\"name\":\"1e\"," + B + ",\"webhook\":\"http://x\",\"insert\":{\"columns\":\"*\"}}", "parse-failed", "only alphanumeric and underscore and hyphens allowed for name")]
    [InlineData("create_event_trigger", "{\"name\":\"e2\"," + B + ",\"webhook\":\"http://x\"}", "parse-failed", "atleast one amongst insert/update/delete/enable_manual spec must be provided")]
    [InlineData("create_event_trigger", "{\"name\":\"e2\"," + B + ",\"insert\":{\"columns\":\"*\"}}", "parse-failed", "must provide webhook or webhook_from_env")]
    [InlineData("create_event_trigger", "{\"name\":\"e2\"," + B + ",\"webhook\":\"http://x\",\"insert\":{\"columns\":[]}}", "parse-failed", "found empty column specification")]
    [InlineData("create_event_trigger", "{\"name\":\"e2\"," + B + ",\"webhook\":\"http://x\",\"insert\":{\"columns\":[\"nope\"]}}", "not-exists", "column \"nope\" does not exist")]
    [InlineData("create_event_trigger", "{\"name\":\"none\",\"replace\":true," + B + ",\"webhook\":\"http://x\",\"insert\":{\"columns\":\"*\"}}", "not-exists", "event trigger \"none\" does not exist")]
    [InlineData("create_event_trigger", "{\"name\":\"e\",\"replace\":true," + B + ",\"webhook\":\"http://x\",\"insert\":{\"columns\":\"*\"}}", "not-supported", "cannot replace table or schema for trigger")]
    [InlineData("delete_event_trigger", "{\"name\":\"x\"}", "not-exists", "event trigger \"x\" does not exist")]
    [InlineData("add_remote_schema", "{\"name\":\"r\",\"definition\":{\"url\":\"http://x\"}}", "already-exists", "remote schema with name \"r\" already exists")]
    [InlineData("add_remote_schema", "{\"name\":\"r2\",\"definition\":{}}", "invalid-params", "can't be empty")]
    [InlineData("remove_remote_schema", "{\"name\":\"x\"}", "not-exists", "no such remote schema")]
    [InlineData("delete_remote_schema_remote_relationship", "{\"remote_schema\":\"r\",\"type_name\":\"T\",\"name\":\"x\"}", "not-exists", "no relationship defined on remote schema \"r\" with name \"x\"")]
    [InlineData("create_query_collection", "{\"name\":\"q\",\"definition\":{\"queries\":[]}}", "already-exists", "query collection with name \"q\" already exists")]
    [InlineData("create_query_collection", "{\"name\":\"q9\",\"definition\":{\"queries\":[{\"name\":\"x\",\"query\":\"{a}\"},{\"name\":\"x\",\"query\":\"{a}\"}]}}", "not-supported", "found duplicate query names \"x\"")]
    [InlineData("drop_query_collection", "{\"collection\":\"q\",\"cascade\":false}", "dependency-error", "query collection with name \"q\" is present in the allowlist; cannot proceed to drop.")]
    [InlineData("drop_query_collection", "{\"collection\":\"q\"}", "parse-failed", "key \"cascade\" not found")]
    [InlineData("drop_query_from_collection", "{\"collection_name\":\"q\",\"query_name\":\"x\"}", "not-found", "query with name \"x\" not found in collection \"q\"")]
    [InlineData("add_query_to_collection", "{\"collection_name\":\"q\",\"query_name\":\"one\",\"query\":\"{a}\"}", "already-exists", "query with name \"one\" already exists in collection \"q\"")]
    [InlineData("add_query_to_collection", "{\"collection_name\":\"q\",\"query_name\":\"two\",\"query\":\"query { a \"}", "parse-failed", "the query must be a GraphQL query: ")]
    [InlineData("create_query_collection", "{\"name\":\"q9\",\"definition\":{\"queries\":[{\"name\":\"x\",\"query\":\"nonsense\"}]}}", "parse-failed", "the query must be a GraphQL query: ")]
    [InlineData("drop_collection_from_allowlist", "{\"collection\":\"free\"}", "not-found", "collection \"free\" doesn't exist in the allowlist")]
    [InlineData("create_rest_endpoint", "{\"name\":\"rest\",\"url\":\"x\",\"methods\":[\"GET\"],\"definition\":{\"query\":{\"collection_name\":\"q\",\"query_name\":\"one\"}}}", "already-exists", "Endpoint with name: rest already exists")]
    [InlineData("drop_rest_endpoint", "{\"name\":\"x\"}", "not-exists", "endpoint with name: x does not exist")]
    [InlineData("create_action", "{\"name\":\"act\",\"definition\":{\"handler\":\"http://x\",\"output_type\":\"Out\"}}", "already-exists", "action with name \"act\" already exists")]
    [InlineData("update_action", "{\"name\":\"x\",\"definition\":{\"handler\":\"http://x\",\"output_type\":\"Out\"}}", "not-exists", "action with name \"x\" does not exist")]
    [InlineData("create_action_permission", "{\"action\":\"act\",\"role\":\"user\"}", "already-exists", "permission for role \"user\" is already defined on \"act\"")]
    [InlineData("drop_action_permission", "{\"action\":\"act\",\"role\":\"x\"}", "not-exists", "permission for role: \"x\" is not defined on \"act\"")]
    [InlineData("create_cron_trigger", "{\"name\":\"cron\",\"webhook\":\"http://x\",\"schedule\":\"* * * * *\",\"include_in_metadata\":true}", "already-exists", "cron trigger with name: cron already exists")]
    [InlineData("create_cron_trigger", "{\"name\":\"c2\",\"webhook\":\"http://x\",\"schedule\":\"* * * * *\"}", "parse-failed", "key \"include_in_metadata\" not found")]
    [InlineData("create_cron_trigger", "{\"name\":\"c2\",\"webhook\":\"http://x\",\"schedule\":\"often\",\"include_in_metadata\":true}", "parse-failed", "")]
    [InlineData("add_inherited_role", "{\"role_name\":\"x\",\"role_set\":[\"x\"]}", "invalid-params", "an inherited role name cannot be in the role combination")]
    [InlineData("drop_inherited_role", "{\"role_name\":\"x\"}", "not-exists", "\"x\" inherited role doesn't exist")]
    [InlineData("add_source", "{\"name\":\"default\",\"configuration\":{\"connection_info\":{\"database_url\":\"postgres://x\"}}}", "already-exists", "source with name \"default\" already exists")]
    [InlineData("rename_source", "{\"name\":\"x\",\"new_name\":\"y\"}", "not-exists", "Could not find source with name \"x\"")]
    [InlineData("drop_source", "{\"name\":\"x\"}", "not-exists", "source with name \"x\" does not exist")]
    [InlineData("track_logical_model", "{\"name\":\"m\",\"fields\":[]}", "already-tracked", "Logical model 'm' is already tracked.")]
    [InlineData("untrack_logical_model", "{\"name\":\"x\"}", "not-found", "Logical model \"x\" not found in source \"default\".")]
    [InlineData("track_native_query", "{\"root_field_name\":\"nq\",\"code\":\"SELECT 1\",\"returns\":\"m\"}", "already-tracked", "Native query 'nq' is already tracked.")]
    [InlineData("track_native_query", "{\"root_field_name\":\"n2\",\"code\":\"SELECT {{x}}\",\"returns\":\"m\"}", "validation-failed", "The following columns are used in the query, but are not declared as arguments: x")]
    [InlineData("track_native_query", "{\"root_field_name\":\"n2\",\"code\":\"SELECT 1\",\"returns\":\"none\"}", "not-found", "Logical model \"none\" not found in source \"default\".")]
    [InlineData("untrack_native_query", "{\"root_field_name\":\"x\"}", "not-found", "Native query \"x\" not found in source \"default\".")]
    [InlineData("add_host_to_tls_allowlist", "{\"host\":\"x\"}", "already-exists", "the host \"x\" already exists in the allowlist")]
    [InlineData("drop_host_from_tls_allowlist", "{\"host\":\"z\"}", "not-exists", "the host \"z\" isn't present in the allowlist")]
    [InlineData("replace_metadata", "{\"version\":3,\"sources\":[{\"name\":\"default\",\"kind\":\"postgres\",\"tables\":[{\"table\":\"a\"},{\"table\":{\"schema\":\"public\",\"name\":\"a\"}},{\"table\":\"b\"},{\"table\":\"b\"}],\"configuration\":{\"connection_info\":{\"database_url\":\"x\"}}}]}", "parse-failed", "multiple declarations exist for the following tables: a, b", "$.sources[0].tables")]
    [InlineData("replace_metadata", "{\"metadata\":{\"version\":3,\"sources\":[],\"actions\":[{\"name\":\"x\"},{\"name\":\"x\"}]}}", "parse-failed", "multiple declarations exist for the following actions: x", "$.metadata.actions")]
    [InlineData("set_custom_types", "{\"objects\":[{\"name\":\"Out\",\"fields\":[{\"name\":\"id\",\"type\":\"Int!\"},{\"name\":\"id\",\"type\":\"Int\"}]}]}", "invalid-configuration", "the object \"Out\" has duplicate fields: \"id\"")]
    [InlineData("set_custom_types", "{\"objects\":[{\"name\":\"Out\",\"fields\":[{\"name\":\"id\",\"type\":\"Int!\"}]}],\"scalars\":[{\"name\":\"S\"},{\"name\":\"S\"}]}", "invalid-configuration", "duplicate type names: \"S\"")]
    [InlineData("set_custom_types", "{\"objects\":[{\"name\":\"Out\",\"fields\":[{\"name\":\"id\",\"type\":\"Int!\"}]}],\"enums\":[{\"name\":\"E\",\"values\":[{\"value\":\"X\"},{\"value\":\"X\"}]}]}", "invalid-configuration", "the enum type \"E\" has duplicate values: \"X\"")]
    [InlineData("untrack_logical_model", "{\"name\":\"m\"}", "unexpected", "cannot continue due to newly found inconsistent metadata")]
    [InlineData("set_opentelemetry_status", "{\"status\":\"maybe\"}", "parse-failed", "expected enabled or disabled")]
    [InlineData("create_rest_endpoint", "{\"name\":\"n\",\"url\":\"n\",\"methods\":[\"GET\",\"GET\"],\"definition\":{\"query\":{\"collection_name\":\"q\",\"query_name\":\"one\"}}}", "parse-failed", "twice", "$.methods")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"w\",\"permission\":{\"columns\":[\"id\"],\"filter\":{\"id\":{\"_in\":5}}}}", "invalid-configuration", "parsing [] failed, expected Array, but encountered Number")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"w\",\"permission\":{\"columns\":[\"id\"],\"filter\":{\"_and\":{\"id\":1}}}}", "parse-failed", "The value of '_and' in 'filter'")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"w\",\"permission\":{\"columns\":[\"id\"],\"filter\":{\"id\":{\"_ceq\":[\"a\",\"b\",\"c\"]}}}}", "invalid-configuration", "Relationship references are not supported in column comparison RHS")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"w\",\"permission\":{\"columns\":[\"id\"],\"filter\":{\"id\":{\"_cast\":{\"String\":{\"_eq\":\"1\"}}}}}}", "invalid-configuration", "cannot cast column of type \"integer\" to type \"text\"")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"w\",\"permission\":{\"columns\":[\"id\"],\"filter\":{\"id\":{\"_contains\":{}}}}}", "invalid-configuration", "this operator works only on columns of type \"jsonb\"")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"w\",\"permission\":{\"columns\":[\"id\"],\"filter\":{\"id\":{\"_regex\":\"x\"}}}}", "invalid-configuration", "this operator works only on columns of type \"varchar\"")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"w\",\"permission\":{\"columns\":[\"id\"],\"filter\":{\"name\":{\"_st_within\":{}}}}}", "invalid-configuration", "this operator works only on columns of type \"geometry\"")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"w\",\"permission\":{\"columns\":[\"id\"],\"filter\":{},\"query_root_fields\":[\"select_stream\"]}}", "parse-failed", "encountered select_stream", "$.permission.query_root_fields")]
    [InlineData("create_event_trigger", "{" + A + ",\"name\":\"n\",\"webhook\":\"http://x\",\"insert\":{\"columns\":\"*\"},\"headers\":[{\"name\":\"h\",\"value_from_env\":\"HASURA_GRAPHQL_X\"}]}", "parse-failed", "env variables starting with \"HASURA_GRAPHQL_\" are not allowed in value_from_env: HASURA_GRAPHQL_X", "$.headers[0]")]
    [InlineData("add_remote_schema", "{\"name\":\"n\",\"definition\":{\"url\":\"http://x\",\"headers\":[{\"name\":\"h\"}]}}", "parse-failed", "either value or value_from_env", "$.definition.headers[0]")]
    public void A_server_of_version_2_says(string command, string args, string code, string words, string? path = null) => Check(MetadataEra.Version2, command, args, code, words, path);

    [Theory]
    [InlineData("track_table", "{\"schema\":\"public\",\"name\":\"a\"}", "already-tracked", "view/table already tracked : \"a\"")]
    [InlineData("track_table", "{\"schema\":\"public\",\"name\":\"nowhere\"}", "constraint-violation", "no such table/view exists in postgres: \"nowhere\"")]
    [InlineData("track_table", "{\"schema\":\"public\"}", "parse-failed", "the key 'name' was not present")]
    [InlineData("untrack_table", "{" + Nowhere + "}", "already-untracked", "view/table already untracked : \"nowhere\"")]
    [InlineData("untrack_table", "{" + A + "}", "dependency-error", "cannot drop due to the following dependent objects : ")]
    [InlineData("untrack_table", "{}", "parse-failed", "the key 'table' was not present")]
    [InlineData("set_table_is_enum", "{" + Nowhere + ",\"is_enum\":true}", "not-exists", "table \"nowhere\" does not exist")]
    [InlineData("create_object_relationship", "{" + B + ",\"name\":\"a\",\"using\":{\"foreign_key_constraint_on\":\"a_id\"}}", "unexpected", "database query error")]
    [InlineData("drop_relationship", "{" + B + ",\"relationship\":\"x\"}", "not-exists", "relationship \"x\" does not exist")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"user\"," + All + "}", "unexpected", "database query error")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"admin\"," + All + "}", "constraint-violation", "cannot define permission for admin role")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"x\",\"permission\":{\"filter\":{}}}", "parse-failed", "the key 'columns' was not present")]
    [InlineData("create_select_permission", "{" + A + ",\"role\":\"x\",\"permission\":{\"columns\":[\"nope\"],\"filter\":{}}}", "constraint-violation", "in table \"a\": in permission for role \"x\": column \"nope\" does not exist")]
    [InlineData("drop_select_permission", "{" + A + ",\"role\":\"x\"}", "permission-denied", "select permission on \"a\" for role \"x\" does not exist")]
    [InlineData("untrack_function", "\"nope\"", "not-exists", "function not found in cache \"nope\"")]
    [InlineData("drop_query_collection", "{\"collection\":\"nope\",\"cascade\":false}", "not-exists", "query collection with name \"nope\" does not exists")]
    [InlineData("update_action", "{\"name\":\"x\",\"definition\":{\"handler\":\"http://x\",\"output_type\":\"Out\"}}", "not-exists", "action with name \"x\" not exists")]
    [InlineData("replace_metadata", "{\"version\":2,\"tables\":[{\"table\":\"b\"},{\"table\":\"a\",\"object_relationships\":[{\"name\":\"r\"}],\"array_relationships\":[{\"name\":\"r\"}]}]}", "already-exists", "multiple declarations exist for the following relationships : [\"r\"]", "$.tables[1]")]
    [InlineData("replace_metadata", "{\"version\":2,\"tables\":[{\"table\":\"a\",\"select_permissions\":[{\"role\":\"u\"},{\"role\":\"u\"}]}]}", "already-exists", "multiple declarations exist for the following select permissions : [\"u\"]", "$.tables[0].select_permissions")]
    public void A_server_of_version_1_says(string command, string args, string code, string words, string? path = null) => Check(MetadataEra.Version1, command, args, code, words, path);

    private void Check(MetadataEra era, string command, string args, string code, string words, string? path)
    {
        var state = examples.State(era);

        var error = Assert.Throws<MetadataCommandException>(() => MetadataCommands.Run(state, MetadataCommands.Find(era, command, era.IsVersion1 || command != "track_function" ? 1 : 2)!, JsonNode.Parse(args)));

        Assert.Equal(code, error.Code);
        Assert.Contains(words, error.Message);
        Assert.Equal(path ?? error.Path, error.Path);
    }
}
