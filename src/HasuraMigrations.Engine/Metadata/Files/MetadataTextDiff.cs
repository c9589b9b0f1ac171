using System.Text;
using DiffPlex;
using DiffPlex.Chunkers;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>Shows two texts, or two documents as YAML, as a unified diff.</summary>
public static class MetadataTextDiff
{
    private const int Context = 3;

    /// <summary>
    /// Two documents as YAML, with three lines around each change; empty where they mean the same. A document of the lower
    /// version is carried up first.
    /// </summary>
    /// <param name="old">The document as it was.</param>
    /// <param name="new">The document as it is.</param>
    /// <param name="oldName">Name of the old one, for the header.</param>
    /// <param name="newName">Name of the new one, for the header.</param>
    public static string Write(MetadataDocument old, MetadataDocument @new, string oldName, string newName)
    {
        var (left, right) = MetadataComparer.ToOneVersion(old, @new);
        var (a, b) = (new YamlPieces(left), new YamlPieces(right));
        var text = new StringBuilder();
        var blocks = Differ.Instance.CreateDiffs(string.Join('\n', a.Hashes), string.Join('\n', b.Hashes), ignoreWhiteSpace: false, ignoreCase: false, LineChunker.Instance).DiffBlocks;
        foreach (var part in Parts(blocks, a))
        {
            WriteHunks(
                text,
                a.TextOf(part.Old, part.OldCount),
                b.TextOf(part.New, part.NewCount),
                Enumerable.Range(0, part.Old).Sum(a.LinesOf),
                Enumerable.Range(0, part.New).Sum(b.LinesOf));
        }

        return text.Length == 0 ? "" : Header(oldName, newName) + text;
    }

    /// <summary>Two texts, with three lines around each change; empty where they are equal.</summary>
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

        var text = new StringBuilder(Header(oldName, newName));
        WriteHunks(text, old, @new, 0, 0);
        return text.ToString();
    }

    private static string Header(string oldName, string newName) => $"--- {oldName}\n+++ {newName}\n";

    // What differs, with equal pieces around it that have enough lines to show; parts that touch are one.
    private static List<(int Old, int OldCount, int New, int NewCount)> Parts(IEnumerable<DiffPlex.Model.DiffBlock> blocks, YamlPieces old)
    {
        var parts = new List<(int Old, int OldCount, int New, int NewCount)>();
        var count = old.Hashes.Count;
        foreach (var block in blocks)
        {
            var before = 0;
            for (var lines = 0; lines < Context && before < block.DeleteStartA; lines += old.LinesOf(block.DeleteStartA - before))
            {
                before++;
            }

            var (end, after) = (block.DeleteStartA + block.DeleteCountA, 0);
            for (var lines = 0; lines < Context && end + after < count; lines += old.LinesOf(end + after - 1))
            {
                after++;
            }

            var part = (Old: block.DeleteStartA - before, OldCount: before + block.DeleteCountA + after, New: block.InsertStartB - before, NewCount: before + block.InsertCountB + after);
            if (parts.Count > 0 && parts[^1].Old + parts[^1].OldCount >= part.Old)
            {
                var last = parts[^1];
                parts[^1] = (last.Old, part.Old + part.OldCount - last.Old, last.New, part.New + part.NewCount - last.New);
            }
            else
            {
                parts.Add(part);
            }
        }

        return parts;
    }

    private static void WriteHunks(StringBuilder text, string old, string @new, int oldOffset, int newOffset)
    {
        var result = Differ.Instance.CreateDiffs(old, @new, ignoreWhiteSpace: false, ignoreCase: false, LineChunker.Instance);
        foreach (var hunk in Hunks(result.DiffBlocks))
        {
            WriteHunk(text, hunk, result.PiecesOld, result.PiecesNew, oldOffset, newOffset);
        }
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

        if (hunk.Count > 0)
        {
            yield return hunk;
        }
    }

    private static void WriteHunk(StringBuilder text, List<DiffPlex.Model.DiffBlock> hunk, IReadOnlyList<string> old, IReadOnlyList<string> @new, int oldOffset, int newOffset)
    {
        var (first, last) = (hunk[0], hunk[^1]);
        var start = Math.Max(0, first.DeleteStartA - Context);
        var end = Math.Min(Lines(old), last.DeleteStartA + last.DeleteCountA + Context);
        var newStart = first.InsertStartB - (first.DeleteStartA - start);
        var newCount = end - start + hunk.Sum(b => b.InsertCountB - b.DeleteCountA);
        text.Append($"@@ -{Range(oldOffset + start, end - start)} +{Range(newOffset + newStart, newCount)} @@\n");
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
