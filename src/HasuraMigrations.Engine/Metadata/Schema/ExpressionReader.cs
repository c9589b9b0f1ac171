using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>Reads the boolean expression of a permission: what it names has to be there, and is noted as needed.</summary>
internal sealed class ExpressionReader(MetadataEra era, SchemaCache cache, string source, List<Need> needs)
{
    private static readonly HashSet<string> Operators =
    [
        "eq", "ne", "neq", "gt", "lt", "gte", "lte", "in", "nin", "like", "nlike", "ilike", "nilike", "similar", "nsimilar", "is_null",
        "contains", "contained_in", "has_key", "has_keys_any", "has_keys_all", "st_contains", "st_crosses", "st_equals", "st_overlaps",
        "st_touches", "st_within", "st_intersects", "st_3d_intersects", "st_d_within", "st_3d_d_within", "ceq", "cne", "cneq", "cgt", "clt",
        "cgte", "clte", "cast", "st_intersects_rast", "st_intersects_nband_geom", "st_intersects_geom_nband",
    ];

    // Since 2.0: regular expressions and ltree (Hasura, operators).
    private static readonly HashSet<string> NewerOperators =
        ["regex", "iregex", "nregex", "niregex", "ancestor", "ancestor_any", "descendant", "descendant_any", "matches", "matches_any", "matches_fulltext"];

    private TableInfo? _root;

    /// <summary>Reads an expression on a table; none says nothing.</summary>
    /// <exception cref="RuleException">It names something that is not there, or compares what cannot be compared.</exception>
    internal void Read(JsonNode? expression, TableInfo table)
    {
        _root = table;
        if (expression is not null)
        {
            ReadPart(expression, table);
        }
    }

    // Only the whole may be missing.
    private void ReadPart(JsonNode? expression, TableInfo table)
    {
        foreach (var (key, value) in expression as JsonObject ?? throw NoObject(expression))
        {
            switch (ExpressionKey(key))
            {
                case "and" or "or":
                    ReadAll(key, value, table);
                    break;
                case "not":
                    ReadPart(value, table);
                    break;
                case "exists":
                    ReadExists(value);
                    break;
                default:
                    ReadField(key, value, table);
                    break;
            }
        }
    }

    /// <summary>Name of a connective; null for that of a field.</summary>
    internal static string? ExpressionKey(string key) =>
        // $ is another spelling of _, which exports replace (Hasura 1.3.3 and 2.48).
        key.Length > 1 && key[0] is '_' or '$' && key[1..] is "and" or "or" or "not" or "exists" ? key[1..] : null;

    private void ReadAll(string key, JsonNode? value, TableInfo table)
    {
        foreach (var item in value as JsonArray ?? throw NoList(key, value))
        {
            ReadPart(item, table);
        }
    }

    private void ReadExists(JsonNode? value)
    {
        var exists = value as JsonObject ?? throw NoObject(value);
        var name = QualifiedName.Read(exists["_table"] ?? exists["$table"]) ?? throw new RuleException("key \"_table\" not found");
        var table = Require(name);
        needs.Add(new Need(ObjectId.OfTable(source, name)));
        ReadPart(exists["_where"] ?? exists["$where"] ?? throw new RuleException("key \"_where\" not found"), table);
    }

    private void ReadField(string key, JsonNode? value, TableInfo table)
    {
        switch (table.Fields.GetValueOrDefault(key))
        {
            case ColumnField column:
                // A static value fits the present type, and a change of it breaks the expression; with session variables it does not
                // (Hasura 1.3.3 and 2.48).
                needs.Add(cache.NeedOf(table, key, HasStaticValue(value)));
                ReadOperators(value, table, column);
                break;
            case RelationshipField relationship:
                needs.Add(new Need(new ObjectId(ObjectKind.Relationship, source, table.Name, key)));
                ReadPart(value, Require(relationship.Target));
                break;
            case ComputedFieldInfo { Table: { } returned }:
                needs.Add(new Need(new ObjectId(ObjectKind.ComputedField, source, table.Name, key)));
                ReadPart(value, Require(returned));
                break;
            case ComputedFieldInfo:
                needs.Add(new Need(new ObjectId(ObjectKind.ComputedField, source, table.Name, key)));
                break;
            case RemoteField:
                needs.Add(new Need(new ObjectId(ObjectKind.RemoteRelationship, source, table.Name, key)));
                break;
            case NativeQueryField:
                // What is in a native query is left to the server.
                break;
            default:
                // Without the word column, unlike in lists of columns: the name may be that of any field (Hasura 2.48).
                throw new RuleException($"\"{key}\" does not exist");
        }
    }

    private void ReadOperators(JsonNode? value, TableInfo table, ColumnField column)
    {
        // PostgreSQL compares jsonb, but not json (PostgreSQL manual, JSON Functions and Operators).
        if (column.Column.Type == "json")
        {
            throw new RuleException("JSON column can not be part of boolean expression");
        }

        // Anything but an object of operators means _eq (Hasura 1.3.3 and 2.48).
        if (value is not JsonObject operators)
        {
            ValueRules.Check(era, table, column.Column, value);
            return;
        }

        foreach (var (name, argument) in operators)
        {
            var known = name.Length > 1 && name[0] is '_' or '$' ? name[1..] : "";
            if (!Operators.Contains(known) && (era.IsVersion1 || !NewerOperators.Contains(known)))
            {
                throw new RuleException($"Unknown operator{era.Colon}{name}");
            }

            ReadOperator(known, argument, table, column);
        }
    }

