using System.Diagnostics;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Merging;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Merging;

/// <summary>
/// Random three-way merges: <c>dotnet run --project tests/HasuraMigrations.Engine.Tests -- merge-random [count] [seed]</c>. The
/// result must be what both edits make one after another, and a conflict must be there exactly where both sides changed one
/// field in two ways. A case that fails is repeated with count 1 and its seed. Exit code 1 if one fails.
/// </summary>
internal static class MergeRandomCommand
{
    /// <summary>First argument that asks for this mode.</summary>
    internal const string Mode = "merge-random";

    internal static int RunAll(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0]) : 10_000;
        var seed = args.Length > 1 ? int.Parse(args[1]) : 1;
        var clock = Stopwatch.StartNew();
        var (failed, contradictory) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var (wrong, conflicts) = Run(seed + i);
            contradictory += conflicts > 0 ? 1 : 0;
            if (wrong is not null)
            {
                failed++;
                Console.WriteLine($"seed {seed + i}: {wrong}");
            }
        }

        Console.WriteLine($"{count} merges, {contradictory} with conflicts, {failed} failed; {clock.Elapsed.TotalSeconds:N1} s");
        return failed == 0 ? 0 : 1;
    }

    /// <summary>One merge; what is wrong with it, and how many conflicts it has.</summary>
    internal static (string? Wrong, int Conflicts) Run(int seed)
    {
        var random = new Random(seed);
        var document = MergeSample.Document(random);
        var edits = new MergeEdits(document, random);
        var (ours, theirs) = (edits.Side(1 + random.Next(6)), edits.Side(1 + random.Next(6)));
        var expected = (from a in ours from b in theirs where a.Contradicts(b) select a.ConflictWith(b)).ToHashSet();
        var wrong = Judge(document, ours, theirs, expected) ?? Judge(document, theirs, ours, expected) ?? (seed % 4 == 0 ? JudgeTexts(document, ours, theirs, random) : null);
        return (wrong is null ? null : $"{wrong}\n  ours: {Names(ours)}\n  theirs: {Names(theirs)}", expected.Count);
    }

    private static string? Judge(JsonObject document, List<MergeEdit> ours, List<MergeEdit> theirs, HashSet<(string Object, string Field)> expected)
    {
        var (@base, left, right) = (With(document), With(document, ours), With(document, theirs));
        var before = (@base.ToJson(false), left.ToJson(false), right.ToJson(false));
        var merged = MetadataMerger.Merge(@base, left, right);
        var found = merged.Conflicts.Select(c => (c.Id, c.Field)).ToHashSet();
        if (!found.SetEquals(expected))
        {
            return $"conflicts: {string.Join("; ", found.Except(expected).Select(c => $"not expected {c}"))} {string.Join("; ", expected.Except(found).Select(c => $"missing {c}"))}";
        }

        var favored = MetadataMerger.Merge(@base, left, right, MetadataMergeSide.Theirs);
        return Differences("", merged.Document, With(document, Both(ours, theirs)))
            ?? Differences("favoring theirs: ", favored.Document, With(document, Both(theirs, ours)))
            ?? Differences("ours with itself: ", MetadataMerger.Merge(@base, left, left).Document, left)
            ?? Differences("nothing with theirs: ", MetadataMerger.Merge(@base, @base, right).Document, right)
            ?? (before == (@base.ToJson(false), left.ToJson(false), right.ToJson(false)) ? null : "the documents changed");
    }

    // Texts with comments must say what the documents say; with marks they cannot be read.
    private static string? JudgeTexts(JsonObject document, List<MergeEdit> ours, List<MergeEdit> theirs, Random random)
    {
        const string name = "metadata.yaml";
        var comments = random.Next();
        MergedFile File(params IEnumerable<MergeEdit> edits) => MergedFile.Parse(Commented(MetadataFiles.ToYaml(With(document, edits), MetadataFileStyle.Cli25), comments), name, name);
        var merged = MetadataFileMerger.Merge(File(), File(ours), File(theirs), name, favored: null);
        var favored = MetadataFileMerger.Merge(File(), File(ours), File(theirs), name, MetadataMergeSide.Ours);
        var expected = With(document, Both(ours, theirs));
        return Differences("text favoring ours: ", new MetadataDocument((JsonObject)MergedFile.Parse(favored.Text, name, name).Content!), expected)
            ?? (merged.Conflicts.Count == 0 ? Differences("text: ", new MetadataDocument((JsonObject)MergedFile.Parse(merged.Text, name, name).Content!), expected)
                : CanBeRead(merged.Text) ? "text with a conflict can be read" : null);
    }

    private static bool CanBeRead(string text)
    {
        try
        {
            return MergedFile.Parse(text, "metadata.yaml", "metadata.yaml").Content is not null;
        }
        catch (HasuraMigrationException)
        {
            return false;
        }
    }

    // The same comments for the same lines.
    private static string Commented(string yaml, int seed) =>
        string.Join('\n', yaml.Split('\n').Select(l => l.Length > 0 && (l.Sum(c => c) + seed) % 5 == 0 ? $"# {l.Trim()}\n{l}" : l));

    // What the second side did is lost where the first contradicts it; both did what is equal.
    private static List<MergeEdit> Both(List<MergeEdit> first, List<MergeEdit> second) =>
        [.. first, .. second.Where(b => !first.Exists(a => a.Contradicts(b) || (!a.IsForm && a.Object == b.Object && a.Field == b.Field) || (a.IsRemoval && b.Owners.Contains(a.Object))))];

    private static string? Differences(string what, MetadataDocument merged, MetadataDocument expected)
    {
        var changes = MetadataComparer.Compare(expected, merged);
        return changes.Count == 0 ? null : what + string.Join("; ", changes.Select(c => c.Description));
    }

    private static MetadataDocument With(JsonObject document, params IEnumerable<MergeEdit> edits)
    {
        var copy = document.DeepClone().AsObject();
        foreach (var edit in edits)
        {
            edit.Apply(copy);
        }

        return new MetadataDocument(copy);
    }

    private static string Names(List<MergeEdit> edits) => string.Join("; ", edits.Select(e => $"{e.Object} {e.Field} {e.Value}"));
}
