using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>The type of a row, and the enum of its columns.</summary>
internal static class RowTypes
{
    internal static void Add(TableView view, TypeList types)
    {
        var table = view.Table;
        if (view.Permissions.Select is not { } select)
        {
            return;
        }

        var fields = new List<ApiField>(select.Columns.Length + 2 * table.Links.Count);
        foreach (var column in select.Columns)
        {
            fields.Add(column.Row(select.IsRedacted(column)));
        }

        foreach (var (link, state) in view.Links.Where(l => l.State.HasFlag(ApiLinkState.Select)))
        {
            var hasColumns = state.HasFlag(ApiLinkState.Columns);
            fields.Add(link.Row(hasColumns));
            if (link.IsArray && state.HasFlag(ApiLinkState.Aggregate))
            {
                fields.Add(link.Aggregate(link.Kind == ApiLinkKind.RemoteArray ? link.Target.Source.Naming : view.Naming, hasColumns));
            }
        }

        fields.AddRange(view.Computed.Select(c => c.Field.Link is null ? c.Field.ValueField : c.Field.Rows(c.State.HasFlag(ApiLinkState.Columns))));
        fields.AddRange(view.NativeLinks.Select(n => n.Field));
        types.Add(new ApiType(ApiTypeKind.Object, view.Names.Row, view.Table.Description) { Fields = ApiSort.Sorted(fields) });
        if (select.Columns.Length > 0)
        {
            types.Add(view.Names.SelectColumn, view.Table.Texts.SelectColumn, select.Columns, static c => c.Choice);
        }
    }
}
