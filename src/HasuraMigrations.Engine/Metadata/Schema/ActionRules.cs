using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>Custom types are told apart and lead to types that are there; actions use them.</summary>
internal sealed class ActionRules(MetadataEra era, SchemaCache cache, JsonObject root)
{
    private static readonly string[] Lists = ["input_objects", "objects", "scalars", "enums"];
    private static readonly HashSet<string> BuiltIn = ["Int", "Float", "String", "Boolean", "ID"];

    private readonly JsonNode? _types = root["custom_types"];

    /// <summary>Looks at custom types and actions.</summary>
    /// <param name="catalogs">The databases, whose base types are scalars too.</param>
    internal void Build(IEnumerable<DatabaseCatalog> catalogs)
    {
        var databases = catalogs.ToList();
        // Types have other names in GraphQL, and in SQL, than in pg_type, such as bigint (Hasura 2.48; seen of real servers).
        bool IsBase(string type) => PostgresScalar.NamesOf(type).Any(n => databases.Exists(c => c.IsBaseType(n)));
        var areGood = _types is null || CheckTypes(IsBase);
        foreach (var entry in root["actions"].AsObjects())
        {
            var name = entry["name"].AsText() ?? "";
            var item = new NamedObject(ObjectId.OfGlobal(ObjectKind.Action, name), "action", name, () => Definition(entry));
            // Where custom types are inconsistent, actions see none of them. Handlers and headers are not validated here, since only the
            // server knows its environment variables. The semicolon below is in the text of servers (Hasura 2.48).
            if (Problem(entry["definition"], areGood ? _types : null, IsBase) is { } reason)
            {
                cache.Inconsistencies.Add(item.Id, item.Type, item.Name, item.Definition, $"in action \"{name}\"; {reason}");
            }
            else
            {
                // Servers record no needs of an action (Hasura 2.48).
                cache.Keep(item, []);
            }
        }
    }

    private bool CheckTypes(Func<string, bool> isBase)
    {
        var causes = new List<string>();
        var doubles = Lists.SelectMany(l => _types.Get(l).AsObjects()).Select(NameOf).GroupBy(n => n).Where(g => g.Count() > 1).Select(g => $"\"{g.Key}\"").ToList();
        if (doubles.Count > 0)
        {
            causes.Add($"duplicate type names: {string.Join(", ", doubles)}");
        }

        foreach (var one in _types.Get("enums").AsObjects())
        {
            AddDoubles(causes, one["values"].AsObjects().Select(v => v["value"].AsText()), d => $"the enum type \"{NameOf(one)}\" has duplicate values: {d}");
        }

        foreach (var one in _types.Get("input_objects").AsObjects())
        {
            AddDoubles(causes, one["fields"].AsObjects().Select(NameOf), d => $"the input object \"{NameOf(one)}\" has duplicate fields: {d}");
            // The two spaces before "input" are in the text of servers (Hasura 1.3.3 and 2.48).
            causes.AddRange(one["fields"].AsObjects().Where(f => !IsInput(BaseOf(f["type"]), _types, isBase)).Select(f => $"the type \"{BaseOf(f["type"])}\" for field \"{NameOf(f)}\" in  input object type \"{NameOf(one)}\" does not exist"));
        }

        foreach (var one in _types.Get("objects").AsObjects())
        {
            CheckObject(one, isBase, causes);
        }

        if (causes.Count == 0)
        {
            return true;
        }

        cache.Inconsistencies.Add(ObjectId.OfGlobal(ObjectKind.CustomTypes, ""), "custom_types", "custom_types", ShownTypes(), MessageNames.Because("validation for the given custom types failed", causes));
        return false;
    }

