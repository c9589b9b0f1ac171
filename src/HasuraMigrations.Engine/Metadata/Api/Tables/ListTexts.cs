using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>Array relationships by the table that they lead to and the names of their fields.</summary>
internal sealed class ListTwins
{
    internal ListTwins(IEnumerable<ApiTable> tables)
    {
        var links = tables.SelectMany(t => t.Links.Select((l, i) => (Table: t, Link: l, Index: i))).Where(l => l.Link.Kind == ApiLinkKind.Array).ToList();
        Lists = links.ToLookup(l => (l.Link.Target.Index, l.Link.Name), l => (l.Table.Index, l.Index));
        Aggregates = links.ToLookup(l => (l.Link.Target.Index, l.Link.AggregateName(l.Table.Source.Naming)), l => (l.Table.Index, l.Index));
    }

    /// <summary>Fields that list rows, with the index of their table and their place in it.</summary>
    internal ILookup<(int Target, string Name), (int Table, int Link)> Lists { get; }

    /// <summary>Fields that aggregate rows.</summary>
    internal ILookup<(int Target, string Name), (int Table, int Link)> Aggregates { get; }
}

/// <summary>
/// The descriptions of fields that list the rows of a table under one name. Servers build such fields once: the text of the first one
/// that is built is that of all, and fields inside others are built first (Hasura 2.48).
/// </summary>
internal sealed class ListTexts(ListTwins twins, TableView?[] views)
{
    /// <summary>A root field of a table with the description that servers show.</summary>
    internal ApiField Root(TableView view, ApiField field)
    {
        var (list, aggregate) = view.Roots.Lists;
        return ReferenceEquals(field, list) && HasList(view.Table, field.Name) ? field with { Description = UnstableText.OfArray }
            : ReferenceEquals(field, aggregate) && HasAggregate(view.Table, field.Name) ? field with { Description = UnstableText.OfAggregate }
            : field;
    }

    /// <summary>The description of a field of a custom type that lists the rows of a table.</summary>
    internal string? Other(ApiTable table, string name, bool isAggregate)
    {
        var root = views[table.Index]?.Roots.Lists is { } lists ? isAggregate ? lists.Aggregate : lists.Select : null;
        if (root?.Name == name)
        {
            return Root(views[table.Index]!, root).Description;
        }

        return isAggregate ? HasAggregate(table, name) ? UnstableText.OfAggregate : null : HasList(table, name) ? UnstableText.OfArray : null;
    }

    // A relationship to the table that the table leads to is inside it, and built first. Where the table does not lead there, the order
    // of the tables in a hash map decides: the relationship comes first where anything that leads to it does, which is likely.
    private bool HasList(ApiTable table, string name) => IsAnySeen(twins.Lists, table, name, ApiLinkState.Select);

    private bool HasAggregate(ApiTable table, string name) => IsAnySeen(twins.Aggregates, table, name, ApiLinkState.Select | ApiLinkState.Aggregate);

    // Most fields have no twin, and there is one for each table of each role.
    private bool IsAnySeen(ILookup<(int Target, string Name), (int Table, int Link)> all, ApiTable table, string name, ApiLinkState state) =>
        all.Contains((table.Index, name)) && all[(table.Index, name)].Any(t => IsSeen(t, state));

    private bool IsSeen((int Table, int Link) twin, ApiLinkState state) =>
        views[twin.Table] is { Permissions.Select: not null } view && view.Links[twin.Link].State.HasFlag(state);
}
