using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Checking;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Commands;

/// <summary>Whatever stands in a document, files and commands take it or refuse it alike, and what is stored already can be repaired.</summary>
public sealed class WrongDocumentTests(CommandExamples examples) : IClassFixture<CommandExamples>
{
    private static readonly string[] Junk = ["null", "1", "\"\"", "[]", "{}", "\"text\""];

    [Theory]
    [Trait("Case", "3")]
    [InlineData("sources[0].tables[0].select_permissions[0].permission.filter", """{"_or":{"id":{"_eq":1}}}""")]
    [InlineData("sources[0].tables[0].select_permissions[0].permission.filter", """{"_and":[{"$or":5}]}""")]
    [InlineData("sources[0].tables[0].select_permissions[0].permission.filter", """{"_not":[{"id":1}]}""")]
    [InlineData("sources[0].tables[0].select_permissions[0].permission.columns", "\"id\"")]
    [InlineData("sources[0].tables[0].select_permissions[0].permission.query_root_fields", """["select_stream"]""")]
    [InlineData("sources[0].tables[0].event_triggers[0].cleanup_config.schedule", "\"0 0 * *\"")]
    [InlineData("sources[0].tables[0].configuration", """{"custom_name":"1a"}""")]
    [InlineData("sources[0].tables[0].configuration", """{"custom_root_fields":{"select":{"name":"a-b"}}}""")]
    [InlineData("sources[0].tables[0].configuration", """{"column_config":{"id":{"custom_name":""}}}""")]
    [InlineData("sources[0].tables[1].object_relationships[0].using", """{"foreign_key_constraint_on":{"table":"c"}}""")]
    [InlineData("sources[0].tables[1].object_relationships[0].using", """{"manual_configuration":{"remote_table":"c","column_mapping":{},"insertion_order":"sometimes"}}""")]
    [InlineData("sources[0].configuration.connection_info.isolation_level", "\"serialisable\"")]
    [InlineData("sources[0].configuration.connection_info.database_url", """{"from_env":"A","dynamic_from_file":"b"}""")]
    [InlineData("sources[0].customization", """{"naming_convention":"camel"}""")]
    [InlineData("query_collections[0].definition.queries[0].query", "\"query {\"")]
    [InlineData("query_collections[0].definition.queries[0].query", "\"\"")]
    [InlineData("query_collections[0].definition.queries[0].query", "\"type A { b: Int }\"")]
    [InlineData("remote_schemas[0].permissions[0].definition.schema", "\"\"")]
    [InlineData("remote_schemas[0].permissions[0].definition.schema", "\"type Query {\"")]
    [InlineData("remote_schemas[0].permissions[0].definition.schema", "\"query { a }\"")]
    [InlineData("remote_schemas[0].definition", "{}")]
    [InlineData("remote_schemas[0].definition", """{"url":"http://x","url_from_env":"X"}""")]
    [InlineData("remote_schemas[0].definition", """{"url":"http://x","headers":[{"name":"a","value_from_env":"HASURA_GRAPHQL_ADMIN_SECRET"}]}""")]
    [InlineData("cron_triggers[0].schedule", "\"every day\"")]
    [InlineData("cron_triggers[0].schedule", "\"0 0 * * MON\"")]
    [InlineData("cron_triggers[0].schedule", "\"0 0 32 * *\"")]
    [InlineData("actions[0].definition.kind", "\"sync\"")]
    [InlineData("actions[0].definition.output_type", "\"[Out\"")]
    [InlineData("actions[0].definition.arguments", """[{"name":"a","type":"Int! x"}]""")]
    [InlineData("custom_types", """{"objects":[{"name":"O-x","fields":[]}]}""")]
    [InlineData("custom_types", """{"objects":[{"name":"Out","fields":[{"name":"a","type":"[String"}]}]}""")]
    [InlineData("custom_types", """{"enums":[{"name":"E","values":[{"value":"true"}]}]}""")]
    [InlineData("rest_endpoints[0].methods", "[]")]
    [InlineData("rest_endpoints[0].methods", """["GET","GET"]""")]
    [InlineData("rest_endpoints[0].url", "\"/rest\"")]
    [InlineData("allowlist[0].scope", """{"global":false}""")]
    [InlineData("inherited_roles[0].role_set", "[]")]
    public void What_no_server_reads_is_refused_by_files_and_commands_and_can_be_repaired(string path, string value)
    {
        var document = With(examples.State(MetadataEra.Version2).Root, [.. Steps(path)], value);

        Assert.True(IsRefusedInFiles(document));
        Assert.True(IsRefusedByCommand(document));
        Assert.Empty(StoredFlaws(document, isUnreadable: true));
    }

