using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Merging;

/// <summary>Random edits of a document, with what each touches.</summary>
internal sealed class MergeEdits(JsonObject document, Random random)
{
    private const string Document = "Document/metadata";

    /// <summary>Some edits that one side can do together.</summary>
    internal List<MergeEdit> Side(int count)
    {
        var edits = new List<MergeEdit>();
        while (edits.Count < count)
        {
            var edit = One();
            if (!edits.Exists(e => e.Excludes(edit)))
            {
                edits.Add(edit);
            }
        }

        return edits;
    }

    private MergeEdit One() => random.Next(12) switch
    {
        < 7 => OfTable(),
        7 or 8 => OfDocument(),
        9 => OfAction(),
        10 => OfSource(),
        _ => Form(),
    };

    private string Source() => Pick([.. document["sources"].AsObjects().Select(s => s["name"]!.ToString())]);

    private static JsonObject SourceIn(JsonObject root, string source) => MergePath.Entry(root["sources"], "name", source)!;

    private MergeEdit OfTable()
    {
        var source = Source();
        var table = Pick([.. SourceIn(document, source)["tables"].AsObjects().Select(t => t["table"]!["name"]!.ToString())]);
        var (id, name) = ($"{source}/Table/public.{table}", $"public.{table}");
        JsonObject In(JsonObject root) => MergePath.Entry(SourceIn(root, source)["tables"], "table", table)!;
        MergeEdit Own(string field, string value, Action<JsonObject> apply) => new(id, field, value, [], r => apply(In(r)));
        MergeEdit Below(string kind, string key, string field, string? value, Action<JsonObject> apply) => new($"{source}/{name}/{kind}/{key}", field, value, [id], r => apply(In(r)));

        var (text, column) = ($"v{random.Next(4)}", Pick(MergeSample.Columns));
        switch (random.Next(12))
        {
            case 0:
                return new(id, "", "removed", [], r => In(r).Parent!.AsArray().Remove(In(r)));
            case 1:
                var added = $"t{(random.Next(6) * 3) + 30}";
                return new($"{source}/Table/public.{added}", "configuration.custom_name", text, [], r => Insert(MergePath.List(SourceIn(r, source), "tables"), MergeSample.Node($$$"""{"table":{"name":"{{{added}}}","schema":"public"},"configuration":{"custom_name":"{{{text}}}"}}""")));
            case 2:
                return Own("configuration.custom_name", text, t => MergePath.Map(t, "configuration")["custom_name"] = text);
            case 3:
                return Own($"configuration.column_config.{column}.custom_name", text, t =>
                {
                    // One of the two maps, or both, as servers of several versions do.
                    MergePath.Map(t, "configuration", "column_config", column)["custom_name"] = text;
                    if (text != "v0" || MergePath.Map(t, "configuration", "custom_column_names").ContainsKey(column))
                    {
                        MergePath.Map(t, "configuration", "custom_column_names")[column] = text;
                    }
                });
            case 4 when In(document)["event_triggers"] is not null:
                return Below("EventTrigger", $"on_{table}", "headers[X-A].value", text, t => MergePath.Entry(t["event_triggers"]![0]!["headers"], "name", "X-A")!["value"] = text);
            case 5 when In(document)["event_triggers"] is not null:
                return Below("EventTrigger", $"on_{table}", $"headers[X-{column}].value", text, t => Insert(t["event_triggers"]![0]!["headers"]!.AsArray(), new JsonObject { ["name"] = $"X-{column}", ["value"] = text }));
            case 6 when In(document)["event_triggers"] is not null:
                return Below("EventTrigger", $"on_{table}", "retry_conf.num_retries", text, t => t["event_triggers"]![0]!["retry_conf"]!["num_retries"] = text[1] - '0' + 1);
            case 7:
                return Below("ArrayRelationship", $"r_{column}", "using.manual_configuration.remote_table", text, t => Insert(MergePath.List(t, "array_relationships"), MergeSample.Node($$$"""{"name":"r_{{{column}}}","using":{"manual_configuration":{"remote_table":"{{{text}}}","column_mapping":{"id":"id"},"insertion_order":null} } }""")));
            default:
                return OfPermission(Below, In);
        }
    }

