using DiffPlex;
using DiffPlex.Chunkers;

namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>The marks that git puts around lines in conflict. With them, neither YAML nor JSON nor SDL can be read.</summary>
internal static class ConflictMarks
{
    private const string Begin = "<<<<<<< ours";
    private const string Middle = "=======";
    private const string End = ">>>>>>> theirs";

    /// <summary>Marks around the lines of both sides.</summary>
    internal static IEnumerable<string> Around(IEnumerable<string> ours, IEnumerable<string> theirs) => [Begin, .. ours, Middle, .. theirs, End];

    /// <summary>One text of two, with marks where they differ.</summary>
    /// <param name="ours">The merged text with our side in each conflict, with LF.</param>
    /// <param name="theirs">The same with their side.</param>
    internal static string Between(string ours, string theirs)
    {
        var (left, right) = (ours.Split('\n'), theirs.Split('\n'));
        var lines = new List<string>();
        var at = 0;
        foreach (var block in Differ.Instance.CreateDiffs(ours, theirs, ignoreWhiteSpace: false, ignoreCase: false, LineChunker.Instance).DiffBlocks)
        {
            lines.AddRange(left[at..block.DeleteStartA]);
            lines.AddRange(Around(left.Skip(block.DeleteStartA).Take(block.DeleteCountA), right.Skip(block.InsertStartB).Take(block.InsertCountB)));
            at = block.DeleteStartA + block.DeleteCountA;
        }

        return string.Join('\n', lines.Concat(left[at..]));
    }
}
