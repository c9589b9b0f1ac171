using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>An enum table has a text key, at most a comment beside it, and rows whose keys are GraphQL names.</summary>
internal static class EnumTableRules
{
    /// <summary>The values of an enum table.</summary>
    /// <exception cref="RuleException">It cannot be one.</exception>
    internal static IReadOnlyList<string> Read(QualifiedName name, CatalogTable table, DatabaseCatalog catalog)
    {
        var causes = new List<string>();
        ReadColumns(table, causes);
        var rows = causes.Count == 0 ? catalog.FindEnumRows(name.Schema, name.Name) : null;
        if (rows is not null)
        {
            ReadRows(rows, causes);
        }

        return causes.Count == 0
            ? [.. rows?.Values.Select(v => v.Value) ?? []]
            : throw new RuleException(MessageNames.Because($"the table \"{name.InMessage()}\" cannot be used as an enum", causes));
    }

    /// <summary>True for a table that can be an enum table.</summary>
    internal static bool CanBe(QualifiedName name, CatalogTable table, DatabaseCatalog catalog)
    {
        try
        {
            _ = Read(name, table, catalog);
            return true;
        }
        catch (RuleException)
        {
            return false;
        }
    }

    private static void ReadColumns(CatalogTable table, List<string> causes)
    {
        switch (table.PrimaryKey)
        {
            case null:
                causes.Add("the table must have a primary key");
                break;
            // Exactly text: varchar fails, but a domain counts as its base type (Hasura, enum tables). The typographic apostrophe
            // is in the text of servers (Hasura 2.48).
            case { Columns: [var key] } when table.FindColumn(key)!.Type != "text":
                causes.Add($"the table’s primary key (\"{key}\") must have type \"text\", not type \"{NameOf(table.FindColumn(key)!)}\"");
                break;
            case { Columns.Count: > 1 } primary:
                causes.Add($"the table’s primary key must not span multiple columns ({string.Join(", ", primary.Columns.Order(StringComparer.Ordinal))})");
                break;
        }

        var others = table.Columns.Where(c => table.PrimaryKey?.Columns.Contains(c.Name) != true).ToList();
        if (table.PrimaryKey is null ? table.Columns.Count > 2 : others.Count > 1)
        {
            causes.Add($"the table must have exactly one primary key and optionally one comment column, not {table.Columns.Count} columns ({string.Join(", ", table.Columns.Select(c => c.Name).Order(StringComparer.Ordinal))})");
        }
        else if (table.PrimaryKey is not null && others is [var comment] && comment.Type != "text")
        {
            // A single other column is the comment, whatever its name (Hasura, enum tables).
            causes.Add($"the table’s comment column (\"{comment.Name}\") must have type \"text\", not type \"{NameOf(comment)}\"");
        }
    }

    private static void ReadRows(EnumRows rows, List<string> causes)
    {
        if (rows.Error is not null)
        {
            causes.Add($"postgres error: {rows.Error}");
            return;
        }

        // GraphQL has no enum without values (Hasura, enum tables).
        if (rows.Values.Count == 0)
        {
            causes.Add("the table must have at least one row");
            return;
        }

        var bad = rows.Values.Select(v => v.Value).Where(v => !GraphQLText.IsEnumValue(v)).ToList();
        if (bad.Count == 1)
        {
            causes.Add($"the value \"{bad[0]}\" is not a valid GraphQL enum value name");
        }
        else if (bad.Count > 1)
        {
            var quoted = bad.Select(b => $"\"{b}\"").ToList();
            causes.Add($"the values {string.Join(", ", quoted.SkipLast(1))}{(quoted.Count > 2 ? "," : "")} and {quoted[^1]} are not valid GraphQL enum value names");
        }
    }

    // Servers know some types by the names of SQL.
    private static string NameOf(CatalogColumn column) => TypeNames.InMessage(column.Type);

}

/// <summary>Names of types as servers write them in messages.</summary>
internal static class TypeNames
{
    /// <summary>The name in a message.</summary>
    internal static string InMessage(string type) => type switch
    {
        "int4" => "integer",
        "int2" => "smallint",
        "int8" => "bigint",
        "bool" => "boolean",
        "float4" => "real",
        // Servers write real for float4, but keep float8 for double precision (Hasura 2.48).
        "float8" => "float8",
        _ => type,
    };
}
