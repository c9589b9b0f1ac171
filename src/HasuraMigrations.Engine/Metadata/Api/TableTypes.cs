namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>All types of a table for a role.</summary>
internal static class TableTypes
{
    internal static TypeNode[] Make(TableView view)
    {
        var types = new List<ApiType>(24);
        RowTypes.Add(view, types);
        FilterTypes.Add(view, types);
        if (view.Permissions.Select is not null)
        {
            OrderTypes.Add(view, types);
            AggregateTypes.Add(view, types);
            PredicateTypes.Add(view, types);
            StreamTypes.Add(view, types);
        }

        InsertTypes.Add(view, types);
        UpdateTypes.Add(view, types);
        if (view.Permissions is not { Insert: null, Update: null, Delete: null })
        {
            types.Add(Response(view));
        }

        var nodes = new TypeNode[types.Count];
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i] = new TypeNode(view.Table.Source.Types.Index, types[i]);
        }

        return nodes;
    }

    private static ApiType Response(TableView view)
    {
        var fields = new List<ApiField> { new(view.Naming.Word("affected_rows"), new ApiTypeRef("Int").NonNull(), "number of rows affected by the mutation") };
        if (view.Permissions.Select is not null)
        {
            fields.Add(new ApiField("returning", ApiTypeRef.ListOf(view.Names.Row).NonNull(), "data from the rows affected by the mutation"));
        }

        return new ApiType(ApiTypeKind.Object, view.Names.Response, view.Table.Texts.Response) { Fields = ApiSort.Sorted(fields) };
    }
}
