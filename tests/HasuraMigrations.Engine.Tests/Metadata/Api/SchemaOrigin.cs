using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>
/// What the schema of the role admin can have come from, where only the schema is known: its columns, keys and relationships. All else in it
/// follows from them by the rules of servers.
/// </summary>
internal static class SchemaOrigin
{
    private static readonly Dictionary<string, string> Types = new() { ["String"] = "text", ["Int"] = "int4", ["Boolean"] = "bool", ["Float"] = "float4", ["bigint"] = "int8" };

    /// <summary>Tables with their relationships, and a catalog.</summary>
    public static (JsonArray Tables, JsonObject Catalog) Of(ApiSchema schema)
    {
        var names = schema.Types.Where(t => t.Name.EndsWith("_insert_input", StringComparison.Ordinal) && !t.Name.EndsWith("_rel_insert_input", StringComparison.Ordinal)).Select(t => t.Name[..^"_insert_input".Length]).ToList();
        List<string> Key(string table) => [.. schema.Find($"{table}_pk_columns_input")!.InputFields.Select(f => f.Name)];
        var (tables, facts) = (new JsonArray(), new JsonArray());
        foreach (var table in names)
        {
            var row = schema.Find(table)!;
            var columns = schema.Find($"{table}_insert_input")!.InputFields.Where(f => !f.Type.Name.EndsWith("_rel_insert_input", StringComparison.Ordinal)).ToList();
            var required = columns.Select(c => c.Name).First(c => c == "id" || row.Fields.Single(f => f.Name == c).Type.IsNonNull);
            var relationships = row.Fields.Where(f => names.Contains(f.Type.Name)).ToLookup(f => f.Type.IsList);
            JsonObject Manual(ApiField field) => new() { ["name"] = field.Name, ["using"] = new JsonObject { ["manual_configuration"] = new JsonObject { ["remote_table"] = field.Type.Name, ["column_mapping"] = new JsonObject { [required] = Key(field.Type.Name)[0] } } } };
            // A row is always there where a foreign key of a column that is never null leads to it.
            var keys = relationships[false].Where(f => f.Type.IsNonNull).ToList();
            var free = new Queue<string>(columns.Where(c => c.Name == "id" || row.Fields.Single(f => f.Name == c.Name).Type.IsNonNull).Select(c => c.Name));
            var foreign = keys.ToDictionary(f => f.Name, f => (Column: free.Dequeue(), Target: f.Type.Name));
            tables.Add(new JsonObject
            {
                ["table"] = new JsonObject { ["schema"] = "public", ["name"] = table },
                ["object_relationships"] = new JsonArray([.. relationships[false].Select(f => foreign.TryGetValue(f.Name, out var key) ? new JsonObject { ["name"] = f.Name, ["using"] = new JsonObject { ["foreign_key_constraint_on"] = key.Column } } : Manual(f))]),
                ["array_relationships"] = new JsonArray([.. relationships[true].Select(Manual)]),
            });
            facts.Add(new JsonObject
            {
                ["schema"] = "public",
                ["name"] = table,
                ["kind"] = "r",
                ["cols"] = new JsonArray([.. columns.Select((c, i) => new JsonObject { ["name"] = c.Name, ["pos"] = i + 1, ["type"] = Types.GetValueOrDefault(c.Type.Name, c.Type.Name), ["kind"] = "b", ["nullable"] = c.Name != "id" && !row.Fields.Single(f => f.Name == c.Name).Type.IsNonNull, ["desc"] = null, ["mutable"] = true })]),
                ["idx"] = new JsonArray([.. schema.Find($"{table}_constraint")!.EnumValues.Select(v => new JsonObject { ["name"] = v.Name, ["pk"] = v.Name.EndsWith("_pkey", StringComparison.Ordinal), ["cols"] = new JsonArray([.. Key(table).Select(k => JsonValue.Create(k))]) })]),
                ["fks"] = new JsonArray([.. foreign.Select(f => new JsonObject { ["name"] = $"{table}_{f.Key}_fkey", ["fs"] = "public", ["ft"] = f.Value.Target, ["cols"] = new JsonArray(f.Value.Column), ["fcols"] = new JsonArray(Key(f.Value.Target)[0]) })]),
                ["upd"] = 28,
                ["desc"] = null,
            });
        }

        return (tables, new JsonObject { ["tables"] = facts, ["functions"] = new JsonArray(), ["types"] = new JsonArray([.. Types.Values.Concat(["uuid", "date"]).Select(t => JsonValue.Create(t))]), ["enum_values"] = new JsonObject() });
    }
}
