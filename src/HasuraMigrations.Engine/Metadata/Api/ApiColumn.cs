using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>The type of a column, or of a value that a function or a native query gives.</summary>
/// <param name="Type">The type in GraphQL, with null.</param>
/// <param name="Filter">Name of the type that filters by it.</param>
/// <param name="IsNumeric">_inc, avg and sum take it.</param>
/// <param name="IsComparable">max and min take it.</param>
/// <param name="IsJson">A path leads into it.</param>
/// <param name="Text">The name that a server gives the type of the database.</param>
internal sealed record ApiValueType(ApiTypeRef Type, string Filter, bool IsNumeric, bool IsComparable, bool IsJson, string Text)
{
    /// <summary>The type of a known or unknown scalar.</summary>
    internal static ApiValueType Of(ApiNaming naming, ComparisonTypes filters, PostgresScalar scalar) =>
        new(new ApiTypeRef(ComparisonTypes.ScalarName(naming, scalar.Name)), filters.Of(naming, scalar), scalar.IsNumeric, scalar.IsComparable, scalar.IsJson, scalar.Text);

    /// <summary>The type of a column.</summary>
    /// <param name="naming">The names of the source.</param>
    /// <param name="filters">The filters of columns.</param>
    /// <param name="column">The column.</param>
    /// <param name="enumType">The enum that its enum table makes; null for none.</param>
    internal static ApiValueType Of(ApiNaming naming, ComparisonTypes filters, CatalogColumn column, string? enumType)
    {
        var features = naming.Features;
        if (enumType is not null)
        {
            return new ApiValueType(new ApiTypeRef(enumType), filters.OfEnum(naming, enumType), false, false, false, "enum");
        }

        switch (column.TypeKind)
        {
            case 'e':
                return Opaque(naming, filters, new PostgresScalar(column.Type, column.Type, false), features.HasComparableEnums);
            case 'c':
                return Opaque(naming, filters, new PostgresScalar($"{column.Type}_scalar", column.Type, false), true);
        }

        if (!column.Type.EndsWith("[]", StringComparison.Ordinal))
        {
            return Of(naming, filters, PostgresScalar.Of(column.Type));
        }

        var element = PostgresScalar.Of(column.Type[..^2]);
        return features.HasArrays
            ? new ApiValueType(ApiTypeRef.ListOf(ComparisonTypes.ScalarName(naming, element.Name)), filters.OfArray(naming, element), false, true, false, "array")
            : Opaque(naming, filters, features.KnowsArrays ? new PostgresScalar($"_{element.Text}", $"_{element.Text}", false) : PostgresScalar.Of(column.RawType), features.KnowsArrays);
    }

    private static ApiValueType Opaque(ApiNaming naming, ComparisonTypes filters, PostgresScalar scalar, bool isComparable) =>
        Of(naming, filters, scalar) with { IsComparable = isComparable };
}

/// <summary>A column of a tracked table, with the members that it adds to types; each is made once and shared by the types of all roles.</summary>
/// <param name="facts">The column in the database.</param>
/// <param name="name">Its name in GraphQL.</param>
/// <param name="value">Its type.</param>
/// <param name="description">Its comment.</param>
/// <param name="order">The enum that orders rows.</param>
internal sealed class ApiColumn(CatalogColumn facts, string name, ApiValueType value, string? description, string order)
{
    private static readonly ApiInputValue[] Path = [new ApiInputValue("path", new ApiTypeRef("String"), "JSON select path")];

    private ApiField? _row;
    private ApiField? _nullableRow;

    /// <summary>The column in the database.</summary>
    internal CatalogColumn Facts => facts;

    /// <summary>Its name in GraphQL.</summary>
    internal string Name => name;

    /// <summary>Its type.</summary>
    internal ApiValueType Value => value;

    /// <summary>Its place among the columns of the table by name.</summary>
    internal int Index { get; init; }

    /// <summary>Its comment.</summary>
    internal string? Description => description;

    /// <summary>As field of a filter.</summary>
    internal ApiInputValue Filter { get; } = new(name, new ApiTypeRef(value.Filter));

    /// <summary>As field of an order.</summary>
    internal ApiInputValue Order { get; } = new(name, new ApiTypeRef(order));

    /// <summary>As field of an order by an aggregate.</summary>
    internal ApiInputValue AggregateOrder { get; } = new(name, new ApiTypeRef(order), description);

    /// <summary>As value that is written.</summary>
    internal ApiInputValue Input { get; } = new(name, value.Type, description);

    /// <summary>As part of a key.</summary>
    internal ApiInputValue Key { get; } = new(name, value.Type.NonNull(), description);

    /// <summary>As value of an enum of columns.</summary>
    internal ApiEnumValue Choice { get; } = new(name, "column name");

    /// <summary>As result of an aggregate that has its type.</summary>
    internal ApiField Aggregate { get; } = new(name, value.Type, description);

    /// <summary>As result of an aggregate that is a number.</summary>
    internal ApiField? Number { get; } = value.IsNumeric ? new(name, new ApiTypeRef("Float"), description) : null;

    /// <summary>As field of a row.</summary>
    /// <param name="isRedacted">Some rows do not show it.</param>
    internal ApiField Row(bool isRedacted) =>
        facts.IsNullable || isRedacted ? _nullableRow ??= MakeRow(value.Type) : _row ??= MakeRow(value.Type.NonNull());

    private ApiField MakeRow(ApiTypeRef type) => new(name, type, description) { Arguments = value.IsJson ? Path : [] };
}