    [Theory]
    [Trait("Case", "3")]
    [InlineData("sources[0].tables[0].select_permissions[0].permission.filter", """{"$or":[{"id":1}],"_exists":{"_table":"b","_where":{}}}""")]
    [InlineData("actions[0].definition", """{"handler":"x","output_type":"Out","type":"query","kind":""}""")]
    [InlineData("actions[0].definition.output_type", "\"[ Out! ]!\"")]
    [InlineData("cron_triggers[0].schedule", "\"*/15 0-6,8 1,15 * 0-7/2\"")]
    [InlineData("cron_triggers[0].schedule", "\"@daily\"")]
    [InlineData("sources[0].tables[0].configuration", """{"custom_root_fields":{"select":{"name":null,"comment":"c"},"delete":null}}""")]
    public void What_a_server_reads_is_taken(string path, string value)
    {
        var document = With(examples.State(MetadataEra.Version2).Root, [.. Steps(path)], value);

        Assert.False(IsRefusedInFiles(document));
        Assert.False(IsRefusedByCommand(document));
    }

    [Fact]
    [Trait("Case", "4")]
    public void Anything_anywhere_is_judged_alike_and_never_stops_a_command()
    {
        var whole = Rich();
        Assert.Equal([], MetadataInspector.Inspect(new MetadataDocument(whole)).Where(f => f.Severity == FindingSeverity.Error).Select(f => f.ToString()));
        var flaws = new List<string>();
        foreach (var (path, value) in LongForm.Of(from path in Paths(whole, []) where path is not ["version"] from junk in Junk select (path, junk), 5))
        {
            var document = With(whole, path, value);
            var (byFile, byCommand) = (IsRefusedInFiles(document), IsRefusedByCommand(document));
            if (byFile != byCommand)
            {
                flaws.Add($"{string.Join('.', path)} = {value}: files {(byFile ? "refuse" : "take")} it, commands do not");
            }

            flaws.AddRange(StoredFlaws(document, byFile).Select(f => $"{string.Join('.', path)} = {value}: {f}"));
        }

        Assert.True(flaws.Count == 0, $"{flaws.Count} flaws: {string.Join(Environment.NewLine, flaws.Take(20))}");
    }

    private static bool IsRefusedInFiles(JsonObject root)
    {
        try
        {
            MetadataInspector.ThrowIfRefused(MetadataInspector.Inspect(new MetadataDocument(root)), allowInconsistent: true);
            return false;
        }
        catch (HasuraMigrationException e)
        {
            Assert.Equal("MetadataInvalid", e.ErrorId);
            return true;
        }
    }

    private bool IsRefusedByCommand(JsonObject root)
    {
        try
        {
            _ = Run(examples.State(MetadataEra.Version2), "replace_metadata", new JsonObject { ["metadata"] = root.DeepClone(), ["allow_inconsistent_metadata"] = true });
            return false;
        }
        catch (MetadataCommandException e)
        {
            Assert.StartsWith("$", e.Path);
            return true;
        }
    }

    // What commands do with a document that somebody stored.
    private IEnumerable<string> StoredFlaws(JsonObject root, bool isUnreadable)
    {
        var good = examples.State(MetadataEra.Version2);
        MetadataState state;
        JsonArray objects;
        try
        {
            state = new MetadataState(MetadataEra.Version2, root, good.Facts);
            objects = state.Cache.InconsistentObjects();
            _ = Run(state, "export_metadata", null);
            _ = Run(state, "replace_metadata", good.Root.DeepClone());
            state = Run(state, "drop_inconsistent_metadata", null).State;
        }
        catch (MetadataCommandException e) when (e.Code is "unexpected")
        {
            return [];
        }
        catch (Exception e)
        {
            return [$"{e.GetType().Name}: {e.Message} {e.StackTrace!.Split('\n')[0].Trim()}"];
        }

        return isUnreadable && objects.Count == 0 ? ["nothing is told of what cannot be read"]
            : state.Unreadable.Count > 0 ? [$"stays unreadable: {state.Unreadable[0].Reason}"]
            : [];
    }

    private static CommandOutcome Run(MetadataState state, string name, JsonNode? args) => MetadataCommands.Run(state, MetadataCommands.Find(state.Era, name)!, args);