    private MergeEdit OfPermission(Func<string, string, string, string?, Action<JsonObject>, MergeEdit> below, Func<JsonObject, JsonObject> table)
    {
        var (verb, role) = (Pick(MergeSample.Verbs), Pick(MergeSample.Roles));
        var kind = $"{char.ToUpperInvariant(verb[0])}{verb[1..]}Permission";
        JsonObject? In(JsonObject t) => MergePath.Entry(t[$"{verb}_permissions"], "role", role);
        if (In(table(document)) is not { } present)
        {
            var seed = random.Next(2);
            var (value, field) = (MergeSample.Permission(verb, role, new Random(7)), verb == "insert" ? "check" : "filter");
            value["permission"]![field] = new JsonObject { ["id"] = new JsonObject { ["_eq"] = seed } };
            return below(kind, role, $"permission.{field}", seed.ToString(), t => Insert(MergePath.List(t, $"{verb}_permissions"), value.DeepClone()));
        }

        var filter = MergeSample.Filter(random);
        var key = verb == "insert" ? "check" : "filter";
        if (filter.SameAs(present["permission"]![key]))
        {
            return Form();
        }

        var column = Pick(MergeSample.Columns);
        return random.Next(5) switch
        {
            0 => below(kind, role, "", "removed", t =>
            {
                var list = In(t)!.Parent!.AsArray();
                list.Remove(In(t));
                if (list.Count == 0)
                {
                    t.Remove($"{verb}_permissions");
                }
            }),
            1 => below(kind, role, $"permission.{key}", filter.ToText(), t => In(t)!["permission"]![key] = filter.DeepClone()),
            2 when verb == "select" => below(kind, role, "permission.limit", $"{filter.Count}", t => In(t)!["permission"]!["limit"] = 100 + filter.Count),
            3 when verb == "select" => below(kind, role, "permission.allow_aggregations", "true", t => In(t)!["permission"]!["allow_aggregations"] = true),
            _ when verb != "delete" => below(kind, role, $"permission.columns+{column}", null, t => Toggle(In(t)!["permission"]!["columns"]!.AsArray(), column)),
            _ => below(kind, role, "comment", column, t => In(t)!["comment"] = column),
        };
    }

    private MergeEdit OfDocument()
    {
        var text = $"v{random.Next(3)}";
        var number = random.Next(100, 103);
        return random.Next(10) switch
        {
            0 => new(Document, "x_unknown.b.c", text, [], r => MergePath.Map(r, "x_unknown", "b")["c"] = text),
            1 => new(Document, $"x_unknown.{text}", $"{number}", [], r => MergePath.Map(r, "x_unknown")[text] = number),
            2 => new("ApiLimits/api_limits", "depth_limit.global", $"{number}", [], r => MergePath.Map(r, "api_limits", "depth_limit")["global"] = number),
            3 => new("ApiLimits/api_limits", "depth_limit.per_role.editor", $"{number}", [], r => MergePath.Map(r, "api_limits", "depth_limit", "per_role")["editor"] = number),
            4 => new("InheritedRole/boss", $"role_set+{text}", null, [], r => Toggle(r["inherited_roles"]![0]!["role_set"]!.AsArray(), text)),
            5 => new($"allowed/CollectionQuery/{text}", "query", $"{number}", ["QueryCollection/allowed"], r => Insert(r["query_collections"]![0]!["definition"]!["queries"]!.AsArray(), new JsonObject { ["name"] = text, ["query"] = $"query q {{ f{number} }}" })),
            6 => new("allowed/CollectionQuery/a", "", "removed", ["QueryCollection/allowed"], r => Remove(r["query_collections"]![0]!["definition"]!["queries"], "name", "a")),
            7 => new("allowed/CollectionQuery/a", "query", text, ["QueryCollection/allowed"], r => MergePath.Entry(r["query_collections"]![0]!["definition"]!["queries"], "name", "a")!["query"] = $"query a {{ {text} }}"),
            8 => new("RestEndpoint/one", "methods+PUT", null, [], r => Toggle(r["rest_endpoints"]![0]!["methods"]!.AsArray(), "PUT")),
            _ => new("CronTrigger/nightly", $"payload.{text}", $"{number}", [], r => MergePath.Map(r["cron_triggers"]![0]!.AsObject(), "payload")[text] = number),
        };
    }

