namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>
/// The descriptions of fields that list the rows of a table under one name. Servers build such fields once: the text of the first one
/// that is built is that of all, and fields inside others are built first (Hasura 2.48).
/// </summary>
internal sealed class ListTexts
{
    private const string OfArray = "An array relationship";
    private const string OfAggregate = "An aggregate relationship";

    private readonly TableView?[] _views;
    private readonly ILookup<(int Target, string Name), int> _lists;
    private readonly ILookup<(int Target, string Name), int> _aggregates;

    internal ListTexts(TableView?[] views)
    {
        _views = views;
        var links = views.OfType<TableView>().Where(v => v.Permissions.Select is not null)
            .SelectMany(v => v.Links.Where(l => l.Link.Kind == ApiLinkKind.Array && l.State.HasFlag(ApiLinkState.Select)).Select(l => (View: v, l.Link, l.State))).ToList();
        _lists = links.ToLookup(l => (l.Link.Target.Index, l.Link.Name), l => l.View.Table.Index);
        _aggregates = links.Where(l => l.State.HasFlag(ApiLinkState.Aggregate)).ToLookup(l => (l.Link.Target.Index, l.Link.AggregateName(l.View.Naming)), l => l.View.Table.Index);
    }

    /// <summary>A root field of a table with the description that servers show.</summary>
    internal ApiField Root(TableView view, ApiField field)
    {
        var (list, aggregate) = view.Roots.Lists;
        return ReferenceEquals(field, list) && IsInside(_lists, view, field.Name) ? field with { Description = OfArray }
            : ReferenceEquals(field, aggregate) && IsInside(_aggregates, view, field.Name) ? field with { Description = OfAggregate }
            : field;
    }

    /// <summary>The description of a field of a custom type that lists the rows of a table.</summary>
    internal string? Other(ApiTable table, string name, bool isAggregate)
    {
        var root = _views[table.Index]?.Roots.Lists is { } lists ? isAggregate ? lists.Aggregate : lists.Select : null;
        if (root?.Name == name)
        {
            return Root(_views[table.Index]!, root).Description;
        }

        return !(isAggregate ? _aggregates : _lists).Contains((table.Index, name)) ? null : isAggregate ? OfAggregate : OfArray;
    }

    // A relationship to the table that the table leads to is inside it, and built first. Where the table does not lead there, the order
    // of the tables in a hash map decides: the relationship comes first where anything that leads to it does, which is likely.
    private static bool IsInside(ILookup<(int Target, string Name), int> lookup, TableView view, string name) => lookup.Contains((view.Table.Index, name));
}
