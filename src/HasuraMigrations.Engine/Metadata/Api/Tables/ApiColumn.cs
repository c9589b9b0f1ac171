using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

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

/// <summary>The members that a column adds to types. Each is made once for all columns of one name, type and comment, and shared by the types of all roles.</summary>
/// <param name="name">The name of the column in GraphQL.</param>
/// <param name="value">Its type.</param>
/// <param name="description">Its comment.</param>
/// <param name="order">The enum that orders rows.</param>
/// <param name="texts">Texts that depend on the version of the server.</param>
internal sealed class ColumnMembers(string name, ApiValueType value, string? description, string order, ApiTexts texts)
{
    private static readonly ApiInputValue[] Path = [new ApiInputValue("path", new ApiTypeRef("String"), "JSON select path")];

    private ApiField? _row;
    private ApiField? _nullableRow;
    private ApiInputValue? _filter;
    private ApiInputValue? _order;
    private ApiInputValue? _aggregateOrder;
    private ApiInputValue? _input;
    private ApiInputValue? _key;
    private ApiEnumValue? _choice;
    private ApiField? _aggregate;
    private ApiField? _number;

    internal string Name => name;

    internal ApiValueType Value => value;

    internal string? Description => description;

    internal ApiInputValue Filter => _filter ??= new(name, new ApiTypeRef(value.Filter));

    internal ApiInputValue Order => _order ??= new(name, new ApiTypeRef(order));

    internal ApiInputValue AggregateOrder => _aggregateOrder ??= new(name, new ApiTypeRef(order), texts.SinceVersion2(description));

    internal ApiInputValue Input => _input ??= new(name, value.Type, texts.SinceVersion2(description));

    internal ApiInputValue Key => _key ??= new(name, value.Type.NonNull(), description);

    internal ApiEnumValue Choice => _choice ??= new(name, "column name");

    internal ApiField Aggregate => _aggregate ??= new(name, value.Type, texts.SinceVersion2(description));

    internal ApiField Number => _number ??= new(name, new ApiTypeRef("Float"), texts.SinceVersion2(description));

    internal ApiField Row(bool isNullable) => isNullable ? _nullableRow ??= MakeRow(value.Type) : _row ??= MakeRow(value.Type.NonNull());

    private ApiField MakeRow(ApiTypeRef type) => new(name, type, description) { Arguments = value.IsJson ? Path : [] };
}

/// <summary>A column of a tracked table.</summary>
/// <param name="facts">The column in the database.</param>
/// <param name="members">The members that it adds to types.</param>
internal sealed class ApiColumn(CatalogColumn facts, ColumnMembers members)
{
    /// <summary>The column in the database.</summary>
    internal CatalogColumn Facts => facts;

    /// <summary>Its name in GraphQL.</summary>
    internal string Name => members.Name;

    /// <summary>Its type.</summary>
    internal ApiValueType Value => members.Value;

    /// <summary>Its place among the columns of the table by name.</summary>
    internal int Index { get; init; }

    /// <summary>Its comment.</summary>
    internal string? Description => members.Description;

    /// <summary>As field of a filter.</summary>
    internal ApiInputValue Filter => members.Filter;

    /// <summary>As field of an order.</summary>
    internal ApiInputValue Order => members.Order;

    /// <summary>As field of an order by an aggregate.</summary>
    internal ApiInputValue AggregateOrder => members.AggregateOrder;

    /// <summary>As value that is written.</summary>
    internal ApiInputValue Input => members.Input;

    /// <summary>As part of a key.</summary>
    internal ApiInputValue Key => members.Key;

    /// <summary>As value of an enum of columns.</summary>
    internal ApiEnumValue Choice => members.Choice;

    /// <summary>As result of an aggregate that has its type.</summary>
    internal ApiField Aggregate => members.Aggregate;

    /// <summary>As result of an aggregate that is a number.</summary>
    internal ApiField? Number => members.Value.IsNumeric ? members.Number : null;

    /// <summary>As field of a row.</summary>
    /// <param name="isRedacted">Some rows do not show it.</param>
    internal ApiField Row(bool isRedacted) => members.Row(facts.IsNullable || isRedacted);
}
