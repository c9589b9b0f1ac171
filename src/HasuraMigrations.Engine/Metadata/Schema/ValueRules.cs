using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>A value in a permission fits the type of its column, or comes from the session.</summary>
internal static class ValueRules
{
    private const string Array = "[]";

    private static readonly HashSet<string> TextTypes = ["text", "varchar", "bpchar", "char", "citext", "name"];
    private static readonly HashSet<string> OtherTypes = ["json", "jsonb", "geometry", "geography", "raster", "ltree", "lquery", "ltxtquery", "uuid", "date", "timestamp", "timestamptz", "time", "timetz"];

    /// <summary>True for a value that the session gives.</summary>
    internal static bool IsSessionVariable(JsonNode? value) =>
        // REQ_USER_ID is an old form that servers still accept (Hasura 1.3.3 and 2.48).
        value.AsText() is { } text && (text.StartsWith("x-hasura-", StringComparison.OrdinalIgnoreCase) || text == "REQ_USER_ID");

    /// <summary>True for a type servers know more of than its name.</summary>
    internal static bool IsKnown(string type) => TextTypes.Contains(type) || OtherTypes.Contains(type) || Range(type) is not null || type is "float4" or "float8" or "numeric" or "bool";

    /// <summary>Looks at a value of a column.</summary>
    /// <exception cref="RuleException">It does not fit.</exception>
    internal static void Check(MetadataEra era, TableInfo table, CatalogColumn column, JsonNode? value)
    {
        if (value is null || IsSessionVariable(value))
        {
            return;
        }

        // Values of enum columns are validated even as strings, since all valid ones are known (Hasura, enum tables).
        if (table.EnumColumns.TryGetValue(column.Name, out var reference))
        {
            if (value.AsText() is not { } text || !reference.Values.Contains(text))
            {
                throw new RuleException($"expected one of the values {string.Join(", ", reference.Values.Select(v => $"\"{v}\""))} for type \"{reference.Table.InGraphQL}\", given {(value.AsText() is { } given ? $"\"{given}\"" : value.ToText())}");
            }

            return;
        }

        // A string is a literal that Postgres casts to the type of the column when a query runs (Hasura 1.3.3 and 2.48).
        if (value.GetValueKind() != JsonValueKind.String)
        {
            // Servers 1.x know an array as a type like any other that they do not know (Hasura 1.3.3 and 2.48).
            CheckJson(era.IsVersion1 && column.Type.EndsWith(Array, StringComparison.Ordinal) ? column.RawType : column.Type, value);
        }
    }

    private static void CheckJson(string type, JsonNode value)
    {
        var kind = value.GetValueKind();
        if (type.EndsWith(Array, StringComparison.Ordinal))
        {
            CheckItems(type[..^Array.Length], value as JsonArray ?? throw Mismatch("[]", "Array", kind));
            return;
        }

        if (type is "json" or "jsonb" || (type is "geometry" or "geography" && kind == JsonValueKind.Object))
        {
            return;
        }

        if (Range(type) is { } range)
        {
            var number = kind == JsonValueKind.Number ? Number(value) : throw Mismatch(TypeNames.InMessage(type), "Number", kind);
            if (number is not { } integer || decimal.Truncate(integer) != integer || integer < range.Low || integer > range.High)
            {
                throw new RuleException($"The value {value.ToText()} lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?");
            }
        }
        else if (type is "float4" or "float8" or "numeric")
        {
            _ = kind == JsonValueKind.Number ? 0 : throw Mismatch(TypeNames.InMessage(type), "Number", kind);
        }
        else if (type == "bool")
        {
            _ = kind is JsonValueKind.True or JsonValueKind.False ? 0 : throw Mismatch("Bool", "Boolean", kind);
        }
        else if (TextTypes.Contains(type))
        {
            throw Mismatch("Text", "String", kind);
        }
        else
        {
            throw new RuleException($"A string is expected for type: {type}");
        }
    }

    private static void CheckItems(string type, JsonArray items)
    {
        foreach (var item in items)
        {
            if (item is not null && item.GetValueKind() != JsonValueKind.String)
            {
                CheckJson(type, item);
            }
        }
    }

    private static decimal? Number(JsonNode value) =>
        decimal.TryParse(value.ToText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static (decimal Low, decimal High)? Range(string type) => type switch
    {
        "int2" => (short.MinValue, short.MaxValue),
        "int4" => (int.MinValue, int.MaxValue),
        "int8" => (long.MinValue, long.MaxValue),
        _ => null,
    };

    private static RuleException Mismatch(string type, string expected, JsonValueKind given) =>
        // This text comes from the server's JSON library and names its types; it differs between versions (Hasura 2.48).
        new($"parsing {type} failed, expected {expected}, but encountered {(given is JsonValueKind.True or JsonValueKind.False ? "Boolean" : given.ToString())}");
}