    private void ReadOperator(string name, JsonNode? argument, TableInfo table, ColumnField column)
    {
        switch (name)
        {
            case "eq" or "ne" or "neq" or "gt" or "lt" or "gte" or "lte":
                ValueRules.Check(era, table, column.Column, argument);
                break;
            case "has_keys_any" or "has_keys_all":
                RequireType(column, "jsonb");
                RequireList(name, argument, column);
                break;
            case "ancestor_any" or "descendant_any" or "matches_any":
                RequireType(column, "ltree");
                RequireList(name, argument, column);
                break;
            case "ancestor" or "descendant" or "matches" or "matches_fulltext":
                RequireType(column, "ltree");
                break;
            case "in" or "nin":
                foreach (var one in RequireList(name, argument, column))
                {
                    ValueRules.Check(era, table, column.Column, one);
                }

                break;
            case "ceq" or "cne" or "cneq" or "cgt" or "clt" or "cgte" or "clte":
                ReadColumnComparison(argument, table, column);
                break;
            case "like" or "nlike" or "ilike" or "nilike" or "similar" or "nsimilar" or "regex" or "iregex" or "nregex" or "niregex":
                RequireType(column, "varchar", "text", "citext", "bpchar", "name", "char");
                break;
            case "has_key" or "contains" or "contained_in":
                RequireType(column, "jsonb");
                break;
            case "st_intersects" or "st_d_within":
                RequireType(column, "geometry", "geography");
                break;
            // The operators st_intersects_* are for raster columns (Hasura 1.3.3 and 2.48).
            case var _ when name.StartsWith("st_", StringComparison.Ordinal) && !name.StartsWith("st_intersects_", StringComparison.Ordinal):
                RequireType(column, "geometry");
                break;
            case "cast":
                RequireCast(column, argument);
                break;
        }
    }

    private void ReadColumnComparison(JsonNode? argument, TableInfo table, ColumnField column)
    {
        var name = argument.AsText() ?? argument.AsTexts().LastOrDefault() ?? "";
        if (argument is JsonArray { Count: > 1 } path)
        {
            // With $, a column of the table of the permission; since 2.0 (Hasura, operators).
            table = path.Count == 2 && path[0].AsText() == "$" && !era.IsVersion1
                ? _root!
                : throw new RuleException("Relationship references are not supported in column comparison RHS");
        }

        if (table.Fields.GetValueOrDefault(name) is not { } other)
        {
            throw new RuleException($"\"{name}\" does not exist");
        }

        if (other is not ColumnField compared)
        {
            throw new RuleException("column operators can only compare postgres columns");
        }

        needs.Add(cache.NeedOf(table, name, isOnType: true));
        if (compared.Column.Type != column.Column.Type)
        {
            throw new RuleException($"incompatible column types{era.Colon}\"{column.Name}\" has type \"{TypeNames.InMessage(column.Column.Type)}\", but \"{compared.Name}\" has type \"{TypeNames.InMessage(compared.Column.Type)}\"");
        }
    }

    private static void RequireCast(ColumnField column, JsonNode? argument)
    {
        var type = column.Column.Type;
        if (column.Column.TypeKind != 'b' || !(ValueRules.IsKnown(type) || type is "jsonb" or "geometry" or "geography") || argument is not JsonObject casts)
        {
            return;
        }

        // Servers know these three casts (Hasura 2.48).
        foreach (var (to, _) in casts.Where(c => (type, c.Key) is not (("geometry", "geography") or ("geography", "geometry") or ("jsonb", "String"))))
        {
            throw new RuleException($"cannot cast column of type \"{TypeNames.InMessage(type)}\" to type \"{(to == "String" ? "text" : to)}\"");
        }
    }

    private static JsonArray RequireList(string name, JsonNode? argument, ColumnField column) =>
        argument is null || ValueRules.IsSessionVariable(argument) ? []
        : argument as JsonArray ?? throw NoList($"_{name} on column \"{column.Name}\"", argument);

    private static RuleException NoObject(JsonNode? value) => new($"parsing Object failed, expected Object, but encountered {value.KindName()}");

    private static RuleException NoList(string where, JsonNode? value) => new($"in {where}: parsing [] failed, expected Array, but encountered {value.KindName()}");

    private static void RequireType(ColumnField column, params string[] types)
    {
        // Types that somebody made may have the operator.
        if (column.Column.TypeKind == 'b' && ValueRules.IsKnown(column.Column.Type) && !types.Contains(column.Column.Type))
        {
            // The text of servers begins with a space, without the name of the column (Hasura 2.48).
            throw new RuleException($" is of type \"{TypeNames.InMessage(column.Column.Type)}\"; this operator works only on columns of type {string.Join(", ", types.Select(t => $"\"{t}\""))}");
        }
    }

    private static bool HasStaticValue(JsonNode? value) =>
        value is JsonObject operators ? operators.Any(o => !ValueRules.IsSessionVariable(o.Value)) : !ValueRules.IsSessionVariable(value);

    private TableInfo Require(QualifiedName name) => cache.FindTable(source, name) ?? throw new RuleException(era.MissingTable(source, name));
}
