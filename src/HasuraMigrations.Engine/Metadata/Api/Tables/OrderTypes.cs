using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>The orders of the rows of a table, and of other rows by its aggregates.</summary>
internal static class OrderTypes
{
    internal static void Add(TableView view, (string Function, ApiColumn[] Columns)[] all, TypeList types)
    {
        var (names, texts, order) = (view.Names, view.Table.Texts, view.Table.Source.Types.OrderBy(view.Naming));
        var fields = new List<ApiInputValue>(view.Selectable.Length + view.Links.Count);
        foreach (var column in view.Selectable)
        {
            fields.Add(column.Order);
        }

        foreach (var (link, _) in view.Links.Where(l => l.Link.IsLocal && l.State.HasFlag(ApiLinkState.Select)))
        {
            fields.Add(link.IsArray ? TableView.Value(link.AggregateOrderName(view.Naming), link.Target.Names.AggregateOrder) : TableView.Value(link.Name, link.Target.Names.Order));
        }

        foreach (var (field, _) in view.Computed.Where(c => c.Field.Arguments is null))
        {
            fields.Add(field.Link is { } link ? TableView.Value(link.AggregateOrderName(view.Naming), link.Target.Names.AggregateOrder) : TableView.Value(field.Name, order));
        }

        types.Add(new ApiType(ApiTypeKind.InputObject, names.Order, texts.Order) { InputFields = ApiSort.Sorted(fields) });

        var functions = new List<ApiInputValue>(all.Length + 1) { TableView.Value("count", order) };
        foreach (var (function, columns) in all)
        {
            if (columns.Length == 0)
            {
                continue;
            }

            functions.Add(TableView.Value(view.Naming.Word(function), names.OrderOf(function)));
            types.Add(names.OrderOf(function), texts.OrderOf(AggregateFunctions.NameInTexts(view.Naming, function)), columns, static c => c.AggregateOrder);
        }

        types.Add(new ApiType(ApiTypeKind.InputObject, names.AggregateOrder, texts.AggregateOrder) { InputFields = ApiSort.Sorted(functions) });
    }
}
