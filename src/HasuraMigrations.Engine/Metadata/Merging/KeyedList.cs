using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>An entry of a list.</summary>
/// <param name="Key">What tells it apart.</param>
/// <param name="Count">The number of the entry among those with the key, from 1: duplicates are merged in their order.</param>
/// <param name="Order">What it is sorted by.</param>
/// <param name="Node">The entry.</param>
internal sealed record KeyedEntry(EntryKey Key, int Count, EntryKey Order, JsonNode? Node);

/// <summary>A list whose entries are told apart by a key.</summary>
internal sealed class KeyedList
{
    private readonly Dictionary<(EntryKey Key, int Count), (KeyedEntry Entry, int Place)> _byKey = [];

    private KeyedList(JsonArray list, ListShape shape)
    {
        var seen = new Dictionary<EntryKey, int>();
        foreach (var node in list)
        {
            var key = EntryKey.Of(node, shape);
            var entry = new KeyedEntry(key, seen[key] = seen.GetValueOrDefault(key) + 1, EntryKey.ForOrder(node, shape), node);
            _byKey[(key, entry.Count)] = (entry, Entries.Count);
            Entries.Add(entry);
        }

        IsSorted = Entries.Zip(Entries.Skip(1)).All(p => p.First.Order.CompareTo(p.Second.Order) <= 0);
    }

    /// <summary>The entries in their order.</summary>
    internal List<KeyedEntry> Entries { get; } = [];

    /// <summary>True where the list is in the order of its keys.</summary>
    internal bool IsSorted { get; }

    /// <summary>A list; an empty one where there is none.</summary>
    internal static KeyedList Of(JsonNode? list, ListShape shape) => new(list as JsonArray ?? [], shape);

    /// <summary>The entry that is the same as one of another list.</summary>
    internal MergePart Find(KeyedEntry entry) => _byKey.TryGetValue((entry.Key, entry.Count), out var found) ? MergePart.Of(found.Entry.Node) : MergePart.Absent;

    /// <summary>The place of an entry that is the same; -1 for none.</summary>
    internal int PlaceOf(KeyedEntry entry) => _byKey.TryGetValue((entry.Key, entry.Count), out var found) ? found.Place : -1;
}
