using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>What is inserted into a table, and what happens where a key is there already.</summary>
internal static class InsertTypes
{
    internal static void Add(TableView view, TypeList types)
    {
        if (view.Permissions.Insert is not { } insert)
        {
            return;
        }

        var (names, texts) = (view.Names, view.Table.Texts);
        var fields = new List<ApiInputValue>(insert.Columns.Length + view.Links.Count);
        foreach (var column in insert.Columns)
        {
            fields.Add(column.Input);
        }

        foreach (var (link, _) in view.Links.Where(l => l.Link.IsLocal && l.State.HasFlag(ApiLinkState.Insert)))
        {
            // Servers of version 2 do not ask whether rows can be inserted into a view (Hasura 2.48).
            if (!view.Features.IsVersion1 || link.Target.Info.Facts.IsInsertable)
            {
                fields.Add(TableView.Value(link.Name, link.IsArray ? link.Target.Names.ArrayInsert : link.Target.Names.ObjectInsert));
            }
        }

        types.Add(new ApiType(ApiTypeKind.InputObject, names.Insert, texts.Insert) { InputFields = ApiSort.Sorted(fields) });
        var row = new ApiTypeRef(names.Insert).NonNull();
        types.Add(Nested(view, names.ObjectInsert, texts.ObjectInsert, row));
        types.Add(Nested(view, names.ArrayInsert, texts.ArrayInsert, row.List().NonNull()));
        if (view.HasConflict)
        {
            AddConflict(view, types);
        }
    }

    /// <summary>The argument on_conflict; null where no key can conflict.</summary>
    internal static ApiInputValue? Conflict(TableView view) => !view.HasConflict ? null
        : Conflict(view, view.Features.Texts.OnConflict);

    private static ApiInputValue Conflict(TableView view, string? text) => TableView.Value(view.Naming.Word("on_conflict"), view.Names.Conflict, text);

    private static ApiType Nested(TableView view, string name, string text, ApiTypeRef data) =>
        new(ApiTypeKind.InputObject, name, text)
        {
            InputFields = ApiSort.Of(new ApiInputValue("data", data), view.HasConflict ? Conflict(view, view.Features.Texts.NestedOnConflict) : null),
        };

    private static void AddConflict(TableView view, TypeList types)
    {
        var names = view.Names;
        types.Add(names.Conflict, static t => new ApiType(ApiTypeKind.InputObject, t.Names.Conflict, t.Texts.Conflict)
        {
            InputFields = ApiSort.Of(
                TableView.Value("where", t.Names.Filter),
                new ApiInputValue("constraint", new ApiTypeRef(t.Names.Constraint).NonNull()),
                new ApiInputValue(t.Source.Naming.Word("update_columns"), new ApiTypeRef(t.Names.UpdateColumn).NonNull().List().NonNull(), null, t.Source.Naming.Features.IsVersion1 ? null : "[]")),
        });
        types.Add(names.Constraint, static t => t.MakeConstraint());
        UpdateTypes.AddColumns(view, types);
    }
}
