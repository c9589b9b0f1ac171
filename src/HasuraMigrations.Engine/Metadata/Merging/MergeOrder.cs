namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>Puts what only their side has where it belongs among what our side has.</summary>
internal static class MergeOrder
{
    /// <summary>
    /// All names: those of our side in their order, and each other one behind the one it follows on their side, and behind what our
    /// side added there.
    /// </summary>
    internal static List<string> Of(IReadOnlyList<string> ours, IReadOnlyList<string> theirs)
    {
        var merged = ours.ToList();
        var (mine, others) = (ours.ToHashSet(StringComparer.Ordinal), theirs.ToHashSet(StringComparer.Ordinal));
        var next = 0;
        foreach (var name in theirs)
        {
            if (mine.Contains(name))
            {
                next = merged.IndexOf(name) + 1;
                continue;
            }

            while (next < merged.Count && !others.Contains(merged[next]))
            {
                next++;
            }

            merged.Insert(next++, name);
        }

        return merged;
    }

    /// <summary>
    /// Puts an entry of their side into a list: by its key where both sides are sorted, else behind the entry it follows on their
    /// side, and behind what our side added there.
    /// </summary>
    internal static void Insert(List<KeyedEntry> merged, KeyedEntry entry, KeyedList ours, KeyedList theirs)
    {
        if (ours.IsSorted && theirs.IsSorted)
        {
            var next = merged.FindIndex(e => e.Order.CompareTo(entry.Order) > 0);
            merged.Insert(next < 0 ? merged.Count : next, entry);
            return;
        }

        var place = theirs.PlaceOf(entry);
        var at = 0;
        for (var before = place - 1; before >= 0 && at == 0; before--)
        {
            at = merged.FindIndex(e => e.Key == theirs.Entries[before].Key && e.Count == theirs.Entries[before].Count) + 1;
        }

        while (at < merged.Count && theirs.PlaceOf(merged[at]) < 0)
        {
            at++;
        }

        merged.Insert(at, entry);
    }
}
