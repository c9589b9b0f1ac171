using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Json;

/// <summary>Remembers where the nodes of a document stood. A node keeps its place when it is moved; a clone has none.</summary>
public sealed class MetadataPositions
{
    private readonly Dictionary<JsonNode, (int File, int Line, int Column)> _places = new(ReferenceEqualityComparer.Instance);

    // Places in the order in which they were told. Most are never asked for, so they are sorted in only when one is.
    private readonly List<(JsonNode Node, int File, int Line, int Column)> _told = [];
    private readonly Dictionary<JsonArray, int[]> _itemLines = new(ReferenceEqualityComparer.Instance);
    private readonly List<string> _files = [];
    private readonly Dictionary<string, int> _fileNumbers = new(StringComparer.Ordinal);

    // Trees that rest on text, and copies of them or of their parts: the nodes come and go, so they are not held.
    private ConditionalWeakTable<JsonNode, Tuple<TreePlaces, int>>? _trees;
    private int _lastFile;

    /// <summary>An object that remembers places.</summary>
    public MetadataPositions()
    {
    }

    private MetadataPositions(bool isKeeping) => IsKeeping = isKeeping;

    /// <summary>One that remembers nothing, for work that asks for no place.</summary>
    internal static MetadataPositions Forgetful() => new(isKeeping: false);

    /// <summary>Another one that remembers as much as this one. No two threads may use the same.</summary>
    internal MetadataPositions Apart() => new(IsKeeping);

    /// <summary>False for one that remembers nothing.</summary>
    internal bool IsKeeping { get; } = true;

    /// <summary>The texts of the nodes whose places are kept.</summary>
    internal TextPool Texts { get; } = new();

    /// <summary>Where a node stood; null for JSON null, and for a node that came from nowhere.</summary>
    public SourcePosition? Of(JsonNode? node) =>
        node is null ? null
        : Places.TryGetValue(node, out var place) ? new SourcePosition(_files[place.File], place.Line, place.Column)
        : node.Parent is JsonArray list && _itemLines.TryGetValue(list, out var lines) ? OfItem(list, lines, list.IndexOf(node))
        : OfTree(node);

    /// <summary>Where a node stood, else the nearest node around it.</summary>
    public SourcePosition? Near(JsonNode? node)
    {
        for (var current = node; current is not null; current = current.Parent)
        {
            if (Of(current) is { } position)
            {
                return position;
            }
        }

        return null;
    }

    /// <summary>Remembers the places of a tree for another one that says the same and rests on text.</summary>
    internal void Set(JsonNode tree, TreePlaces places)
    {
        if (IsKeeping)
        {
            _trees ??= [];
            _trees.Add(tree, Tuple.Create(places, 0));
        }
    }

    /// <summary>True for a tree of a file that rests on text.</summary>
    internal bool IsTree(JsonNode? node) => node is not null && _trees?.TryGetValue(node, out _) == true;

    /// <summary>Sorts in what was told, so that several threads may look places up.</summary>
    internal void Settle() => _ = Places;

    /// <summary>A map to look at: itself where its nodes have places, else a copy that can be let go and whose nodes stood where those of the map did.</summary>
    internal JsonObject LookAt(JsonObject map)
    {
        if (Places.ContainsKey(map))
        {
            return map;
        }

        var copy = map.DeepClone().AsObject();
        if (Find(map) is var (places, number))
        {
            _trees!.Add(copy, Tuple.Create(places, number));
        }

        return copy;
    }

    /// <summary>As <see cref="Of"/>, at once where nodes are asked for in the order in which they were told.</summary>
    /// <param name="node">The node.</param>
    /// <param name="next">How many were asked for; begins with 0.</param>
    internal SourcePosition? OfNext(JsonNode node, ref int next)
    {
        if (next >= _told.Count || !ReferenceEquals(_told[next].Node, node))
        {
            return Of(node);
        }

        var place = _told[next++];
        return new SourcePosition(_files[place.File], place.Line, place.Column);
    }

    /// <summary>The lines of a list's plain values; null where it has none.</summary>
    internal int[]? LinesOf(JsonArray list) => _itemLines.GetValueOrDefault(list);

    /// <summary>Takes over what another object remembers.</summary>
    internal void Take(MetadataPositions other)
    {
        foreach (var (node, place) in other._places)
        {
            Set(node, new SourcePosition(other._files[place.File], place.Line, place.Column));
        }

        foreach (var (node, file, line, column) in other._told)
        {
            Set(node, new SourcePosition(other._files[file], line, column));
        }

        foreach (var (list, lines) in other._itemLines)
        {
            SetItems(list, lines);
        }
    }

    /// <summary>Remembers the lines of a list's plain values; they are too many to have a place each.</summary>
    internal void SetItems(JsonArray list, int[] lines)
    {
        if (IsKeeping)
        {
            _itemLines[list] = lines;
        }
    }

    /// <summary>Forgets every place.</summary>
    internal void Forget()
    {
        _told.Clear();
        _told.TrimExcess();
        _places.Clear();
        _places.TrimExcess();
        _itemLines.Clear();
        _itemLines.TrimExcess();
        // One by one: the table itself would hold the places until it was finalized, and for one more collection.
        foreach (var (tree, _) in _trees?.ToList() ?? [])
        {
            _trees!.Remove(tree);
        }

        _trees = null;
    }

    internal void Set(JsonNode node, SourcePosition position)
    {
        if (!IsKeeping)
        {
            return;
        }

        // Nodes of one file come together, with the same text as its name.
        if (_files.Count == 0 || !ReferenceEquals(_files[_lastFile], position.File))
        {
            if (!_fileNumbers.TryGetValue(position.File, out _lastFile))
            {
                _fileNumbers[position.File] = _lastFile = _files.Count;
                _files.Add(position.File);
            }
        }

        _told.Add((node, _lastFile, position.Line, position.Column));
    }

    private Dictionary<JsonNode, (int File, int Line, int Column)> Places
    {
        get
        {
            if (_told.Count > 0)
            {
                _places.EnsureCapacity(_places.Count + _told.Count);
                foreach (var (node, file, line, column) in _told)
                {
                    _places[node] = (file, line, column);
                }

                _told.Clear();
                _told.TrimExcess();
            }

            return _places;
        }
    }

    private SourcePosition? OfItem(JsonArray list, int[] lines, int index) =>
        Of(list) is { } place && index >= 0 && index < lines.Length && lines[index] > 0 ? place with { Line = lines[index] } : null;

    private SourcePosition? OfTree(JsonNode node) => Find(node) is var (places, number) ? places.At(number) : null;

    private (TreePlaces Places, int Number)? Find(JsonNode node)
    {
        for (var root = _trees is null ? null : node; root is not null; root = root.Parent)
        {
            if (root is JsonObject && _trees!.TryGetValue(root, out var tree))
            {
                return tree.Item1.Number(root, tree.Item2, node) is { } number ? (tree.Item1, number) : null;
            }
        }

        return null;
    }
}
