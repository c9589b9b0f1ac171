using System.Text;
using DiffPlex;
using DiffPlex.Chunkers;

namespace HasuraMigrations.Engine.Metadata;

/// <summary>Shows two texts as a unified diff.</summary>
public static class MetadataTextDiff
{
    private const int Context = 3;

    /// <summary>The diff with three lines around each change; empty where the texts are equal.</summary>
    /// <param name="old">Text as it was, with LF.</param>
    /// <param name="new">Text as it is, with LF.</param>
    /// <param name="oldName">Name of the old text, for the header.</param>
    /// <param name="newName">Name of the new text, for the header.</param>
    public static string Write(string old, string @new, string oldName, string newName)
    {
        if (old == @new)
        {
            return "";
        }

        var result = Differ.Instance.CreateDiffs(old, @new, ignoreWhiteSpace: false, ignoreCase: false, LineChunker.Instance);
        var text = new StringBuilder($"--- {oldName}\n+++ {newName}\n");
        foreach (var hunk in Hunks(result.DiffBlocks))
        {
            WriteHunk(text, hunk, result.PiecesOld, result.PiecesNew);
        }

        return text.ToString();
    }

    // Changes whose surroundings touch are shown together.
    private static IEnumerable<List<DiffPlex.Model.DiffBlock>> Hunks(IEnumerable<DiffPlex.Model.DiffBlock> blocks)
    {
        List<DiffPlex.Model.DiffBlock> hunk = [];
        foreach (var block in blocks)
        {
            if (hunk.Count > 0 && block.DeleteStartA - (hunk[^1].DeleteStartA + hunk[^1].DeleteCountA) > 2 * Context)
            {
                yield return hunk;
                hunk = [];
            }

            hunk.Add(block);
        }

        yield return hunk;
    }

    private static void WriteHunk(StringBuilder text, List<DiffPlex.Model.DiffBlock> hunk, IReadOnlyList<string> old, IReadOnlyList<string> @new)
    {
        var (first, last) = (hunk[0], hunk[^1]);
        var start = Math.Max(0, first.DeleteStartA - Context);
        var end = Math.Min(Lines(old), last.DeleteStartA + last.DeleteCountA + Context);
        var newStart = first.InsertStartB - (first.DeleteStartA - start);
        var newCount = end - start + hunk.Sum(b => b.InsertCountB - b.DeleteCountA);
        text.Append($"@@ -{Range(start, end - start)} +{Range(newStart, newCount)} @@\n");
        var line = start;
        foreach (var block in hunk)
        {
            Append(text, ' ', old, line, block.DeleteStartA);
            Append(text, '-', old, block.DeleteStartA, block.DeleteStartA + block.DeleteCountA);
            Append(text, '+', @new, block.InsertStartB, block.InsertStartB + block.InsertCountB);
            line = block.DeleteStartA + block.DeleteCountA;
        }

        Append(text, ' ', old, line, end);
    }

    private static string Range(int start, int count) => count == 1 ? $"{start + 1}" : $"{(count == 0 ? start : start + 1)},{count}";

    // A text that ends with a newline has an empty piece after it, which is no line.
    private static int Lines(IReadOnlyList<string> pieces) => pieces.Count > 0 && pieces[^1].Length == 0 ? pieces.Count - 1 : pieces.Count;

    private static void Append(StringBuilder text, char mark, IReadOnlyList<string> lines, int from, int to)
    {
        for (var i = from; i < to && i < Lines(lines); i++)
        {
            text.Append(mark).Append(lines[i]).Append('\n');
        }
    }
}
