namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>The orders of the rows of a table, and of other rows by its aggregates.</summary>
internal static class OrderTypes
{
    internal static void Add(TableView view, TypeList types)
    {
        var (names, texts, order) = (view.Names, view.Table.Texts, view.Table.Source.Types.OrderBy(view.Naming));
        var fields = new List<ApiInputValue>(view.Selectable.Select(c => c.Order));
        foreach (var (link, _) in view.Links.Where(l => l.Link.IsLocal && l.State.HasFlag(ApiLinkState.Select)))
        {
            fields.Add(link.IsArray ? TableView.Value(link.AggregateOrderName(view.Naming), link.Target.Names.AggregateOrder) : TableView.Value(link.Name, link.Target.Names.Order));
        }

        foreach (var (field, _) in view.Computed.Where(c => c.Field.Arguments is null))
        {
            fields.Add(field.Link is { } link ? TableView.Value(link.AggregateOrderName(view.Naming), link.Target.Names.AggregateOrder) : TableView.Value(field.Name, order));
        }

        types.Add(new ApiType(ApiTypeKind.InputObject, names.Order, texts.Order) { InputFields = ApiSort.Sorted(fields) });

        var functions = new List<ApiInputValue> { TableView.Value("count", order) };
        foreach (var (function, columns) in AggregateFunctions.Of(view.Selectable))
        {
            if (columns.Length == 0)
            {
                continue;
            }

            functions.Add(TableView.Value(view.Naming.Word(function), names.OrderOf(function)));
            types.Add(new ApiType(ApiTypeKind.InputObject, names.OrderOf(function), texts.OrderOf(AggregateFunctions.NameInTexts(view.Naming, function))) { InputFields = Array.ConvertAll(columns, c => c.AggregateOrder) });
        }

        types.Add(new ApiType(ApiTypeKind.InputObject, names.AggregateOrder, texts.AggregateOrder) { InputFields = ApiSort.Sorted(functions) });
    }
}
