using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>Joins what SDL says with <c>actions.yaml</c> to actions and custom types as a server exports them.</summary>
internal sealed class ActionsYamlReader(SdlDocument sdl, string yamlFile, MetadataPositions positions, List<Finding> findings)
{
    /// <summary>Joins; takes nodes out of the tree of the file and moves them into the result.</summary>
    internal (JsonArray? Actions, JsonObject? CustomTypes) Join(JsonNode? yaml)
    {
        var root = yaml as JsonObject ?? [];
        if (yaml is not (null or JsonObject))
        {
            Invalid(yaml, "actions.yaml is not a map");
        }

        var actions = new JsonArray([.. JoinActions(root)]);
        var types = JoinTypes(root);
        return (actions.Count == 0 ? null : actions, types.Count == 0 ? null : types);
    }

    private List<JsonObject> JoinActions(JsonObject root)
    {
        var entries = Sort(sdl.Actions, root, "actions");
        foreach (var entry in entries.Undeclared)
        {
            Add("ActionNotInSdl", FindingSeverity.Error, entry, $"The action {entry["name"]} is in actions.yaml but not in actions.graphql.");
        }

        return [.. sdl.Actions.Select(a => Action(a, entries.Take(a)))];
    }

    private JsonObject JoinTypes(JsonObject root)
    {
        var types = new JsonObject();
        var lists = root["custom_types"] as JsonObject ?? [];
        if (root["custom_types"] is not (null or JsonObject))
        {
            Invalid(root["custom_types"], "'custom_types' is not a map");
        }

        foreach (var kind in SdlDocument.TypeKinds)
        {
            var entries = Sort(sdl.Types[kind], lists, kind);
            foreach (var entry in entries.Undeclared)
            {
                Add("ActionTypeNotInSdl", FindingSeverity.Error, entry, $"The custom type {entry["name"]} is listed under {kind} in actions.yaml but is not in actions.graphql.");
            }

            var joined = sdl.Types[kind].Select(t => Type(t, entries.Take(t))).ToArray<JsonNode>();
            if (joined.Length > 0)
            {
                types[kind] = new JsonArray(joined);
            }
        }

        MoveOthers(lists, types, SdlDocument.TypeKinds);
        return types;
    }

    private JsonObject Action(JsonObject declared, JsonObject? entry)
    {
        if (entry is null)
        {
            Add("ActionWithoutHandler", FindingSeverity.Warning, declared, $"The action {declared["name"]} is in actions.graphql but not in actions.yaml, so it has no handler; a server refuses that.");
        }

        entry ??= [];
        var action = new JsonObject { ["name"] = Take(declared, "name"), ["definition"] = Definition(declared, Object(entry, "definition")) };
        positions.Set(action, positions.Of(declared)!.Value);
        Move(entry, action, "comment");
        Move(entry, action, "permissions");
        MoveOthers(entry, action, ["name", "definition"]);
        return action;
    }

    private JsonObject Definition(JsonObject declared, JsonObject entry)
    {
        var definition = new JsonObject { ["handler"] = Take(entry, "handler") ?? "", ["output_type"] = Take(declared, "output_type") };
        positions.Set(definition, positions.Of(entry) ?? positions.Of(declared)!.Value);
        Move(entry, definition, "forward_client_headers");
        Move(entry, definition, "ignored_client_headers");
        Move(entry, definition, "headers");
        if (Take(declared, "arguments") is JsonArray arguments)
        {
            definition["arguments"] = arguments;
        }

        AddRest(entry, "arguments", definition["arguments"] as JsonArray, $"arguments of the action {declared["name"]}");
        Move(entry, definition, "request_transform");
        Move(entry, definition, "response_transform");
        definition["type"] = Take(declared, "type");
        if (entry["kind"]?.ToString() is { Length: > 0 })
        {
            Move(entry, definition, "kind");
        }

        Move(entry, definition, "timeout");
        MoveOthers(entry, definition, ["kind", "type", "output_type", "arguments", "handler"]);
        return definition;
    }

    private JsonObject Type(JsonObject type, JsonObject? entry)
    {
        if (entry is null)
        {
            return type;
        }

        var (inSdl, inYaml) = (type["description"]?.ToString(), entry["description"]?.ToString());
        if ((inSdl ?? "") != (inYaml ?? ""))
        {
            Add("DescriptionDiffers", FindingSeverity.Warning, type, $"The custom type {type["name"]} has {(inYaml is null ? "no description" : "another description")} in actions.yaml, which takes precedence; the one in actions.graphql is ignored.");
        }

        type.Remove("description");
        Move(entry, type, "description");
        AddRest(entry, "fields", type["fields"] as JsonArray, $"fields of the custom type {type["name"]}");
        AddValues(entry, type);
        Move(entry, type, "relationships");
        MoveOthers(entry, type, ["name", "description", "fields", "values"]);
        return type;
    }

