namespace HasuraMigrations.Engine.Reports;

/// <summary>A box of a diagram.</summary>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
internal sealed record SchemaBox(double Width, double Height)
{
    /// <summary>Left edge.</summary>
    internal double X { get; set; }

    /// <summary>Upper edge.</summary>
    internal double Y { get; set; }
}

/// <summary>
/// Places boxes so that what refers stands right of what it refers to. Tables that are connected are placed together; those without a
/// line stand below in rows.
/// </summary>
internal sealed class SchemaLayout
{
    private const double ColumnGap = 90;
    private const double RowGap = 22;
    private const double GroupGap = 60;
    private const int Sweeps = 6;

    private readonly IReadOnlyList<SchemaBox> _boxes;
    private readonly List<int>[] _parents;
    private readonly List<int>[] _children;

    private SchemaLayout(IReadOnlyList<SchemaBox> boxes, IEnumerable<(int Child, int Parent)> edges)
    {
        _boxes = boxes;
        _parents = [.. boxes.Select(_ => new List<int>())];
        _children = [.. boxes.Select(_ => new List<int>())];
        foreach (var (child, parent) in edges.Where(e => e.Child != e.Parent).Distinct())
        {
            _parents[child].Add(parent);
            _children[parent].Add(child);
        }
    }

    /// <summary>Places boxes.</summary>
    /// <returns>Width and height of the whole.</returns>
    internal static (double Width, double Height) Place(IReadOnlyList<SchemaBox> boxes, IEnumerable<(int Child, int Parent)> edges)
    {
        var layout = new SchemaLayout(boxes, edges);
        var groups = layout.Groups().Select(g => (Boxes: g, Size: layout.PlaceGroup(g))).OrderByDescending(g => g.Boxes.Count).ThenBy(g => g.Boxes[0]).ToList();
        var width = Math.Max(groups.Select(g => g.Size.Width).DefaultIfEmpty().Max(), Math.Sqrt(boxes.Sum(b => (b.Width + 40) * (b.Height + RowGap))) * 1.4);
        return layout.Pack(groups, width);
    }

    private List<List<int>> Groups()
    {
        var group = Enumerable.Repeat(-1, _boxes.Count).ToArray();
        var groups = new List<List<int>>();
        for (var i = 0; i < _boxes.Count; i++)
        {
            if (group[i] >= 0)
            {
                continue;
            }

            var members = new List<int> { i };
            group[i] = groups.Count;
            for (var at = 0; at < members.Count; at++)
            {
                foreach (var next in _parents[members[at]].Concat(_children[members[at]]).Where(n => group[n] < 0))
                {
                    group[next] = groups.Count;
                    members.Add(next);
                }
            }

            members.Sort();
            groups.Add(members);
        }

        return groups;
    }

    private (double Width, double Height) PlaceGroup(List<int> group)
    {
        if (group.Count == 1)
        {
            return (_boxes[group[0]].Width, _boxes[group[0]].Height);
        }

        var layers = Layers(group);
        Order(layers);
        // A layer that is much higher than the others is laid in several columns.
        var area = group.Sum(i => (_boxes[i].Width + ColumnGap) * (_boxes[i].Height + RowGap));
        var highest = Math.Max(group.Max(i => _boxes[i].Height), Math.Sqrt(area * 0.7));
        var columns = layers.SelectMany(l => Columns(l, highest)).ToList();
        var height = columns.Max(c => Height(c));
        var x = 0.0;
        foreach (var column in columns)
        {
            var y = (height - Height(column)) / 2;
            foreach (var box in column.Select(i => _boxes[i]))
            {
                (box.X, box.Y) = (x, y);
                y += box.Height + RowGap;
            }

            x += column.Max(i => _boxes[i].Width) + ColumnGap;
        }

        return (x - ColumnGap, height);
    }

    private double Height(List<int> column) => column.Sum(i => _boxes[i].Height + RowGap) - RowGap;

