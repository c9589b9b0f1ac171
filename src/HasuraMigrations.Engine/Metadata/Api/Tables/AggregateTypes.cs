using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>The aggregates of the rows of a table.</summary>
internal static class AggregateTypes
{
    internal static void Add(TableView view, (string Function, ApiColumn[] Columns)[] all, TypeList types)
    {
        // Only a role that may read aggregates has a field that leads here.
        if (!view.Permissions.Select!.HasAggregates)
        {
            return;
        }

        var (names, texts) = (view.Names, view.Table.Texts);
        if (view.Features.HasGroupBy && view.Selectable.Length > 0)
        {
            List<ApiField> fields = [.. Rows(view.Table)];
            AddGroups(view, fields, types);
            types.Add(new ApiType(ApiTypeKind.Object, names.Aggregate, texts.Aggregate) { Fields = ApiSort.Sorted(fields) });
        }
        else if (view.Features.HasGroupBy)
        {
            types.Add(new ApiType(ApiTypeKind.Object, names.Aggregate, texts.Aggregate) { Fields = Rows(view.Table) });
        }
        else
        {
            types.Add(names.Aggregate, static t => new ApiType(ApiTypeKind.Object, t.Names.Aggregate, t.Texts.Aggregate) { Fields = Rows(t) });
        }

        types.Add(new ApiType(ApiTypeKind.Object, names.AggregateFields, texts.AggregateFields) { Fields = ApiSort.Sorted([Count(view), .. Functions(view, all, types)]) });
    }

    private static ApiField[] Rows(ApiTable table) => [new("aggregate", new ApiTypeRef(table.Names.AggregateFields)), new("nodes", ApiTypeRef.ListOf(table.Names.Row).NonNull())];

    private static ApiField Count(TableView view)
    {
        var distinct = new ApiInputValue("distinct", new ApiTypeRef("Boolean"));
        var type = new ApiTypeRef("Int");
        return new ApiField("count", view.Features.IsVersion1 ? type : type.NonNull())
        {
            Arguments = view.Selectable.Length > 0 ? [new ApiInputValue("columns", ApiTypeRef.ListOf(view.Names.SelectColumn)), distinct] : [distinct],
        };
    }

    private static List<ApiField> Functions(TableView view, (string Function, ApiColumn[] Columns)[] all, TypeList types)
    {
        // A computed field is the same here as in a row, whatever the function gives (Hasura 2.27).
        var computed = view.Features.HasComputedAggregates && view.Table.Computed.Count > 0 ? view.Computed.Where(c => c.Field.Value is not null).Select(c => c.Field).ToList() : [];
        var functions = new List<ApiField>(all.Length);
        foreach (var (function, columns) in all)
        {
            var isOrder = Array.IndexOf(AggregateFunctions.Comparable, function) >= 0;
            Func<ApiColumn, ApiField> member = isOrder || function == "sum" ? static c => c.Aggregate : static c => c.Number!;
            var more = computed.Count == 0 ? computed : computed.FindAll(f => isOrder ? f.Value!.IsComparable : f.Value!.IsNumeric);
            if (columns.Length + more.Count == 0)
            {
                continue;
            }

            var (name, text) = (view.Names.Fields(function), AggregateFunctions.TextOf(view.Naming, function));
            functions.Add(new ApiField(view.Naming.Word(function), new ApiTypeRef(name)));
            if (more.Count == 0)
            {
                types.Add(name, text, columns, member);
            }
            else
            {
                types.Add(new ApiType(ApiTypeKind.Object, name, text) { Fields = ApiSort.Sorted([.. columns.Select(member), .. more.Select(f => f.ValueField)]) });
            }
        }

        return functions;
    }

    private static void AddGroups(TableView view, List<ApiField> fields, TypeList types)
    {
        var (names, texts) = (view.Names, view.Table.Texts);
        fields.Add(new ApiField(view.Naming.Word("group_by"), new ApiTypeRef(names.GroupBy).NonNull(), "Groups the table by the specified keys")
        {
            Arguments = [new ApiInputValue("keys", ApiTypeRef.ListOf(names.GroupKey).NonNull(), "The keys on which to group by")],
        });
        types.Add(new ApiType(ApiTypeKind.Object, names.GroupBy, texts.GroupBy)
        {
            Fields = ApiSort.Sorted(new List<ApiField> { new("aggregate", new ApiTypeRef(names.AggregateFields)), new(view.Naming.Word("group_key"), new ApiTypeRef(names.GroupKeyFields).NonNull()) }),
        });
        types.Add(new ApiType(ApiTypeKind.InputObject, names.GroupKey, texts.GroupKey) { InputFields = [new ApiInputValue("column", new ApiTypeRef(names.SelectColumn).NonNull(), "A column grouping key")] });
        types.Add(names.GroupKeyFields, texts.GroupKeyFields, view.Selectable, static c => c.Aggregate);
    }
}
