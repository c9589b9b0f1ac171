using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata;

/// <summary>Remembers where the nodes of a document stood. A node keeps its place when it is moved; a clone has none.</summary>
public sealed class MetadataPositions
{
    private readonly Dictionary<JsonNode, (int File, int Line, int Column)> _places = new(ReferenceEqualityComparer.Instance);
    private readonly List<string> _files = [];
    private readonly Dictionary<string, int> _fileNumbers = new(StringComparer.Ordinal);
    private int _lastFile;

    /// <summary>Where a node stood; null for JSON null, and for a node that came from nowhere.</summary>
    public SourcePosition? Of(JsonNode? node) =>
        node is not null && _places.TryGetValue(node, out var place) ? new SourcePosition(_files[place.File], place.Line, place.Column) : null;

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

    internal void Set(JsonNode node, SourcePosition position)
    {
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
}
