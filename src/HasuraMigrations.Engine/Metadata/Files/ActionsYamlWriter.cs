using System.Text.Json;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>
/// Makes <c>actions.yaml</c>: what SDL cannot hold. The order of keys is that of Hasura's CLI; behind its keys stand those it
/// would lose, in places it does not look at.
/// </summary>
internal static class ActionsYamlWriter
{
    private static readonly string[] ActionKeys = ["name", "definition", "permissions", "comment"];
    private static readonly string[] DefinitionKeys = ["forward_client_headers", "headers", "timeout", "request_transform", "response_transform"];
    private static readonly string[] DefinitionInSdl = ["kind", "type", "handler", "output_type", "arguments"];
    private static readonly string[] TypeLists = ["enums", "input_objects", "objects", "scalars"];
    private static readonly string[] TypeKeys = ["name", "description", "fields", "values", "relationships"];

    internal static JsonObject Write(IEnumerable<JsonObject> actions, JsonObject? customTypes) => new()
    {
        ["actions"] = new JsonArray([.. actions.Select(Action)]),
        ["custom_types"] = CustomTypes(customTypes ?? []),
    };

    private static JsonObject Action(JsonObject action)
    {
        var entry = new JsonObject { ["name"] = action["name"]?.DeepClone(), ["definition"] = Definition(action["definition"] as JsonObject ?? []) };
        Copy(action, entry, "permissions");
        Copy(action, entry, "comment");
        CopyOthers(action, entry, ActionKeys);
        return entry;
    }

    private static JsonObject Definition(JsonObject definition)
    {
        var entry = new JsonObject { ["kind"] = definition["kind"]?.DeepClone() ?? "", ["handler"] = definition["handler"]?.DeepClone() ?? "" };
        foreach (var key in DefinitionKeys.Where(k => k != "forward_client_headers" || definition[k]?.GetValueKind() != JsonValueKind.False))
        {
            Copy(definition, entry, key);
        }

        AddRest(entry, "arguments", ActionNodes.Objects(definition, "arguments"));
        CopyOthers(definition, entry, [.. DefinitionInSdl, .. DefinitionKeys]);
        return entry;
    }

    private static JsonObject CustomTypes(JsonObject types)
    {
        var entry = new JsonObject();
        foreach (var kind in TypeLists)
        {
            entry[kind] = new JsonArray([.. ActionNodes.Objects(types, kind).Select(Type)]);
        }

        CopyOthers(types, entry, TypeLists);
        return entry;
    }

    private static JsonObject Type(JsonObject type)
    {
        var entry = new JsonObject { ["name"] = type["name"]?.DeepClone() };
        Copy(type, entry, "description");
        AddRest(entry, "fields", ActionNodes.Objects(type, "fields"));
        Copy(type, entry, "values");
        Copy(type, entry, "relationships");
        CopyOthers(type, entry, TypeKeys);
        return entry;
    }

    /// <summary>Of fields and arguments only those that hold more than SDL can, with just that.</summary>
    private static void AddRest(JsonObject entry, string key, IEnumerable<JsonObject> members)
    {
        var rest = new JsonArray();
        foreach (var member in members.Where(m => m.Any(p => !ActionNodes.MemberInSdl.Contains(p.Key))))
        {
            var kept = new JsonObject { ["name"] = member["name"]?.DeepClone() };
            CopyOthers(member, kept, ActionNodes.MemberInSdl);
            rest.Add((JsonNode)kept);
        }

        if (rest.Count > 0)
        {
            entry[key] = rest;
        }
    }

    private static void Copy(JsonObject from, JsonObject to, string key)
    {
        if (from[key] is { } value)
        {
            to[key] = value.DeepClone();
        }
    }

    private static void CopyOthers(JsonObject from, JsonObject to, string[] known)
    {
        foreach (var (key, value) in from.Where(p => !known.Contains(p.Key)))
        {
            to[key] = value?.DeepClone();
        }
    }
}
