namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>What is inserted into a table, and what happens where a key is there already.</summary>
internal static class InsertTypes
{
    internal static void Add(TableView view, List<ApiType> types)
    {
        if (view.Permissions.Insert is not { } insert)
        {
            return;
        }

        var (names, title) = (view.Names, view.Table.Title);
        var fields = new List<ApiInputValue>(insert.Columns.Select(c => c.Input));
        foreach (var (link, _) in view.Links.Where(l => l.Link.IsLocal && l.State.HasFlag(ApiLinkState.Insert)))
        {
            // Servers of version 2 do not ask whether rows can be inserted into a view (Hasura 2.48).
            if (!view.Features.IsVersion1 || link.Target.Info.Facts.IsInsertable)
            {
                fields.Add(TableView.Value(link.Name, link.IsArray ? link.Target.Names.ArrayInsert : link.Target.Names.ObjectInsert));
            }
        }

        types.Add(new ApiType(ApiTypeKind.InputObject, names.Insert, $"input type for inserting data into table \"{title}\"") { InputFields = ApiSort.Sorted(fields) });
        var row = new ApiTypeRef(names.Insert).NonNull();
        types.Add(Nested(view, names.ObjectInsert, "object", row));
        types.Add(Nested(view, names.ArrayInsert, "array", row.List().NonNull()));
        if (view.HasConflict)
        {
            AddConflict(view, types);
        }
    }

    /// <summary>The argument on_conflict; null where no key can conflict.</summary>
    internal static ApiInputValue? Conflict(TableView view) => !view.HasConflict ? null
        : TableView.Value(view.Naming.Word("on_conflict"), view.Names.Conflict, view.Features.HasEarlyTexts ? "on conflict condition" : "upsert condition");

    private static ApiType Nested(TableView view, string name, string noun, ApiTypeRef data) =>
        new(ApiTypeKind.InputObject, name, $"input type for inserting {noun} relation for remote table \"{view.Table.Title}\"")
        {
            InputFields = ApiSort.Of(new ApiInputValue("data", data), Conflict(view)),
        };

    private static void AddConflict(TableView view, List<ApiType> types)
    {
        var (names, naming, title) = (view.Names, view.Naming, view.Table.Title);
        var columns = new ApiTypeRef(names.UpdateColumn).NonNull().List().NonNull();
        types.Add(new ApiType(ApiTypeKind.InputObject, names.Conflict, $"{(view.Features.HasEarlyTexts ? "on conflict" : "on_conflict")} condition type for table \"{title}\"")
        {
            InputFields = ApiSort.Of(
                TableView.Value("where", names.Filter),
                new ApiInputValue("constraint", new ApiTypeRef(names.Constraint).NonNull()),
                new ApiInputValue(naming.Word("update_columns"), columns, null, view.Features.IsVersion1 ? null : "[]")),
        });
        var keys = view.Table.Info.Facts.UniqueKeys.Concat(view.Table.Info.Facts.PrimaryKey is { } primary ? [primary] : []);
        types.Add(new ApiType(ApiTypeKind.Enum, names.Constraint, $"unique or primary key constraints on table \"{title}\"")
        {
            EnumValues = ApiSort.Sorted(keys.Where(k => Shapes.GraphQLText.IsName(k.Name)).Select(k => new ApiEnumValue(
                naming.IsGraphQLThroughout ? naming.Word(k.Name) : k.Name,
                $"unique or primary key constraint on columns {string.Join(", ", k.Columns.Select(c => $"\"{c}\""))}")).ToList()),
        });
        types.Add(UpdateTypes.Columns(view));
    }
}
