using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>The filter of the rows of a table.</summary>
internal static class FilterTypes
{
    internal static void Add(TableView view, TypeList types)
    {
        var (names, self) = (view.Names, new ApiTypeRef(view.Names.Filter));
        var list = view.Features.IsVersion1 ? self.List() : self.NonNull().List();
        var fields = new List<ApiInputValue>(view.Selectable.Length + 8) { new("_and", list), new("_not", self), new("_or", list) };
        foreach (var column in view.Selectable)
        {
            fields.Add(column.Filter);
        }

        var isReader = view.Permissions.Select is not null;
        foreach (var (link, state) in view.Links.Where(l => l.Link.IsLocal && l.State.HasFlag(ApiLinkState.Select)))
        {
            if (isReader)
            {
                fields.Add(TableView.Value(link.Name, link.Target.Names.Filter));
            }

            // A role that may not read the table itself can filter by aggregates of others (Hasura 2.14).
            if (link.IsArray && state.HasFlag(ApiLinkState.Predicate))
            {
                fields.Add(TableView.Value(link.AggregateFilterName(view.Naming), link.Target.Names.Predicate));
            }
        }

        if (isReader)
        {
            foreach (var (field, _) in view.Computed.Where(static c => c.Field.Arguments is null))
            {
                fields.Add(TableView.Value(field.Name, field.Link?.Target.Names.Filter ?? field.Value!.Filter));
            }

            fields.AddRange(view.NativeLinks.Select(n => TableView.Value(n.Name, n.Filter)));
        }

        types.Add(new ApiType(ApiTypeKind.InputObject, names.Filter, view.Table.Texts.Filter) { InputFields = ApiSort.Sorted(fields) });
    }
}
