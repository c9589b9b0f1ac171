using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Types that servers of version 1 show though nothing leads to them.</summary>
internal static class EarlyTypes
{
    // A table that GraphQL cannot name is in no schema (Hasura 1.3.3).
    internal static IEnumerable<ApiType> Of(RoleSchema schema) =>
        from view in schema.Views.OfType<TableView>()
        where view.Table.Roots is not null
        let names = view.Names
        from type in view.Types.Select(t => t.Type)
        where type.Name == names.ObjectInsert || type.Name == names.ArrayInsert || type.Name == names.AggregateOrder || type.Name == names.Aggregate || IsOrderOfFunction(names, type)
        select type;

    private static bool IsOrderOfFunction(TableNames names, ApiType type) =>
        AggregateFunctions.Numeric.Concat(AggregateFunctions.Comparable).Any(f => type.Name == names.OrderOf(f));
}
