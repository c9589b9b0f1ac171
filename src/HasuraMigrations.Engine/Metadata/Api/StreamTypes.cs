namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>The cursor of a stream of rows.</summary>
internal static class StreamTypes
{
    internal static void Add(TableView view, List<ApiType> types)
    {
        if (!view.Features.HasStreams)
        {
            return;
        }

        var (names, naming) = (view.Names, view.Naming);
        types.Add(new ApiType(ApiTypeKind.InputObject, names.Cursor, names.CursorText)
        {
            InputFields = ApiSort.Of(
                new ApiInputValue(naming.Word("initial_value"), new ApiTypeRef(names.CursorValue).NonNull(), "Stream column input with initial value"),
                new ApiInputValue("ordering", new ApiTypeRef(view.Table.Source.Types.CursorOrdering(naming)), "cursor ordering")),
        });
        types.Add(new ApiType(ApiTypeKind.InputObject, names.CursorValue, "Initial value of the column from where the streaming should start") { InputFields = Array.ConvertAll(view.Selectable, c => c.Input) });
    }
}
