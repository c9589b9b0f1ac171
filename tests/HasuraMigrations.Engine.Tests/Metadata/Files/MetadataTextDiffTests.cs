using System.Diagnostics;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Files;

public sealed class MetadataTextDiffTests
{
    [Fact]
    public void Shows_three_lines_around_a_change()
    {
        var diff = MetadataTextDiff.Write("a\nb\nc\nd\ne\nf\ng\nh\n", "a\nb\nc\nd\nE\nf\ng\nh\n", "database", "project");

        Assert.Equal("--- database\n+++ project\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n", diff);
    }

    [Fact]
    public void Says_nothing_of_equal_texts() => Assert.Equal("", MetadataTextDiff.Write("a\n", "a\n", "x", "y"));

    // The tool that everybody reads such texts with is the judge.
    [Fact]
    public void Git_applies_what_it_writes()
    {
        Machine.NeedsProgram("git");
        var directory = Directory.CreateTempSubdirectory("hasura-diff-").FullName;
        try
        {
            for (var seed = 0; seed < 25; seed++)
            {
                var random = new Random(seed);
                var old = Lines(random, 60);
                var @new = old.SelectMany(l => random.Next(8) switch
                {
                    0 => [],
                    1 => (string[])[l, $"new {random.Next(5)}"],
                    2 => [$"other {random.Next(5)}"],
                    _ => [l],
                }).ToList();
                File.WriteAllText(Path.Combine(directory, "file"), Text(old));
                File.WriteAllText(Path.Combine(directory, "diff"), MetadataTextDiff.Write(Text(old), Text(@new), "a/file", "b/file"));

                using var git = Process.Start(new ProcessStartInfo("git", "apply diff") { WorkingDirectory = directory, RedirectStandardError = true })!;
                var error = git.StandardError.ReadToEnd();
                git.WaitForExit();

                Assert.True(git.ExitCode == 0, $"{seed}: {error}");
                Assert.Equal(Text(@new), File.ReadAllText(Path.Combine(directory, "file")));
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // Pieces joined are the text of the whole, so a diff made of them is one of the whole.
    [Theory]
    [InlineData("v3-directory")]
    [InlineData("v2-directory")]
    public void A_diff_of_documents_is_that_of_their_texts(string example)
    {
        var document = MetadataExamples.Document($"{example}/expected.json");
        for (var seed = 0; seed < 40; seed++)
        {
            var other = document.Clone();
            Change(other, new Random(seed));

            Assert.Equal(
                MetadataTextDiff.Write(Text(document), Text(other), "a", "b"),
                MetadataTextDiff.Write(document, other, "a", "b"));
        }
    }

    private static string Text(MetadataDocument document) =>
        MetadataFiles.ToYaml(MetadataRewriter.Sort(MetadataRewriter.ToServerForm(document)), MetadataFileStyle.Cli25);

    private static void Change(MetadataDocument document, Random random)
    {
        var source = document.Version == 3 ? document.Sources.ElementAt(random.Next(document.Sources.Count())) : document.Root;
        var tables = source["tables"]!.AsArray();
        if (random.Next(3) == 0)
        {
            tables.RemoveAt(random.Next(tables.Count));
        }

        for (var i = random.Next(3); i >= 0; i--)
        {
            tables.Add(System.Text.Json.Nodes.JsonNode.Parse($$"""{"table":{"schema":"s{{random.Next(3)}}","name":"t{{random.Next(1000)}}"},"is_enum":true}"""));
        }

        document.Root["query_collections"]![0]!["comment"] = $"{random.Next(2)}";
    }

    private static List<string> Lines(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => $"line {random.Next(10)}")];

    private static string Text(List<string> lines) => string.Concat(lines.Select(l => l + "\n"));
}
