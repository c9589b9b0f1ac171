using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using static HasuraMigrations.Engine.Squashing.ActionRole;

namespace HasuraMigrations.Engine.Squashing;

/// <summary>
/// The passes over actions, in the order of Hasura's CLI (1.x, <c>migrate squash</c>). What an action needs comes in a pass before
/// that of what needs it, so that it is gone when the other is judged.
/// </summary>
internal static class ActionPasses
{
    private const string RunSql = "run_sql";

    private static readonly string[] PermissionKinds = ["insert", "select", "update", "delete"];

    /// <summary>The passes.</summary>
    internal static IReadOnlyList<ActionPass> All { get; } =
    [
        new("cron trigger", [Make("create_cron_trigger", Text("name")), Remove("delete_cron_trigger", Text("name"))]),
        new("event trigger", [Make("create_event_trigger", Text("name")), Remove("delete_event_trigger", Text("name"))]),
        new("remote relationship",
        [
            Make("create_remote_relationship", OfTable("name")),
            Edit("update_remote_relationship", OfTable("name")) with { Fold = TakeArguments, IsReplacedByNext = true },
            Remove("delete_remote_relationship", OfTable("name")),
        ]) { Blockers = [RunSql], DropReplacesChanges = true },
        new("relationship",
        [
            Make("create_object_relationship", OfTable("name")),
            Make("create_array_relationship", OfTable("name")),
            Edit("set_relationship_comment", OfTable("name")) with { Fold = TakeComment, IsReplacedByNext = true },
            Remove("drop_relationship", OfTable("relationship")),
        ]),
        .. PermissionKinds.Select(kind => new ActionPass(
            $"{kind} permission",
            [Make($"create_{kind}_permission", OfTable("role")), Remove($"drop_{kind}_permission", OfTable("role"))])),
        new("computed field", [Make("add_computed_field", OfTable("name")), Remove("drop_computed_field", OfTable("name"))]),
        new("customization of the table",
        [
            Edit("set_table_custom_fields", Table) with { IsReplacedByNext = true },
            Edit("set_table_customization", Table) with { IsReplacedByNext = true },
        ]),
        new("table",
        [
            Make("track_table", Table),
            Make("add_existing_table_or_view", Table),
            .. TableBound.Select(t => Edit(t, Table)),
            Edit("set_table_custom_fields", Table) with { Fold = TakeCustomFields },
            Edit("set_table_customization", Table) with { Fold = TakeCustomization },
            Remove("untrack_table", Table),
        ]) { Blockers = [RunSql] },
        new("function", [Make("track_function", Function), Remove("untrack_function", Function)]),
        new("remote schema", [Make("add_remote_schema", Text("name")), Remove("remove_remote_schema", Text("name"))]),
        new("entry of the allow list", [Make("add_collection_to_allowlist", Text("collection")), Remove("drop_collection_from_allowlist", Text("collection"))]),
        new("query", [Make("add_query_to_collection", Query), Remove("drop_query_from_collection", Query)]),
        new("query collection",
        [
            Make("create_query_collection", Text("name")),
            Edit("add_query_to_collection", Text("collection_name")) with { Fold = TakeQuery },
            Edit("drop_query_from_collection", Text("collection_name")) with { Fold = LeaveQuery },
            Edit("add_collection_to_allowlist", Text("collection")),
            Edit("drop_collection_from_allowlist", Text("collection")),
            Remove("drop_query_collection", Text("collection")),
        ]) { CascadeStaysInside = true, Holders = new Dictionary<string, string> { ["add_collection_to_allowlist"] = "drop_collection_from_allowlist" } },
        new("custom types", [Edit("set_custom_types", _ => "") with { IsReplacedByNext = true }]) { Blockers = ["create_action", "update_action"] },
        new("action",
        [
            Make("create_action", Text("name")),
            Edit("update_action", Text("name")) with { Fold = TakeArguments },
            Edit("create_action_permission", Text("action")),
            Edit("drop_action_permission", Text("action")),
            Remove("drop_action", Text("name")),
        ]) { Blockers = ["set_custom_types"] },
        new("permission of the action", [Make("create_action_permission", ActionAndRole), Remove("drop_action_permission", ActionAndRole)]),
    ];

