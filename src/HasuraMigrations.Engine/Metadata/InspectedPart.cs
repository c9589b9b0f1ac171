using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata;

/// <summary>A part of a document that is being checked. Words for it are made only where there is something to tell.</summary>
internal sealed class InspectedPart
{
    /// <summary>The document itself.</summary>
    internal static readonly InspectedPart Whole = new();

    private readonly InspectedPart? _outer;
    private readonly string _key = "";
    private readonly bool _isOfMap;
    private readonly ListShape? _list;
    private readonly JsonNode? _entry;
    private readonly int _index;

    private InspectedPart()
    {
    }

    private InspectedPart(InspectedPart outer, string key, bool isOfMap)
    {
        _outer = outer;
        _key = key;
        _isOfMap = isOfMap;
    }

    private InspectedPart(InspectedPart outer, ListShape list, JsonNode? entry, int index)
    {
        _outer = outer;
        _list = list;
        _entry = entry;
        _index = index;
    }

    /// <summary>The value of a member.</summary>
    internal InspectedPart Member(string key) => new(this, key, isOfMap: false);

    /// <summary>A value of a map whose keys are the user's.</summary>
    internal InspectedPart Value(string key) => new(this, key, isOfMap: true);

    /// <summary>An entry of a list.</summary>
    internal InspectedPart Entry(ListShape list, JsonNode? entry, int index) => new(this, list, entry, index);

    /// <summary>Words for the part, from the inside out.</summary>
    public override string ToString() => _outer switch
    {
        null => "the metadata",
        _ when _list is null => $"'{_key}' {(_isOfMap ? "in" : "of")} {_outer}",
        _ when _outer == Whole => EntryWords(),
        _ => $"{EntryWords()} of {_outer}",
    };

    private string EntryWords() => _list is { Key: { } key, Objects: { } shape } && _entry.Get(key) is not null
        ? $"{shape.Noun} {EntryKey.Of(_entry, _list)}"
        : $"{_list!.Objects?.Noun ?? "entry"} number {_index + 1}";
}
