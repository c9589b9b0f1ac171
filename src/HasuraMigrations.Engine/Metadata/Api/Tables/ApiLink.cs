using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>What a field that leads to a table is.</summary>
internal enum ApiLinkKind
{
    Object,
    Array,
    Computed,
    RemoteObject,
    RemoteArray,
}

/// <summary>What a role may do with the table that a field leads to.</summary>
[Flags]
internal enum ApiLinkState : byte
{
    None = 0,

    /// <summary>It may read rows.</summary>
    Select = 1,

    /// <summary>It may read aggregates.</summary>
    Aggregate = 2,

    /// <summary>It may read at least one column.</summary>
    Columns = 4,

    /// <summary>It may insert rows.</summary>
    Insert = 8,

    /// <summary>It may read aggregates, and there is one to filter by.</summary>
    Predicate = 16,
}

/// <summary>A field that leads to a table.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Target">The table.</param>
/// <param name="IsRequired">There always is a row.</param>
internal sealed record ApiLink(ApiLinkKind Kind, string Name, ApiTable Target, bool IsRequired = false)
{
    private readonly ApiField?[] _rows = new ApiField[2];
    private readonly ApiField?[] _aggregates = new ApiField[2];

    /// <summary>It leads to many rows.</summary>
    internal bool IsArray => Kind is ApiLinkKind.Array or ApiLinkKind.RemoteArray;

    /// <summary>Filters, orders and inserts know it.</summary>
    internal bool IsLocal => Kind is ApiLinkKind.Object or ApiLinkKind.Array;

    /// <summary>The name of its aggregate in a row.</summary>
    internal string AggregateName(ApiNaming naming) => Kind == ApiLinkKind.RemoteArray ? OtherAggregateName(naming, Name) : naming.Field("", new ApiIdentifier(Name), "aggregate");

    /// <summary>The name of its aggregate in filters, where the name of the relationship stays as it is.</summary>
    internal string AggregateFilterName(ApiNaming naming) => naming.IsGraphQL && naming.Features.HasFullNaming ? $"{Name}Aggregate" : $"{Name}_aggregate";

    /// <summary>The name of its aggregate in orders, where the name of the relationship is one word.</summary>
    internal string AggregateOrderName(ApiNaming naming) => naming.Features.HasFullNaming ? OtherAggregateName(naming, Name) : $"{Name}_aggregate";

    /// <summary>The name of the aggregate of a relationship from another source or from a custom type: the name of the relationship is one word (Hasura 2.48).</summary>
    internal static string OtherAggregateName(ApiNaming naming, string name) => naming.IsGraphQL ? $"{ApiNaming.Lower(name)}Aggregate" : $"{name}_aggregate";

    /// <summary>The field of a row that leads to the rows.</summary>
    internal ApiField Row(bool hasColumns) => _rows[hasColumns ? 1 : 0] ??= MakeRow(hasColumns);

    /// <summary>The field of a row that leads to their aggregate.</summary>
    internal ApiField Aggregate(ApiNaming naming, bool hasColumns) => _aggregates[hasColumns ? 1 : 0] ??=
        new ApiField(AggregateName(naming), new ApiTypeRef(Target.Names.Aggregate).NonNull(), Kind == ApiLinkKind.Array ? naming.Features.Texts.ArrayAggregate : null) { Arguments = Target.Arguments(hasColumns) };

    private ApiField MakeRow(bool hasColumns) => IsArray
        ? new ApiField(Name, ApiTypeRef.ListOf(Target.Names.Row).NonNull(), Kind == ApiLinkKind.Array ? UnstableText.OfArray : null) { Arguments = Target.Arguments(hasColumns) }
        : new ApiField(Name, IsRequired ? new ApiTypeRef(Target.Names.Row).NonNull() : new ApiTypeRef(Target.Names.Row), Kind == ApiLinkKind.Object ? "An object relationship" : null);
}

/// <summary>A computed field.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">Its description; null for none.</param>
internal sealed record ApiComputedField(string Name, string? Description)
{
    /// <summary>The type of its value; null where it gives rows.</summary>
    internal ApiValueType? Value { get; init; }

    /// <summary>The field that leads to its rows; null where it gives a value.</summary>
    internal ApiLink? Link { get; init; }

    /// <summary>The argument with the arguments of the function; null where it has none.</summary>
    internal ApiInputValue? Arguments { get; init; }

    /// <summary>The field with a value.</summary>
    internal ApiField ValueField { get; init; } = null!;

    /// <summary>The field with rows.</summary>
    internal ApiField Rows(bool hasColumns) =>
        new(Name, ApiTypeRef.ListOf(Link!.Target.Names.Row), Description) { Arguments = [.. Arguments is null ? [] : new[] { Arguments }, .. Link.Target.Arguments(hasColumns)] };
}

/// <summary>A field that leads to a native query.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsArray">It leads to many rows.</param>
/// <param name="Query">The native query.</param>
internal sealed record ApiNativeLink(string Name, bool IsArray, NativeQuery Query)
{
    /// <summary>The field of a row.</summary>
    internal ApiField Field { get; } = Query.Field(Name, IsArray);

    /// <summary>The name of the type that filters by it.</summary>
    internal string Filter => Query.Model.FilterName;
}
