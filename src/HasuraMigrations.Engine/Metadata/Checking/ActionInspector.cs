using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Checking;

/// <summary>Checks actions and custom types: that types are there and relationships lead to tracked tables.</summary>
internal sealed class ActionInspector(MetadataDocument document, FindingWriter findings, IReadOnlyDictionary<string, TableIndex> sources)
{
    private static readonly HashSet<string> BuiltIn = new(StringComparer.Ordinal) { "Int", "Float", "String", "Boolean", "ID" };
    private static readonly string[] TypeLists = ["input_objects", "objects", "scalars", "enums"];

    internal void Inspect()
    {
        var types = document.Root["custom_types"] as JsonObject ?? [];
        var outputs = ReferenceInspector.Names(types["objects"], "name");
        InspectDuplicates(types);
        foreach (var action in document.Root["actions"].AsObjects())
        {
            var type = action["definition"].Get("output_type");
            if (type.AsText() is { } text && Bare(text) is var name && !outputs.Contains(name) && !LooksScalar(name, types))
            {
                findings.Error("MetadataReferenceMissing", type, $"The action '{action["name"].AsText()}' returns the type '{name}', which the custom types do not define.");
            }
        }

        InspectTypesOfMembers(types);
        foreach (var type in types["objects"].AsObjects())
        {
            foreach (var relationship in type["relationships"].AsObjects())
            {
                InspectRelationship(type, relationship);
            }
        }
    }

    // A type that is not defined may be a scalar of the database, so this is no error.
    private void InspectTypesOfMembers(JsonObject types)
    {
        var inputs = ReferenceInspector.Names(types["input_objects"], "name");
        var outputs = ReferenceInspector.Names(types["objects"], "name");
        foreach (var action in document.Root["actions"].AsObjects())
        {
            InspectMembers(action["definition"].Get("arguments"), inputs, "argument", $"the action '{action["name"].AsText()}'", types);
        }

        foreach (var type in types["input_objects"].AsObjects())
        {
            InspectMembers(type["fields"], inputs, "field", $"the input object type '{type["name"].AsText()}'", types);
        }

        foreach (var type in types["objects"].AsObjects())
        {
            InspectMembers(type["fields"], outputs, "field", $"the object type '{type["name"].AsText()}'", types);
        }
    }

    private void InspectMembers(JsonNode? members, HashSet<string> known, string what, string of, JsonObject types)
    {
        foreach (var member in members.AsObjects())
        {
            if (member["type"].AsText() is { } text && Bare(text) is var name && !known.Contains(name) && !LooksScalar(name, types))
            {
                findings.Warning("MetadataReferenceMissing", member["type"], $"The {what} '{member["name"].AsText()}' of {of} has the type '{name}', which the custom types do not define for it; only a database can.");
            }
        }
    }

    // A scalar of the database can be used without being defined; those names begin with a small letter.
    private static bool LooksScalar(string name, JsonObject types) =>
        BuiltIn.Contains(name)
        || (name.Length > 0 && !char.IsUpper(name[0]))
        || ReferenceInspector.Names(types["scalars"], "name").Contains(name)
        || ReferenceInspector.Names(types["enums"], "name").Contains(name);

    private static string Bare(string type) => type.Replace("[", "").Replace("]", "").Replace("!", "").Trim();

    private void InspectDuplicates(JsonObject types)
    {
        var lists = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var list in TypeLists)
        {
            foreach (var type in types[list].AsObjects())
            {
                if (type["name"].AsText() is { } name && !lists.TryAdd(name, list) && lists[name] != list)
                {
                    findings.Error("MetadataNameConflict", type, $"The custom type '{name}' is defined both in {lists[name]} and in {list}.");
                }
            }
        }
    }

    private void InspectRelationship(JsonObject type, JsonObject relationship)
    {
        var source = relationship["source"].AsText() ?? MetadataDocument.DefaultSource;
        var what = $"The relationship '{relationship["name"].AsText()}' of the custom type '{type["name"].AsText()}'";
        if (!sources.TryGetValue(source, out var tables))
        {
            findings.Error("MetadataReferenceMissing", relationship, $"{what} refers to the source '{source}', which is not in the metadata.");
        }
        else if (QualifiedName.Read(relationship["remote_table"]) is { } table && !tables.Has(table))
        {
            findings.Error("MetadataReferenceMissing", relationship["remote_table"], $"{what} refers to {table}, which the source '{source}' does not track.");
        }
    }
}
