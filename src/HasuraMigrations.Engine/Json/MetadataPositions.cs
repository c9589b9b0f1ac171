using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Json;

/// <summary>Remembers where the nodes of a document stood. A node keeps its place when it is moved; a clone has none.</summary>
public sealed class MetadataPositions
{
    private readonly bool _isKeeping = true;
    private readonly Dictionary<JsonNode, (int File, int Line, int Column)> _places = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<JsonArray, int[]> _itemLines = new(ReferenceEqualityComparer.Instance);
    private readonly List<string> _files = [];
    private readonly Dictionary<string, int> _fileNumbers = new(StringComparer.Ordinal);
    private int _lastFile;

    /// <summary>An object that remembers places.</summary>
    public MetadataPositions()
    {
    }

    private MetadataPositions(bool isKeeping) => _isKeeping = isKeeping;

    /// <summary>One that remembers nothing, for work that asks for no place.</summary>
    internal static MetadataPositions Forgetful() => new(isKeeping: false);

    /// <summary>The texts of the nodes whose places are kept.</summary>
    internal TextPool Texts { get; } = new();

    /// <summary>Where a node stood; null for JSON null, and for a node that came from nowhere.</summary>
    public SourcePosition? Of(JsonNode? node) =>
        node is null ? null
        : _places.TryGetValue(node, out var place) ? new SourcePosition(_files[place.File], place.Line, place.Column)
        : node.Parent is JsonArray list ? OfItem(list, node)
        : null;

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

    /// <summary>Remembers the lines of a list's plain values; they are too many to have a place each.</summary>
    internal void SetItems(JsonArray list, int[] lines)
    {
        if (_isKeeping)
        {
            _itemLines[list] = lines;
        }
    }

    /// <summary>Forgets every place.</summary>
    internal void Forget()
    {
        _places.Clear();
        _places.TrimExcess();
        _itemLines.Clear();
        _itemLines.TrimExcess();
    }

    internal void Set(JsonNode node, SourcePosition position)
    {
        if (!_isKeeping)
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

        _places[node] = (_lastFile, position.Line, position.Column);
    }

    private SourcePosition? OfItem(JsonArray list, JsonNode node) =>
        _itemLines.TryGetValue(list, out var lines) && Of(list) is { } place && list.IndexOf(node) is var index && index >= 0 && index < lines.Length && lines[index] > 0
            ? place with { Line = lines[index] }
            : null;
}
