using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>All types of a table for a role.</summary>
internal static class TableTypes
{
    internal static TypeNode[] Make(TableView view)
    {
        var types = new TypeList(view.Table);
        RowTypes.Add(view, types);
        FilterTypes.Add(view, types);
        if (view.Permissions.Select is not null)
        {
            var functions = AggregateFunctions.Of(view.Selectable);
            OrderTypes.Add(view, functions, types);
            AggregateTypes.Add(view, functions, types);
            PredicateTypes.Add(view, types);
            StreamTypes.Add(view, types);
        }

        InsertTypes.Add(view, types);
        UpdateTypes.Add(view, types);
        if (view.Permissions is not { Insert: null, Update: null, Delete: null })
        {
            types.Add(Response(view));
        }

        return types.ToArray();
    }

    private static ApiType Response(TableView view)
    {
        var fields = new List<ApiField> { new(view.Naming.Word("affected_rows"), new ApiTypeRef("Int").NonNull(), view.Features.Texts.AffectedRows) };
        if (view.Permissions.Select is not null)
        {
            fields.Add(new ApiField("returning", ApiTypeRef.ListOf(view.Names.Row).NonNull(), view.Features.Texts.Returning));
        }

        return new ApiType(ApiTypeKind.Object, view.Names.Response, view.Table.Texts.Response) { Fields = ApiSort.Sorted(fields) };
    }
}
