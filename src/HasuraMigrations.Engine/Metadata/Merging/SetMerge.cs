using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>Merges lists of plain values whose order means nothing.</summary>
internal static class SetMerge
{
    /// <summary>What our side has, without what their side removed, with what their side added.</summary>
    internal static JsonArray Merge(ListShape list, JsonArray @base, JsonArray ours, JsonArray theirs)
    {
        var (old, left, right) = (KeyedList.Of(@base, list), KeyedList.Of(ours, list), KeyedList.Of(theirs, list));
        // A value that stands twice is there once.
        var (was, has) = (Keys(old), Keys(right));
        var merged = left.Entries.Where(e => has.Contains(e.Key) || !was.Contains(e.Key)).ToList();
        var taken = Keys(left);
        foreach (var added in right.Entries.Where(e => !was.Contains(e.Key) && taken.Add(e.Key)))
        {
            MergeOrder.Insert(merged, added, left, right);
        }

        return new JsonArray([.. merged.Select(e => e.Node?.DeepClone())]);
    }

    private static HashSet<EntryKey> Keys(KeyedList list) => [.. list.Entries.Select(e => e.Key)];
}