    private static IEnumerable<string> TableBound =>
    [
        "create_event_trigger", "create_remote_relationship", "update_remote_relationship", "delete_remote_relationship",
        "create_object_relationship", "create_array_relationship", "set_relationship_comment", "drop_relationship",
        "add_computed_field", "drop_computed_field", "set_table_is_enum",
        .. PermissionKinds.SelectMany(k => new[] { $"create_{k}_permission", $"drop_{k}_permission" }),
    ];

    private static ActionPart Make(string type, Func<JsonNode?, string?> key) => new(type, Create, key);

    private static ActionPart Edit(string type, Func<JsonNode?, string?> key) => new(type, Change, key);

    private static ActionPart Remove(string type, Func<JsonNode?, string?> key) => new(type, Drop, key);

    private static Func<JsonNode?, string?> Text(string member) => args => args.Get(member).AsText();

    private static Func<JsonNode?, string?> OfTable(string member) => args => Join(Table(args), args.Get(member).AsText());

    private static string? Query(JsonNode? args) => Join(args.Get("collection_name").AsText(), args.Get("query_name").AsText());

    private static string? ActionAndRole(JsonNode? args) => Join(args.Get("action").AsText(), args.Get("role").AsText());

    // The arguments are the table itself, or have it as a member.
    private static string? Table(JsonNode? args) => Name(args.Get("table") ?? args);

    private static string? Function(JsonNode? args) => Name(args.Get("function") ?? args);

    private static string? Name(JsonNode? name) => name.AsText() is { } text ? $"public.{text}"
        : name.Get("name").AsText() is { } own ? $"{name.Get("schema").AsText() ?? "public"}.{own}"
        : null;

    private static string? Join(string? first, string? second) => first is null || second is null ? null : $"{first}: {second}";

    private static bool TakeArguments(JsonObject create, JsonObject change)
    {
        create["args"] = change["args"]?.DeepClone();
        return true;
    }

    private static bool TakeComment(JsonObject create, JsonObject change)
    {
        if (create["args"] is not JsonObject args)
        {
            return false;
        }

        args["comment"] = change["args"].Get("comment")?.DeepClone();
        return true;
    }

    private static bool TakeCustomFields(JsonObject create, JsonObject change)
    {
        var configuration = new JsonObject();
        foreach (var name in (string[])["custom_root_fields", "custom_column_names"])
        {
            if (change["args"].Get(name) is { } fields)
            {
                configuration[name] = fields.DeepClone();
            }
        }

        return TakeConfiguration(create, configuration);
    }

    private static bool TakeCustomization(JsonObject create, JsonObject change) =>
        TakeConfiguration(create, change["args"].Get("configuration")?.DeepClone() ?? new JsonObject());

    // Only the arguments of version 2 have a place for it.
    private static bool TakeConfiguration(JsonObject create, JsonNode configuration)
    {
        if (create["version"]?.ToString() != "2" || create["args"] is not JsonObject args)
        {
            return false;
        }

        args["configuration"] = configuration;
        return true;
    }

    private static bool TakeQuery(JsonObject create, JsonObject change)
    {
        if (create["args"].Get("definition").Get("queries") is not JsonArray queries)
        {
            return false;
        }

        queries.Add(new JsonObject { ["name"] = change["args"].Get("query_name")?.DeepClone(), ["query"] = change["args"].Get("query")?.DeepClone() });
        return true;
    }

    private static bool LeaveQuery(JsonObject create, JsonObject change)
    {
        var name = change["args"].Get("query_name").AsText();
        var queries = create["args"].Get("definition").Get("queries") as JsonArray;
        return queries?.FirstOrDefault(q => q.Get("name").AsText() == name) is { } query && queries.Remove(query);
    }
}