    private List<List<int>> Columns(List<int> layer, double highest)
    {
        var count = Math.Max(1, (int)Math.Ceiling(Height(layer) / highest));
        var each = Height(layer) / count;
        var columns = new List<List<int>> { new() };
        foreach (var box in layer)
        {
            if (columns[^1].Count > 0 && columns.Count < count && Height(columns[^1]) + (_boxes[box].Height / 2) > each)
            {
                columns.Add([]);
            }

            columns[^1].Add(box);
        }

        return columns;
    }

    // A table stands one layer behind the farthest one that it refers to. In a circle, the reference that closes it does not count.
    private List<List<int>> Layers(List<int> group)
    {
        var layer = new Dictionary<int, int>();
        var open = new HashSet<int>();
        foreach (var start in group)
        {
            Visit(start);
        }

        // Tables that others refer to stand as near to them as they can.
        foreach (var i in group.OrderByDescending(i => layer[i]))
        {
            var next = _children[i].Where(c => layer[c] > layer[i]).Select(c => layer[c]).DefaultIfEmpty(-1).Min();
            layer[i] = _parents[i].Count == 0 && next > 0 ? next - 1 : layer[i];
        }

        return [.. group.GroupBy(i => layer[i]).OrderBy(g => g.Key).Select(g => g.ToList())];

        void Visit(int start)
        {
            // Chains may be longer than the stack is deep.
            var stack = new Stack<(int Table, int Next)>();
            stack.Push((start, 0));
            while (stack.TryPop(out var at))
            {
                if (layer.ContainsKey(at.Table))
                {
                    continue;
                }

                open.Add(at.Table);
                var next = at.Next;
                while (next < _parents[at.Table].Count && (layer.ContainsKey(_parents[at.Table][next]) || open.Contains(_parents[at.Table][next])))
                {
                    next++;
                }

                if (next < _parents[at.Table].Count)
                {
                    stack.Push((at.Table, next + 1));
                    stack.Push((_parents[at.Table][next], 0));
                    continue;
                }

                layer[at.Table] = _parents[at.Table].Where(layer.ContainsKey).Select(p => layer[p] + 1).DefaultIfEmpty(0).Max();
                open.Remove(at.Table);
            }
        }
    }

    // Each table goes near to the middle of its neighbours in the layers around it.
    private void Order(List<List<int>> layers)
    {
        var place = new Dictionary<int, double>();
        void Number(List<int> layer)
        {
            for (var i = 0; i < layer.Count; i++)
            {
                place[layer[i]] = (i + 0.5) / layer.Count;
            }
        }

        layers.ForEach(Number);
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var neighbours = sweep % 2 == 0 ? _parents : _children;
            foreach (var layer in sweep % 2 == 0 ? layers : Enumerable.Reverse(layers))
            {
                var sorted = layer.OrderBy(i => neighbours[i].Count == 0 ? place[i] : neighbours[i].Average(n => place[n])).ThenBy(i => i).ToList();
                layer.Clear();
                layer.AddRange(sorted);
                Number(layer);
            }
        }
    }

    private (double Width, double Height) Pack(List<(List<int> Boxes, (double Width, double Height) Size)> groups, double width)
    {
        var (x, y, row, widest) = (0.0, 0.0, 0.0, 0.0);
        foreach (var (boxes, size) in groups)
        {
            var gap = boxes.Count == 1 ? RowGap : GroupGap;
            if (x > 0 && x + size.Width > width)
            {
                (x, y, row) = (0, y + row + gap, 0);
            }

            foreach (var box in boxes.Select(i => _boxes[i]))
            {
                box.X += x;
                box.Y += y;
            }

            row = Math.Max(row, size.Height);
            widest = Math.Max(widest, x + size.Width);
            x += size.Width + (boxes.Count == 1 ? 40 : GroupGap);
        }

        return (widest, y + row);
    }
}