    /// <summary>Gives fields and arguments the keys that SDL cannot hold.</summary>
    private void AddRest(JsonObject entry, string key, JsonArray? members, string place)
    {
        foreach (var rest in Entries(entry, key))
        {
            var member = members?.OfType<JsonObject>().FirstOrDefault(m => m["name"]!.ToString() == rest["name"]!.ToString());
            if (member is null)
            {
                Add("ActionEntryUnused", FindingSeverity.Warning, rest, $"{rest["name"]} is not among the {place} in actions.graphql; its entry in actions.yaml is ignored.");
                continue;
            }

            // A server writes the description behind the arguments of a field.
            var description = Take(member, "description");
            MoveOthers(rest, member, ActionNodes.MemberInSdl);
            if (description is not null)
            {
                member["description"] = description;
            }
        }
    }

    /// <summary>Values of an enum are those of SDL; the entry adds whether they are deprecated, and its order of keys.</summary>
    private void AddValues(JsonObject entry, JsonObject type)
    {
        var values = type["values"] as JsonArray ?? [];
        foreach (var given in Entries(entry, "values", "value"))
        {
            var name = given["value"]!.ToString();
            var index = values.ToList().FindIndex(v => v!["value"]!.ToString() == name);
            if (index < 0)
            {
                Add("ActionEntryUnused", FindingSeverity.Warning, given, $"{name} is not among the values of the enum {type["name"]} in actions.graphql; its entry in actions.yaml is ignored.");
                continue;
            }

            var declared = values[index]!.AsObject();
            if ((declared["description"]?.ToString() ?? "") != (given["description"]?.ToString() ?? ""))
            {
                Add("DescriptionDiffers", FindingSeverity.Warning, declared, $"The value {name} of the enum {type["name"]} has a different description in actions.yaml; the one in actions.graphql is used.");
                given["description"] = Take(declared, "description");
            }

            (given.Parent as JsonArray)?.Remove(given);
            positions.Set(given, positions.Of(declared)!.Value);
            values[index] = given;
        }
    }

    private List<JsonObject> Entries(JsonObject parent, string key, string nameKey = "name")
    {
        if (parent[key] is not JsonArray list)
        {
            if (parent[key] is { } other)
            {
                Invalid(other, $"'{key}' is not a list");
            }

            return [];
        }

        var entries = list.OfType<JsonObject>().Where(e => e[nameKey] is JsonValue v && v.GetValueKind() == JsonValueKind.String).ToList();
        foreach (var entry in list.Where(e => !entries.Contains(e)))
        {
            Invalid(entry ?? list, $"a member of '{key}' has no '{nameKey}'");
        }

        return entries;
    }

    private JsonObject Object(JsonObject entry, string key)
    {
        if (entry[key] is not (null or JsonObject))
        {
            Invalid(entry[key], $"'{key}' is not a map");
        }

        return entry[key] as JsonObject ?? [];
    }

    private EntryQueue Sort(List<JsonObject> declared, JsonObject parent, string key)
    {
        var entries = new EntryQueue(declared, Entries(parent, key));
        foreach (var entry in entries.Superseded)
        {
            Add("ActionEntryUnused", FindingSeverity.Warning, entry, $"{entry["name"]} has more than one entry among the {key} of actions.yaml; the last one is used.");
        }

        return entries;
    }

    private void Invalid(JsonNode? node, string reason) =>
        Add("ActionsFileInvalid", FindingSeverity.Error, node, $"{reason}.");

    private void Add(string id, FindingSeverity severity, JsonNode? node, string message)
    {
        var position = positions.Near(node);
        findings.Add(new Finding { Id = id, Severity = severity, Message = message, File = position?.File ?? yamlFile, Line = position?.Line, Column = position?.Column });
    }

    private static JsonNode? Take(JsonObject from, string key)
    {
        var value = from[key];
        from.Remove(key);
        return value;
    }

    private static void Move(JsonObject from, JsonObject to, string key)
    {
        if (Take(from, key) is { } value)
        {
            to[key] = value;
        }
    }

    private static void MoveOthers(JsonObject from, JsonObject to, IReadOnlyList<string> known)
    {
        foreach (var key in from.Select(p => p.Key).Where(k => !known.Contains(k)).ToList())
        {
            to[key] = Take(from, key);
        }
    }
}
