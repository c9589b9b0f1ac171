using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>A part of a document that is being checked. Its description is built only where there is something to tell.</summary>
internal sealed partial class InspectionNode
{
    /// <summary>The document itself.</summary>
    internal static readonly InspectionNode Whole = new();

    private readonly InspectionNode? _outer;
    private readonly string _key = "";
    private readonly bool _isOfMap;
    private readonly ListShape? _list;
    private readonly JsonNode? _entry;
    private readonly int _index;

    private InspectionNode()
    {
    }

    private InspectionNode(InspectionNode outer, string key, bool isOfMap)
    {
        _outer = outer;
        _key = key;
        _isOfMap = isOfMap;
    }

    private InspectionNode(InspectionNode outer, ListShape list, JsonNode? entry, int index)
    {
        _outer = outer;
        _list = list;
        _entry = entry;
        _index = index;
    }

    /// <summary>It only holds other objects, which are told apart by themselves: descriptions do not name it.</summary>
    private bool IsPassed { get; init; }

    /// <summary>Keys and indexes from the document to the part.</summary>
    internal IReadOnlyList<object> Steps => _outer is null ? [] : [.. _outer.Steps, _list is null ? _key : _index];

    /// <summary>The steps as Hasura writes them, from <c>$</c>.</summary>
    internal string Path => _outer is null ? "$" : _list is null ? $"{_outer.Path}{(PlainKey().IsMatch(_key) ? $".{_key}" : $"[\"{_key}\"]")}" : $"{_outer.Path}[{_index}]";

    /// <summary>The object of its own that the part is or belongs to; outside of any, the member of the document.</summary>
    internal InspectionNode Owner => _outer is null || IsOwn || _outer._outer is null ? this : _outer.Owner;

    /// <summary>What the object is; null where it is none of its own.</summary>
    internal MetadataObjectKind? Kind => _list?.Objects?.Kind;

    private bool IsOwn => Kind is not null;

    private bool IsWhole => _outer is null || (IsPassed && _outer.IsWhole);

    /// <summary>The value of a member.</summary>
    internal InspectionNode Member(string key, bool isPassed = false) => new(this, key, isOfMap: false) { IsPassed = isPassed };

    /// <summary>A value of a map whose keys are the user's.</summary>
    internal InspectionNode Value(string key) => new(this, key, isOfMap: true);

    /// <summary>An entry of a list.</summary>
    internal InspectionNode EntryOf(ListShape list, JsonNode? entry, int index) => new(this, list, entry, index);

    /// <summary>Words for the part, from the inside out.</summary>
    public override string ToString() => _outer switch
    {
        null => "the metadata",
        _ when IsPassed => _outer.ToString(),
        _ when _list is null => $"'{_key}' {(_isOfMap ? "in" : "of")} {_outer}",
        { IsWhole: true } => DescribeEntry(),
        _ => $"{DescribeEntry()} of {_outer}",
    };

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_-]*\z")]
    private static partial Regex PlainKey();

    private string DescribeEntry() => _list is { Key: { } key, Objects: { } shape } && _entry.Get(key) is not null
        ? $"{shape.Noun} {EntryKey.Of(_entry, _list)}"
        : $"{_list!.Objects?.Noun ?? "entry"} number {_index + 1}";
}
