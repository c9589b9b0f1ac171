using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>The cursor of a stream of rows.</summary>
internal static class StreamTypes
{
    internal static void Add(TableView view, TypeList types)
    {
        if (!view.Features.HasStreams)
        {
            return;
        }

        var names = view.Names;
        types.Add(names.Cursor, static t => new ApiType(ApiTypeKind.InputObject, t.Names.Cursor, t.Names.CursorText)
        {
            InputFields = ApiSort.Of(
                new ApiInputValue(t.Source.Naming.Word("initial_value"), new ApiTypeRef(t.Names.CursorValue).NonNull(), "Stream column input with initial value"),
                new ApiInputValue("ordering", new ApiTypeRef(t.Source.Types.CursorOrdering(t.Source.Naming)), "cursor ordering")),
        });
        types.Add(names.CursorValue, "Initial value of the column from where the streaming should start", view.Selectable, static c => c.Input);
    }
}