    private MergeEdit OfAction()
    {
        var text = $"v{random.Next(3)}";
        return random.Next(6) switch
        {
            0 => new("Action/login", "definition.handler", text, [], r => r["actions"]![0]!["definition"]!["handler"] = text),
            1 => new("Action/login", "definition.arguments[email].type", text, [], r => MergePath.Entry(r["actions"]![0]!["definition"]!["arguments"], "name", "email")!["type"] = text),
            2 => new($"login/ActionPermission/{text}", "", "added", ["Action/login"], r => Insert(r["actions"]![0]!["permissions"]!.AsArray(), new JsonObject { ["role"] = text })),
            3 => new("ObjectType/Token", $"fields[{text}].type", text, [], r => Insert(r["custom_types"]!["objects"]![0]!["fields"]!.AsArray(), new JsonObject { ["name"] = text, ["type"] = text })),
            4 => new($"ScalarType/{text}", "", "added", [], r => Insert(MergePath.List(r["custom_types"]!.AsObject(), "scalars"), new JsonObject { ["name"] = text })),
            _ => new("RemoteSchema/pay", "definition.timeout_seconds", text, [], r => r["remote_schemas"]![0]!["definition"]!["timeout_seconds"] = 70 + text[1]),
        };
    }

    private MergeEdit OfSource()
    {
        var (source, text) = (Source(), $"v{random.Next(3)}");
        return random.Next(4) switch
        {
            0 => new($"{source}/public.search/FunctionPermission/{text}", "", "added", [$"{source}/Function/public.search"], r => Insert(SourceIn(r, source)["functions"]![0]!["permissions"]!.AsArray(), new JsonObject { ["role"] = text })),
            1 => new($"{source}/Function/public.search", "", "removed", [], r => SourceIn(r, source).Remove("functions")),
            2 => new($"Source/{source}", "configuration.connection_info.pool_settings.retries", text, [], r => MergePath.Map(SourceIn(r, source), "configuration", "connection_info", "pool_settings")["retries"] = 10 + text[1]),
            _ => new($"Source/{source}", "customization.naming_convention", text, [], r => MergePath.Map(SourceIn(r, source), "customization")["naming_convention"] = text),
        };
    }

    // What means nothing: another order, a default that is given, a name in its short form.
    private MergeEdit Form()
    {
        var (seed, kind) = (random.Next(), random.Next(3));
        return new("", $"{seed}", null, [], r =>
        {
            var tables = r["sources"].AsObjects().SelectMany(s => s["tables"].AsObjects());
            switch (kind)
            {
                case 0:
                    var shuffled = (JsonObject)MetadataShuffle.Of(r, new Random(seed))!;
                    foreach (var key in r.Select(m => m.Key).ToList())
                    {
                        shuffled.Remove(key, out var value);
                        r[key] = value;
                    }

                    break;
                case 1:
                    tables.ToList().ForEach(t => t["is_enum"] = false);
                    break;
                default:
                    tables.ToList().ForEach(t => (t["configuration"] as JsonObject)?.Remove("custom_column_names"));
                    break;
            }
        });
    }

    private T Pick<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];

    private void Insert(JsonArray list, JsonNode entry) => list.Insert(random.Next(list.Count + 1), entry);

    private static void Remove(JsonNode? list, string member, string name)
    {
        var entry = MergePath.Entry(list, member, name)!;
        entry.Parent!.AsArray().Remove(entry);
    }

    private void Toggle(JsonArray set, string value)
    {
        var place = set.Select((n, i) => (n, i)).FirstOrDefault(p => p.n.AsText() == value, (null, -1)).Item2;
        if (place >= 0)
        {
            set.RemoveAt(place);
        }
        else
        {
            Insert(set, JsonValue.Create(value));
        }
    }
}