    private void CheckObject(JsonObject type, Func<string, bool> isBase, List<string> causes)
    {
        var (name, fields) = (NameOf(type), type["fields"].AsObjects().ToList());
        AddDoubles(causes, fields.Concat(type["relationships"].AsObjects()).Select(NameOf), d => $"the object \"{name}\" has duplicate fields: {d}");
        foreach (var field in fields)
        {
            // The format has this member, but servers accept only null in it (Hasura 1.3.3 and 2.48).
            if (field["arguments"] is not null)
            {
                causes.Add($"the object \"{name}\" can't have arguments");
            }

            var used = BaseOf(field["type"]);
            if (_types.EntryAt("objects", "name", used) is not null)
            {
                if (era.HasSpacedColons)
                {
                    causes.Add($"the type \"{used}\" of the field \"{NameOf(field)}\" in the object type \"{name}\" is object type which isn't allowed");
                }
            }
            else if (!IsScalar(used, _types, isBase))
            {
                // The two spaces before "object" are in the text of servers (Hasura 1.3.3 and 2.48).
                causes.Add($"the type \"{used}\" for field \"{NameOf(field)}\" in  object type \"{name}\" does not exist");
            }
        }

        foreach (var relationship in type["relationships"].AsObjects())
        {
            CheckRelationship(name, fields, relationship, causes);
        }

        // The grammar of the text is that of servers (Hasura 2.48).
        if (!era.IsVersion1 && type["relationships"].AsObjects().Select(SourceOf).Distinct().Count() > 1)
        {
            causes.Add($"the object \"{name}\" has relationships refers to tables in multiple sources");
        }
    }

    private static string SourceOf(JsonObject relationship) => relationship["source"].AsText() ?? MetadataDocument.DefaultSource;

    private void CheckRelationship(string? name, List<JsonObject> fields, JsonObject relationship, List<string> causes)
    {
        var (noun, target) = (NameOf(relationship), QualifiedName.Read(relationship["remote_table"]) ?? default);
        var source = SourceOf(relationship);
        if (cache.Skipped.Contains(source))
        {
            return;
        }

        if (cache.FindTable(source, target) is not { } table)
        {
            causes.Add($"the remote table \"{target.InMessage()}\" for relationship \"{noun}\" of object type \"{name}\" does not exist");
            return;
        }

        foreach (var (field, column) in relationship["field_mapping"] as JsonObject ?? [])
        {
            if (fields.Find(f => NameOf(f) == field) is not { } found)
            {
                causes.Add($"the field \"{field}\" for relationship \"{noun}\" in object type \"{name}\" does not exist");
            }
            else if (found["type"].AsText()?.StartsWith('[') == true)
            {
                causes.Add($"the type of the field \"{field}\" for relationship \"{noun}\" in object type \"{name}\" is a list type");
            }

            if (table.Facts.FindColumn(column.AsText() ?? "") is null)
            {
                causes.Add($"the column \"{column.AsText()}\" of remote table \"{target.InMessage()}\" for relationship \"{noun}\" of object type \"{name}\" does not exist");
            }
        }
    }

    private string? Problem(JsonNode? definition, JsonNode? types, Func<string, bool> isBase)
    {
        foreach (var type in definition.Get("arguments").AsObjects().Select(a => BaseOf(a["type"])))
        {
            if (!IsInput(type, types, isBase))
            {
                return !era.IsVersion1 ? $"the type: \"{type}\" is not defined in custom types or it is not a scalar/enum/input_object"
                    : types.EntryAt("objects", "name", type) is null ? $"the type: \"{type}\" is not defined in custom types"
                    : $"the argument's base type: \"{type}\" should be a scalar/enum/input_object";
            }
        }

        var output = BaseOf(definition.Get("output_type"));
        if (types.EntryAt("objects", "name", output) is { } found)
        {
            return NestedProblem(found, types) ?? AsynchronousProblem(definition, found, types);
        }

        if (!era.HasSpacedColons && IsScalar(output, types, isBase))
        {
            return null;
        }

        return era.HasSpacedColons ? $"the type: \"{output}\" is not an object type defined in custom types" : $"the type: \"{output}\" is not an object or scalar type defined in custom types";
    }

