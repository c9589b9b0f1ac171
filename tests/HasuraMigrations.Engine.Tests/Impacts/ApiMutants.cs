using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>Makes random changes of databases and metadata that show in GraphQL schemas; most of them break nothing.</summary>
internal sealed class ApiMutants(Random random, JsonObject root, MetadataState state, string source)
{
    private readonly List<TableInfo> _tables = [.. state.Cache.Tables.Values.Where(t => t.Source == source)];
    private readonly List<string> _roles = [.. RoleRules.Roles(root).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
    private int _number;

    /// <summary>A change of the database.</summary>
    public Mutant Sql()
    {
        var table = Any(_tables);
        var (name, column) = (Quoted(table.Name), Any(table.Facts.Columns));
        var (quoted, number) = (SqlName.Quote(column.Name), ++_number);
        var (text, sql) = random.Next(13) switch
        {
            0 => ("add a column", $"ALTER TABLE {name} ADD COLUMN mutant_{number} {Any(["text", "int", "jsonb", "text[]", "bigint NOT NULL DEFAULT 1", "timestamptz"])}"),
            1 => ($"allow null in {column.Name}", $"ALTER TABLE {name} ALTER COLUMN {quoted} DROP NOT NULL"),
            2 => ($"rule null out in {column.Name}", $"ALTER TABLE {name} ALTER COLUMN {quoted} SET NOT NULL"),
            3 => ($"add a unique key of {column.Name}", $"ALTER TABLE {name} ADD CONSTRAINT mutant_{number} UNIQUE ({quoted})"),
            4 when table.Facts.PrimaryKey is { } key => ("drop the primary key", $"ALTER TABLE {name} DROP CONSTRAINT {SqlName.Quote(key.Name)} CASCADE"),
            5 when table.Facts.UniqueKeys.Any() => ("drop a unique key", $"ALTER TABLE {name} DROP CONSTRAINT {SqlName.Quote(Any(table.Facts.UniqueKeys.ToList()).Name)} CASCADE"),
            6 when table.Facts.PrimaryKey is { } key => ("rename the primary key", $"ALTER INDEX {SqlName.Quote(table.Name.Schema)}.{SqlName.Quote(key.Name)} RENAME TO mutant_{number}"),
            7 => ("comment on the table", $"COMMENT ON TABLE {name} IS 'mutant {number}'"),
            8 => ($"comment on {column.Name}", $"COMMENT ON COLUMN {name}.{quoted} IS 'mutant {number}'"),
            9 => ($"make {column.Name} generated", $"ALTER TABLE {name} DROP COLUMN {quoted} CASCADE, ADD COLUMN {quoted} int GENERATED ALWAYS AS (1) STORED"),
            10 when _tables.Find(t => t.EnumValues is not null) is { } values => ("add a value to an enum table", $"INSERT INTO {Quoted(values.Name)} SELECT {string.Join(", ", values.Facts.Columns.Select(_ => $"'mutant_{number}'"))}"),
            11 => ($"widen {column.Name}", $"ALTER TABLE {name} ALTER COLUMN {quoted} TYPE bigint"),
            _ => ($"make {column.Name} text", $"ALTER TABLE {name} ALTER COLUMN {quoted} TYPE varchar(200)"),
        };
        return new Mutant($"{text} on {table.Name}", sql, null, false);
    }

    /// <summary>A change of the metadata.</summary>
    public Mutant Metadata()
    {
        var number = ++_number;
        // In a copy of the document, things are where they are in the document.
        var (seed, table) = (random.Next(), Any(_tables));
        var what = new List<string>();
        void Edit(JsonObject copy)
        {
            what.Clear();
            var dice = new Random(seed);
            var node = ObjectFinder.Find(copy, ObjectId.OfTable(source, table.Name)).OfType<JsonObject>().First();
            what.Add(dice.Next(4) == 0 ? OfDocument(copy, dice, number) : dice.Next(3) == 0 ? OfTable(table, node, dice, number) : OfPermission(table, node, dice));
        }

        Edit(root.DeepClone().AsObject());
        return new Mutant($"{what[0]} on {table.Name}", null, Edit, false);
    }

    private string OfPermission(TableInfo table, JsonObject node, Random dice)
    {
        var kinds = PermissionRules.Kinds.Where(k => node[$"{k}_permissions"].AsObjects().Any()).ToList();
        if (kinds.Count == 0 || dice.Next(8) == 0)
        {
            return AddPermission(node, dice);
        }

        var kind = Any(kinds, dice);
        var entry = Any(node[$"{kind}_permissions"].AsObjects().ToList(), dice);
        var (role, permission) = (entry["role"].AsText(), entry["permission"]!.AsObject());
        switch (dice.Next(8))
        {
            case 0:
                entry.Detach();
                return $"remove the {kind} permission of {role}";
            case 1 when kind == "select":
                permission["allow_aggregations"] = permission["allow_aggregations"]?.GetValue<bool>() != true;
                return $"switch aggregations of {role}";
            case 2 when kind == "select":
                permission["query_root_fields"] = permission["query_root_fields"] is null ? new JsonArray("select") : null;
                return $"switch root fields of {role}";
            case 3 when kind != "select":
                permission["backend_only"] = permission["backend_only"]?.GetValue<bool>() != true;
                return $"switch {kind} of {role} to backends";
            case 4 when kind is "insert" or "update":
                permission["set"] = new JsonObject { [Any(table.Facts.Columns, dice).Name] = "x-hasura-mutant" };
                return $"preset a column in {kind} of {role}";
            case 5 when kind != "delete":
                permission["columns"] = "*";
                return $"give {role} every column of {kind}";
            default:
                if (permission["columns"] is JsonArray { Count: > 0 } columns)
                {
                    columns.RemoveAt(dice.Next(columns.Count));
                    return $"take a column of {kind} from {role}";
                }

                if (kind != "delete")
                {
                    permission["columns"] = new JsonArray(Any(table.Facts.Columns, dice).Name);
                    return $"leave {role} one column of {kind}";
                }

                goto case 0;
        }
    }

    private string AddPermission(JsonObject node, Random dice)
    {
        var (kind, role) = (Any(PermissionRules.Kinds.ToList(), dice), dice.Next(4) == 0 || _roles.Count == 0 ? "mutant" : Any(_roles, dice));
        if (node[$"{kind}_permissions"].AsObjects().Any(p => p["role"].AsText() == role))
        {
            role = "mutant";
        }

        var permission = kind switch
        {
            "select" => new JsonObject { ["columns"] = "*", ["filter"] = new JsonObject(), ["allow_aggregations"] = true },
            "insert" => new JsonObject { ["columns"] = "*", ["check"] = new JsonObject() },
            "update" => new JsonObject { ["columns"] = "*", ["filter"] = new JsonObject(), ["check"] = null },
            _ => new JsonObject { ["filter"] = new JsonObject() },
        };
        var list = node[$"{kind}_permissions"] as JsonArray ?? [];
        node[$"{kind}_permissions"] = list;
        list.Add(new JsonObject { ["role"] = role, ["permission"] = permission });
        return $"add a {kind} permission of {role}";
    }

    private static string OfTable(TableInfo table, JsonObject node, Random dice, int number)
    {
        var configuration = node["configuration"] as JsonObject ?? [];
        if (configuration.Parent is null)
        {
            node["configuration"] = configuration;
        }

        JsonObject Of(string key)
        {
            var map = configuration[key] as JsonObject ?? [];
            if (map.Parent is null)
            {
                configuration[key] = map;
            }

            return map;
        }

        var links = new[] { "object_relationships", "array_relationships", "computed_fields", "remote_relationships" }.SelectMany(k => node[k].AsObjects()).ToList();
        switch (dice.Next(7))
        {
            case 0:
                configuration["custom_name"] = $"mutant_{number}";
                return "name it otherwise";
            case 1:
                Of("column_config")[Any(table.Facts.Columns, dice).Name] = new JsonObject { ["custom_name"] = $"mutant_{number}" };
                return "name a column otherwise";
            case 2:
                Of("custom_root_fields")[Any(["select", "select_by_pk", "select_aggregate", "insert_one", "update", "delete"], dice)] = $"mutant_{number}";
                return "name a root field otherwise";
            case 3 when links.Count > 0:
                Any(links, dice)["name"] = $"mutant_{number}";
                return "name a field otherwise";
            case 4 when links.Count > 0:
                Any(links, dice).Detach();
                return "remove a field";
            case 5:
                configuration["comment"] = $"mutant {number}";
                return "comment";
            default:
                node.Detach();
                return "untrack it";
        }
    }

    private string OfDocument(JsonObject copy, Random dice, int number)
    {
        var actions = copy["actions"].AsObjects().ToList();
        var objects = copy["custom_types"].Get("objects").AsObjects().Concat(copy["custom_types"].Get("input_objects").AsObjects()).Where(o => o["fields"].AsObjects().Any()).ToList();
        switch (dice.Next(8))
        {
            case 0 when actions.Count > 0:
                Any(actions, dice).Detach();
                return "remove an action";
            case 1 when actions.Count > 0:
                var definition = Any(actions, dice)["definition"]!;
                definition["arguments"] = new JsonArray([.. definition["arguments"].AsObjects().Select(a => a.DeepClone()), new JsonObject { ["name"] = $"mutant_{number}", ["type"] = Any(["Int", "String!", "[Int!]"], dice) }]);
                return "add an argument to an action";
            case 2 when objects.Count > 0:
                var field = Any(Any(objects, dice)["fields"].AsObjects().ToList(), dice);
                field["type"] = field["type"].AsText() is { } type && type.EndsWith('!') ? type[..^1] : $"{field["type"].AsText()}!";
                return "switch null in a custom type";
            case 3 when objects.Count > 0:
                Any(objects, dice)["fields"]!.AsArray().Add(new JsonObject { ["name"] = $"mutant_{number}", ["type"] = Any(["Int", "String!"], dice) });
                return "add a field to a custom type";
            case 4 when actions.Count > 0 && _roles.Count > 0:
                Any(actions, dice)["permissions"] = new JsonArray(new JsonObject { ["role"] = Any(_roles, dice) });
                return "permit an action to one role";
            case 5 when _roles.Count > 1 && !state.Era.IsVersion1:
                copy["inherited_roles"] = new JsonArray([.. copy["inherited_roles"].AsObjects().Select(r => r.DeepClone()), new JsonObject { ["role_name"] = $"mutant_{number}", ["role_set"] = new JsonArray(_roles[0], _roles[1]) }]);
                return "inherit a role";
            case 6 when copy["functions"] is null && copy["sources"] is JsonArray:
                var functions = MetadataTree.SourcesOf(copy).Where(s => s.Name == source).SelectMany(s => s.Node["functions"].AsObjects()).ToList();
                if (functions.Count > 0)
                {
                    Any(functions, dice).Detach();
                    return "untrack a function";
                }

                goto default;
            case 7 when copy["sources"] is JsonArray && dice.Next(3) == 0:
                MetadataTree.SourcesOf(copy).First(s => s.Name == source).Node["customization"] = new JsonObject { [Any(["root_fields", "type_names"], dice)] = new JsonObject { ["prefix"] = $"m{number}_" } };
                return "put a prefix before names";
            default:
                var tables = MetadataTree.SourcesOf(copy).Where(s => s.Name == source).SelectMany(s => MetadataTree.TablesOf(s.Node)).ToList();
                Any(tables, dice).Node.Detach();
                return "untrack another table";
        }
    }

    private T Any<T>(IReadOnlyList<T> list) => Any(list, random);

    private static T Any<T>(IReadOnlyList<T> list, Random dice) => list[dice.Next(list.Count)];

    private static string Quoted(QualifiedName name) => $"{SqlName.Quote(name.Schema)}.{SqlName.Quote(name.Name)}";
}
