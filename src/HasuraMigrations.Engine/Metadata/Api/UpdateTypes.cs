namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>How the columns of a table are updated.</summary>
internal static class UpdateTypes
{
    private const string Append = "append existing jsonb value of filtered columns with new jsonb value";
    private const string Prepend = "prepend existing jsonb value of filtered columns with new jsonb value";
    private const string DeleteKey = "delete key/value pair or string element. key/value pairs are matched based on their key value";
    private const string DeleteElement = "delete the array element with specified index (negative integers count from the end). throws an error if top level container is not an array";
    private const string DeletePath = "delete the field or element with specified path (for JSON arrays, negative integers count from the end)";

    internal static void Add(TableView view, TypeList types)
    {
        if (view.Permissions.Update is not { } update)
        {
            return;
        }

        var (names, texts) = (view.Names, view.Table.Texts);
        var json = Array.FindAll(update.Columns, c => c.Value.Text == "jsonb");
        void Input(string operation, string text, IEnumerable<ApiInputValue> fields) =>
            types.Add(new ApiType(ApiTypeKind.InputObject, names.Update(operation), text) { InputFields = [.. fields] });
        ApiInputValue Typed(ApiColumn column, ApiTypeRef type) => new(column.Name, type, column.Description);

        Input("set", texts.Set, update.Columns.Select(c => c.Input));
        Input("inc", texts.Increase, update.Columns.Where(c => c.Value.IsNumeric).Select(c => c.Input));
        if (json.Length > 0)
        {
            var path = view.Features.IsVersion1 ? new ApiTypeRef("String").List() : ApiTypeRef.ListOf("String");
            Input("append", Append, json.Select(c => c.Input));
            Input("prepend", Prepend, json.Select(c => c.Input));
            Input("delete_key", DeleteKey, json.Select(c => Typed(c, new ApiTypeRef("String"))));
            Input("delete_elem", DeleteElement, json.Select(c => Typed(c, new ApiTypeRef("Int"))));
            Input("delete_at_path", DeletePath, json.Select(c => Typed(c, path)));
        }

        types.Add(names.KeyColumns, static t => new ApiType(ApiTypeKind.InputObject, t.Names.KeyColumns, t.Texts.KeyColumns) { InputFields = [.. t.Key.Select(c => c.Key)] });
        types.Add(new ApiType(ApiTypeKind.InputObject, names.Updates, null) { InputFields = ApiSort.Sorted([.. Operations(view), Where(view, view.Features.HasEarlyTexts)]) });
    }

    /// <summary>The operations that a role has a column for.</summary>
    internal static List<ApiInputValue> Operations(TableView view)
    {
        var (columns, operations) = (view.Permissions.Update!.Columns, new List<ApiInputValue>());
        void Add(string operation, string text, bool isThere)
        {
            if (isThere)
            {
                operations.Add(TableView.Value(view.Naming.Word($"_{operation}"), view.Names.Update(operation), text));
            }
        }

        var hasJson = Array.Exists(columns, c => c.Value.Text == "jsonb");
        Add("append", Append, hasJson);
        Add("delete_at_path", DeletePath, hasJson);
        Add("delete_elem", DeleteElement, hasJson);
        Add("delete_key", DeleteKey, hasJson);
        Add("inc", "increments the numeric columns with given value of the filtered values", Array.Exists(columns, c => c.Value.IsNumeric));
        Add("prepend", Prepend, hasJson);
        Add("set", "sets the columns of the filtered rows to the given values", columns.Length > 0);
        return operations;
    }

    /// <summary>The filter of the rows that are updated.</summary>
    internal static ApiInputValue Where(TableView view, bool isWithoutText = false) =>
        new("where", new ApiTypeRef(view.Names.Filter).NonNull(), isWithoutText ? null : "filter the rows which have to be updated");

    /// <summary>The enum of the columns that on_conflict can update; GraphQL has no enum without values.</summary>
    internal static ApiType Columns(TableView view) => view.Permissions.Update is { Columns: { Length: > 0 } columns }
        ? new ApiType(ApiTypeKind.Enum, view.Names.UpdateColumn, view.Table.Texts.UpdateColumn) { EnumValues = [.. columns.Select(c => c.Choice)] }
        : new ApiType(ApiTypeKind.Enum, view.Names.UpdateColumn, view.Table.Texts.Placeholder)
        {
            EnumValues = [new ApiEnumValue("_PLACEHOLDER", "placeholder (do not use)")],
        };
}
