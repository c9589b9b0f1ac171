using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

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
        void Input(string operation, string text, ApiColumn[] columns) => types.Add(names.Update(operation), text, columns, static c => c.Input);
        void Typed(string operation, string text, ApiTypeRef type) =>
            types.Add(new ApiType(ApiTypeKind.InputObject, names.Update(operation), text) { InputFields = Array.ConvertAll(json, c => new ApiInputValue(c.Name, type, c.Description)) });

        Input("set", texts.Set, update.Columns);
        Input("inc", texts.Increase, Array.FindAll(update.Columns, c => c.Value.IsNumeric));
        if (json.Length > 0)
        {
            Input("append", Append, json);
            Input("prepend", Prepend, json);
            Typed("delete_key", DeleteKey, new ApiTypeRef("String"));
            Typed("delete_elem", DeleteElement, new ApiTypeRef("Int"));
            Typed("delete_at_path", DeletePath, view.Features.IsVersion1 ? new ApiTypeRef("String").List() : ApiTypeRef.ListOf("String"));
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
        Add("inc", view.Features.Texts.Increment, Array.Exists(columns, c => c.Value.IsNumeric));
        Add("prepend", Prepend, hasJson);
        Add("set", "sets the columns of the filtered rows to the given values", columns.Length > 0);
        return operations;
    }

    /// <summary>The filter of the rows that are updated.</summary>
    internal static ApiInputValue Where(TableView view, bool isWithoutText = false) =>
        new("where", new ApiTypeRef(view.Names.Filter).NonNull(), isWithoutText ? null : "filter the rows which have to be updated");

    /// <summary>Adds the enum of the columns that on_conflict can update; GraphQL has no enum without values.</summary>
    internal static void AddColumns(TableView view, TypeList types)
    {
        if (view.Permissions.Update is { Columns: { Length: > 0 } columns })
        {
            types.Add(view.Names.UpdateColumn, view.Table.Texts.UpdateColumn, columns, static c => c.Choice);
        }
        else
        {
            types.Add(new ApiType(ApiTypeKind.Enum, view.Names.UpdateColumn, view.Table.Texts.Placeholder)
            {
                EnumValues = [new ApiEnumValue("_PLACEHOLDER", "placeholder (do not use)")],
            });
        }
    }
}
