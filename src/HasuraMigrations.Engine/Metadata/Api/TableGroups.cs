namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Tables whose rows lead to each other: the strong components of the graph of fields, by Tarjan's algorithm.</summary>
internal sealed class TableGroups
{
    private readonly TableView?[] _views;
    private readonly int[] _order;
    private readonly int[] _low;
    private readonly bool[] _isOpen;
    private readonly Stack<int> _open = new();
    private int _count;

    internal TableGroups(TableView?[] views)
    {
        (_views, _order, _low, _isOpen, Groups) = (views, new int[views.Length], new int[views.Length], new bool[views.Length], new int[views.Length]);
        for (var i = 0; i < views.Length; i++)
        {
            if (_order[i] == 0 && views[i] is not null)
            {
                Visit(i);
            }
        }
    }

    /// <summary>A number for each table; equal ones lead to each other.</summary>
    internal int[] Groups { get; }

    // Not recursive: tables can be chained in thousands.
    private void Visit(int first)
    {
        var way = new Stack<(int Table, IEnumerator<int> Next)>();
        Enter(way, first);
        while (way.TryPeek(out var step))
        {
            if (step.Next.MoveNext())
            {
                var next = step.Next.Current;
                if (_order[next] == 0)
                {
                    Enter(way, next);
                }
                else if (_isOpen[next])
                {
                    _low[step.Table] = Math.Min(_low[step.Table], _order[next]);
                }

                continue;
            }

            way.Pop();
            if (way.TryPeek(out var parent))
            {
                _low[parent.Table] = Math.Min(_low[parent.Table], _low[step.Table]);
            }

            Close(step.Table);
        }
    }

    private void Enter(Stack<(int Table, IEnumerator<int> Next)> way, int table)
    {
        _order[table] = _low[table] = ++_count;
        _isOpen[table] = true;
        _open.Push(table);
        way.Push((table, Targets(table).GetEnumerator()));
    }

    private void Close(int table)
    {
        if (_low[table] != _order[table])
        {
            return;
        }

        int member;
        do
        {
            member = _open.Pop();
            _isOpen[member] = false;
            Groups[member] = _order[table];
        }
        while (member != table);
    }

    private IEnumerable<int> Targets(int table) => _views[table] is not { Permissions.Select: not null } view
        ? []
        : view.Links.Where(l => l.State.HasFlag(ApiLinkState.Select)).Select(l => l.Link.Target.Index)
            .Concat(view.Computed.Where(c => c.Field.Link is not null).Select(c => c.Field.Link!.Target.Index))
            .Where(t => _views[t] is not null);
}
