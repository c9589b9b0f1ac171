using DiffPlex;
using DiffPlex.Chunkers;

namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>
/// Merges the lines of three texts, as git does. What it makes is only a proposal: whoever uses it checks what the text says.
/// Unlike a text that is made of content, it has the comments and the layout of both sides.
/// </summary>
internal sealed class LineMerge
{
    private readonly List<Region> _regions = [];

    /// <summary>Merges texts with LF.</summary>
    internal LineMerge(string @base, string ours, string theirs)
    {
        var (old, left, right) = (@base.Split('\n'), ours.Split('\n'), theirs.Split('\n'));
        var hunks = Hunks(@base, ours, isOurs: true).Concat(Hunks(@base, theirs, isOurs: false)).OrderBy(h => h.Start).ThenBy(h => h.Count).ToList();
        var (at, ourShift, theirShift) = (0, 0, 0);
        for (var i = 0; i < hunks.Count;)
        {
            var (start, end) = (hunks[i].Start, hunks[i].End);
            var group = new List<Hunk>();
            for (; i < hunks.Count && (group.Count == 0 || hunks[i].Start < end || hunks[i].Start == start); i++)
            {
                group.Add(hunks[i]);
                end = Math.Max(end, hunks[i].End);
            }

            Keep(old[at..start]);
            var (ourGrowth, theirGrowth) = (group.Where(h => h.IsOurs).Sum(h => h.Growth), group.Where(h => !h.IsOurs).Sum(h => h.Growth));
            var (mine, other) = (left[(start + ourShift)..(end + ourShift + ourGrowth)], right[(start + theirShift)..(end + theirShift + theirGrowth)]);
            if (group.TrueForAll(h => h.IsOurs) || mine.SequenceEqual(other))
            {
                Keep(mine);
            }
            else if (group.TrueForAll(h => !h.IsOurs))
            {
                Keep(other);
            }
            else
            {
                _regions.Add(new Region(mine, other, IsConflict: true));
            }

            (at, ourShift, theirShift) = (end, ourShift + ourGrowth, theirShift + theirGrowth);
        }

        Keep(old[at..]);
    }

    /// <summary>True where both sides changed the same lines.</summary>
    internal bool HasConflicts => _regions.Exists(r => r.IsConflict);

    /// <summary>The texts that the merge may stand for: lines that both sides changed are those of one, or of both.</summary>
    internal IEnumerable<string> Proposals()
    {
        if (!HasConflicts)
        {
            return [Text(r => r.Ours)];
        }

        return [Text(r => [.. r.Ours, .. r.Theirs]), Text(r => [.. r.Theirs, .. r.Ours]), Text(r => r.Ours), Text(r => r.Theirs)];
    }

    /// <summary>The text with marks around the lines that both sides changed.</summary>
    internal string Marked() => Text(r => ConflictMarks.Around(r.Ours, r.Theirs));

    private void Keep(string[] lines) => _regions.Add(new Region(lines, lines, IsConflict: false));

    private string Text(Func<Region, IEnumerable<string>> resolve) => string.Join('\n', _regions.SelectMany(r => r.IsConflict ? resolve(r) : r.Ours));

    private static IEnumerable<Hunk> Hunks(string old, string @new, bool isOurs) =>
        Differ.Instance.CreateDiffs(old, @new, ignoreWhiteSpace: false, ignoreCase: false, LineChunker.Instance).DiffBlocks
            .Select(b => new Hunk(b.DeleteStartA, b.DeleteCountA, b.InsertCountB - b.DeleteCountA, isOurs));

    private sealed record Region(string[] Ours, string[] Theirs, bool IsConflict);

    private sealed record Hunk(int Start, int Count, int Growth, bool IsOurs)
    {
        internal int End => Start + Count;
    }
}
