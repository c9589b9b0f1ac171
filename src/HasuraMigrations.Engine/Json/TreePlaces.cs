using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Json;

/// <summary>
/// Where the nodes of one tree stood, by their order in it and not by themselves: it holds for every copy of the tree, takes
/// little room, and keeps no node from being collected.
/// </summary>
internal sealed class TreePlaces
{
    private readonly string _file;

    // One for each node and null value, a list or map before what is in it. Size counts them with all below; no line, no place.
    private readonly (int Size, int Line, int Column)[] _nodes;

    private TreePlaces(string file, (int Size, int Line, int Column)[] nodes) => (_file, _nodes) = (file, nodes);

    /// <summary>The places of a tree that was read of one file.</summary>
    internal static TreePlaces Of(JsonNode root, MetadataPositions positions)
    {
        var reader = new Reader(positions);
        reader.Add(root);
        return new TreePlaces(reader.File, [.. reader.Nodes]);
    }

    /// <summary>The places of a tree by whoever read the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="nodes">For each node and null value, a list or map before what is in it: how many it is with all below, line, and column; no line for no place.</param>
    internal static TreePlaces Of(string file, ReadOnlySpan<(int Size, int Line, int Column)> nodes) => new(file, nodes.ToArray());

    /// <summary>The number of a node; null where the tree has changed so that it has none.</summary>
    /// <param name="root">A copy of the tree, or of a part of it.</param>
    /// <param name="start">The number of that part.</param>
    /// <param name="node">A node in it.</param>
    internal int? Number(JsonNode root, int start, JsonNode node)
    {
        if (ReferenceEquals(root, node))
        {
            return start;
        }

        if (node.Parent is not { } parent || Number(root, start, parent) is not { } owner)
        {
            return null;
        }

        var number = owner + 1;
        for (var before = Index(parent, node); before > 0 && number < owner + _nodes[owner].Size; before--)
        {
            number += _nodes[number].Size;
        }

        return number < owner + _nodes[owner].Size ? number : null;
    }

    /// <summary>The place of a node by its number; null for none.</summary>
    internal SourcePosition? At(int number) => _nodes[number] is { Line: > 0 } node ? new SourcePosition(_file, node.Line, node.Column) : null;

    private static int Index(JsonNode parent, JsonNode node)
    {
        if (parent is JsonArray list)
        {
            return list.IndexOf(node);
        }

        var index = 0;
        foreach (var (_, value) in parent.AsObject())
        {
            if (ReferenceEquals(value, node))
            {
                break;
            }

            index++;
        }

        return index;
    }

    private sealed class Reader(MetadataPositions positions)
    {
        private int _next;

        internal List<(int Size, int Line, int Column)> Nodes { get; } = [];

        internal string File { get; private set; } = "";

        internal void Add(JsonNode? node)
        {
            var number = Nodes.Count;
            var place = node is null ? null : positions.OfNext(node, ref _next);
            File = place?.File ?? File;
            Nodes.Add((1, place?.Line ?? 0, place?.Column ?? 0));
            switch (node)
            {
                case JsonObject map:
                    foreach (var (_, value) in map)
                    {
                        Add(value);
                    }

                    break;
                case JsonArray list:
                    AddEntries(list, place?.Column ?? 0);
                    break;
            }

            Nodes[number] = Nodes[number] with { Size = Nodes.Count - number };
        }

        private void AddEntries(JsonArray list, int column)
        {
            var lines = positions.LinesOf(list) ?? [];
            for (var i = 0; i < list.Count; i++)
            {
                if (list[i] is JsonValue && i < lines.Length && lines[i] > 0)
                {
                    Nodes.Add((1, lines[i], column));
                }
                else
                {
                    Add(list[i]);
                }
            }
        }
    }
}