    // The example with what it lacks of kinds of values.
    private JsonObject Rich()
    {
        var root = examples.State(MetadataEra.Version2).Root.DeepClone().AsObject();
        var table = root["sources"]![0]!["tables"]![0]!;
        table["select_permissions"]![0]!["permission"] = JsonNode.Parse("""{"columns":"*","filter":{"_and":[{"id":{"_in":[1]}},{"_not":{"bs":{"id":1}}},{"_exists":{"_table":{"schema":"public","name":"b"},"_where":{"a":{"name":{"_like":"x"}}}}}]},"limit":3,"query_root_fields":["select"]}""");
        table["insert_permissions"]![0]!["permission"] = JsonNode.Parse("""{"columns":["id"],"check":{"id":{"_ceq":["id"]}},"set":{"name":"x"},"validate_input":{"type":"http","definition":{"url":"http://x"}}}""");
        table["configuration"] = JsonNode.Parse("""{"custom_name":"aa","custom_root_fields":{"select":"aas","delete":{"name":"gone","comment":"c"}},"column_config":{"id":{"custom_name":"key"}},"custom_column_names":{"name":"label"}}""");
        table["event_triggers"]![0]!["headers"] = JsonNode.Parse("""[{"name":"h","value_from_env":"X"}]""");
        table["event_triggers"]![0]!["request_transform"] = JsonNode.Parse("""{"version":2,"template_engine":"Kriti","body":{"action":"transform","template":"{}"},"query_params":{"a":"b"}}""");
        root["sources"]![0]!["tables"]![1]!["object_relationships"]!.AsArray().Add(JsonNode.Parse("""{"name":"manual","using":{"manual_configuration":{"remote_table":{"schema":"public","name":"a"},"column_mapping":{"a_id":"id"},"insertion_order":null}}}"""));
        root["sources"]![0]!["tables"]![1]!["remote_relationships"]!.AsArray().Add(JsonNode.Parse("""{"name":"away","definition":{"to_remote_schema":{"remote_schema":"r","lhs_fields":["id"],"remote_field":{"a":{"arguments":{"id":"$id"}}}}}}"""));
        root["sources"]![0]!["customization"] = JsonNode.Parse("""{"root_fields":{"prefix":"p_"},"naming_convention":"hasura-default"}""");
        root["custom_types"] = JsonNode.Parse("""{"objects":[{"name":"Out","fields":[{"name":"id","type":"Int!"}],"relationships":[{"name":"a","type":"object","remote_table":{"schema":"public","name":"a"},"source":"default","field_mapping":{"id":"id"}}]}],"input_objects":[{"name":"In","fields":[{"name":"x","type":"[E!]"}]}],"scalars":[{"name":"S"}],"enums":[{"name":"E","values":[{"value":"A"}]}]}""");
        root["actions"]![0]!["definition"]!["arguments"] = JsonNode.Parse("""[{"name":"x","type":"In!"}]""");
        root["api_limits"] = JsonNode.Parse("""{"disabled":false,"depth_limit":{"global":5,"per_role":{"user":3}},"rate_limit":{"global":{"max_reqs_per_min":1,"unique_params":"IP"},"per_role":{}}}""");
        return root;
    }

    private static IEnumerable<object> Steps(string path) =>
        path.Replace("]", "", StringComparison.Ordinal).Split('.').SelectMany(part => part.Split('[').Select((p, i) => i == 0 ? (object)p : int.Parse(p, System.Globalization.CultureInfo.InvariantCulture)));

    private static JsonObject With(JsonObject root, object[] path, string value)
    {
        var copy = root.DeepClone().AsObject();
        var node = path[..^1].Aggregate((JsonNode)copy, (at, step) => step is string key ? at[key]! : at[(int)step]!);
        if (path[^1] is string name)
        {
            node[name] = JsonNode.Parse(value);
        }
        else
        {
            node[(int)path[^1]] = JsonNode.Parse(value);
        }

        return copy;
    }

    private static IEnumerable<object[]> Paths(JsonNode? node, object[] at) => node switch
    {
        JsonObject map => map.SelectMany(m => Paths(m.Value, [.. at, m.Key]).Prepend([.. at, m.Key])),
        JsonArray list => list.SelectMany((e, i) => Paths(e, [.. at, i]).Prepend([.. at, i])),
        _ => [],
    };
}