    private static string? NestedProblem(JsonObject output, JsonNode? types)
    {
        var objects = output["fields"].AsObjects().Where(f => IsObject(f, types)).Select(NameOf).OfType<string>().ToHashSet();
        var nested = output["relationships"].AsObjects().Where(r => (r["field_mapping"] as JsonObject ?? []).Any(m => objects.Contains(m.Key))).Select(r => $"\"{NameOf(r)}\"").ToList();
        return nested.Count == 0 ? null : $"Relationships cannot be defined with nested object fields: {string.Join(", ", nested)}";
    }

    private static bool IsObject(JsonObject field, JsonNode? types) => types.EntryAt("objects", "name", BaseOf(field["type"])) is not null;

    // The answer of an asynchronous action lies in a table, where its relationships reach one level only.
    private static string? AsynchronousProblem(JsonNode? definition, JsonObject output, JsonNode? types)
    {
        if (definition.Get("kind").AsText() != "asynchronous" || !output["relationships"].AsObjects().Any())
        {
            return null;
        }

        var nested = output["fields"].AsObjects().Where(f => IsObject(f, types)).Select(f => $"\"{NameOf(f)}\"").ToList();
        return nested.Count == 0 ? null : $"Async action relations cannot be used with object fields: {string.Join(", ", nested)}";
    }

    private JsonNode? ShownTypes()
    {
        var shown = new JsonObject();
        foreach (var list in Lists)
        {
            shown[list] = _types.Get(list)?.DeepClone() ?? (era.HasNullLists ? null : new JsonArray());
            foreach (var type in shown[list].AsObjects())
            {
                type.TryAdd("description", null);
                if (list == "objects")
                {
                    type.TryAdd("relationships", era.HasNullLists ? null : new JsonArray());
                    foreach (var relationship in type["relationships"].AsObjects())
                    {
                        ShowRelationship(relationship);
                    }
                }

                foreach (var field in type["fields"].AsObjects())
                {
                    field.TryAdd("description", null);
                    if (list == "objects")
                    {
                        field.TryAdd("arguments", null);
                    }
                }
            }
        }

        return shown;
    }

    private void ShowRelationship(JsonObject relationship)
    {
        InconsistencyDefinition.Lengthen(relationship, "remote_table");
        if (!era.IsVersion1)
        {
            relationship.TryAdd("source", MetadataDocument.DefaultSource);
        }
    }

    private static JsonObject Definition(JsonObject entry)
    {
        var definition = entry["definition"]?.DeepClone() as JsonObject ?? [];
        definition.TryAdd("headers", new JsonArray());
        definition.TryAdd("arguments", new JsonArray());
        foreach (var argument in definition["arguments"].AsObjects())
        {
            argument.TryAdd("description", null);
        }

        definition.TryAdd("forward_client_headers", false);
        definition.TryAdd("timeout", 30);
        definition.TryAdd("type", "mutation");
        // A query action has no kind (Hasura, actions).
        if (definition["type"].AsText() == "mutation")
        {
            definition.TryAdd("kind", "synchronous");
        }

        return new JsonObject { ["name"] = entry["name"]?.DeepClone(), ["definition"] = definition, ["comment"] = entry["comment"]?.DeepClone() };
    }

    private static bool IsScalar(string type, JsonNode? types, Func<string, bool> isBase) =>
        BuiltIn.Contains(type) || types.EntryAt("scalars", "name", type) is not null || types.EntryAt("enums", "name", type) is not null || isBase(type);

    private static bool IsInput(string type, JsonNode? types, Func<string, bool> isBase) =>
        IsScalar(type, types, isBase) || types.EntryAt("input_objects", "name", type) is not null;

    private static string BaseOf(JsonNode? type) => type.AsText()?.Trim('[', ']', '!', ' ') ?? "";

    private static string? NameOf(JsonObject node) => node["name"].AsText();

    private static void AddDoubles(List<string> causes, IEnumerable<string?> names, Func<string, string> text)
    {
        var doubles = names.GroupBy(n => n).Where(g => g.Count() > 1).Select(g => $"\"{g.Key}\"").ToList();
        if (doubles.Count > 0)
        {
            causes.Add(text(string.Join(", ", doubles)));
        }
    }
}
