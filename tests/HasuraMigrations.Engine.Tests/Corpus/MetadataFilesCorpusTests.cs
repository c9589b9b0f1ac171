using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>Metadata of real projects: what is read and written again is, byte for byte, what Hasura's CLI had written.</summary>
public sealed class MetadataFilesCorpusTests
{
    public static TheoryData<string> Projects()
    {
        var data = new TheoryData<string>();
        foreach (var (name, _) in Layouts())
        {
            data.Add(name);
        }

        if (data.Count == 0)
        {
            data.Add("");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_file_is_written_as_it_was(string project)
    {
        SharedData.Needs(CorpusCase.Root is not null, "corpus");
        var layout = Layouts().Single(l => l.Name == project).Layout;
        var reading = MetadataFiles.Read(layout);
        using var copy = new TemporaryDirectory();
        var target = layout with { Path = Path.Combine(copy.Path, Path.GetFileName(layout.Path)) };
        var options = new MetadataWriteOptions { FileStyle = f => StyleOf(layout, f), Sdl = SdlOf(layout) };
        MetadataFiles.Plan(reading.Document, target, options).Apply();

        Assert.True(reading.Document.Root.SameAs(MetadataFiles.Read(target).Document.Root), "What was written reads as another document.");
        Assert.All(MetadataFiles.Plan(MetadataFiles.Read(target).Document, target).Changes, c => Assert.Equal(MetadataFileChangeKind.Unchanged, c.Kind));
        Assert.All(MetadataFiles.Plan(reading.Document, target, options with { Force = true }).Changes, c => Assert.Equal(MetadataFileChangeKind.Unchanged, c.Kind));
        Assert.All(MetadataFiles.Plan(reading.Document, layout).Changes.Where(c => File.Exists(c.Path) && c.Kind != MetadataFileChangeKind.Deleted), c => Assert.Equal(MetadataFileChangeKind.Unchanged, c.Kind));

        var (equal, excused, unexplained) = (0, new List<string>(), new List<string>());
        foreach (var original in reading.Files.Distinct())
        {
            var relative = layout.Kind == MetadataLayoutKind.SingleFile ? Path.GetFileName(original) : Path.GetRelativePath(layout.Path, original);
            var written = Path.Combine(layout.Kind == MetadataLayoutKind.SingleFile ? copy.Path : target.Path, relative);
            var (before, after) = (File.ReadAllText(original), File.Exists(written) ? File.ReadAllText(written) : null);
            if (before == after)
            {
                equal++;
            }
            else if (OriginalText.WhyNoCliWrote(before, relative) is { } property)
            {
                excused.Add($"{relative} ({property})");
            }
            else if (relative == "actions.yaml" && OriginalText.HasOtherOrder(before, File.ReadAllText(Path.ChangeExtension(original, ".graphql"))))
            {
                excused.Add($"{relative} (an order unlike that of actions.graphql)");
            }
            else
            {
                unexplained.Add($"{relative} {FirstDifference(before, after)}");
            }
        }

        TestContext.Current.SendDiagnosticMessage($"{project}: {equal} equal, {excused.Count} excused, {unexplained.Count} unexplained");
        var summary = $"{project}: {equal} equal, {excused.Count} excused: {string.Join(", ", excused)}; {unexplained.Count} unexplained: {string.Join(", ", unexplained)}";
        TestContext.Current.TestOutputHelper?.WriteLine(summary);
        if (Environment.GetEnvironmentVariable("HASURA_TEST_REPORT") is { Length: > 0 } report)
        {
            File.AppendAllText(report, summary + "\n");
        }

        Assert.True(unexplained.Count == 0, summary);
    }

    [Theory]
    [InlineData("v1-single-file", "expected.json", true)]
    [InlineData("v2-directory", "expected.json", true)]
    [InlineData("v3-directory", "expected.json", true)]
    [InlineData("v3-empty", "expected.json", true)]
    [InlineData("v3-directory-cli-2.0", "apply-payload.json", false)]
    public void An_example_reads_and_is_written_as_told(string example, string expected, bool isWritten)
    {
        SharedData.Needs(MetadataExamples.Root is not null, "reference/examples");
        var root = Path.Combine(MetadataExamples.Root, example);
        var project = HasuraProject.Open(new ProjectOptions { Path = root, IsExplicit = true, Environment = new Dictionary<string, string>() });
        var wanted = JsonNode.Parse(File.ReadAllText(Path.Combine(root, expected)))!.AsObject();
        if (wanted["args"] is JsonObject args)
        {
            wanted = (args["metadata"] as JsonObject ?? args).DeepClone().AsObject();
        }

        var reading = MetadataFiles.Read(project);

        if (isWritten)
        {
            AssertSame(wanted, reading.Document.Root, "");
        }
        else
        {
            AssertSame(WithoutEmpty(wanted), WithoutEmpty(reading.Document.Root), "");
        }

        if (!isWritten)
        {
            return;
        }

        Assert.All(MetadataFiles.Plan(new MetadataDocument(wanted.DeepClone().AsObject()), reading.Layout).Changes, c => Assert.Equal(MetadataFileChangeKind.Unchanged, c.Kind));
        using var copy = new TemporaryDirectory();
        var target = reading.Layout with { Path = Path.Combine(copy.Path, Path.GetFileName(reading.Layout.Path)) };
        var options = new MetadataWriteOptions { FileStyle = f => StyleOf(reading.Layout, f), Sdl = SdlOf(reading.Layout) };
        MetadataFiles.Plan(new MetadataDocument(wanted), target, options).Apply();
        var (from, to) = (reading.Layout.Path, target.Path);
        var files = File.Exists(from) ? [from] : Directory.GetFiles(from, "*", SearchOption.AllDirectories);
        foreach (var file in files)
        {
            Assert.Equal(File.ReadAllText(file), File.ReadAllText(file.Replace(from, to, StringComparison.Ordinal)));
        }

        Assert.Equal(files.Length, File.Exists(to) ? 1 : Directory.GetFiles(to, "*", SearchOption.AllDirectories).Length);
    }

    private static string FirstDifference(string before, string? after) =>
        before.Split('\n').Zip((after ?? "").Split('\n')).Select((p, i) => (p.First, p.Second, Line: i + 1)).FirstOrDefault(p => p.First != p.Second) is var (old, now, line)
            ? $"(line {line}: '{old}' became '{now}')"
            : "";

    // The payload of the CLI holds empty lists and texts that are not in the files.
    private static JsonObject WithoutEmpty(JsonObject payload)
    {
        foreach (var key in payload.Where(p => IsEmpty(p.Key, p.Value)).Select(p => p.Key).ToList())
        {
            payload.Remove(key);
        }

        foreach (var child in payload.Select(p => p.Value).SelectMany(v => v is JsonArray list ? list.ToList() : [v]).OfType<JsonObject>().ToList())
        {
            WithoutEmpty(child);
        }

        return payload;
    }

    private static bool IsEmpty(string key, JsonNode? value) =>
        key is "is_deprecated" or "disabled_for_roles"
        || value is null
        || (value is JsonArray { Count: 0 } && key != "tables")
        || (value is JsonObject { Count: 0 } && key is "custom_types" or "network" or "api_limits" or "graphql_schema_introspection")
        || (key == "kind" && value.AsText() == "");

    private static void AssertSame(JsonNode? wanted, JsonNode? actual, string path)
    {
        switch (wanted, actual)
        {
            case (JsonObject a, JsonObject b):
                Assert.True(a.Select(p => p.Key).Order().SequenceEqual(b.Select(p => p.Key).Order()), $"{path}: {string.Join(",", a.Select(p => p.Key))} <> {string.Join(",", b.Select(p => p.Key))}");
                foreach (var (key, value) in a)
                {
                    AssertSame(value, b[key], $"{path}.{key}");
                }

                break;
            case (JsonArray a, JsonArray b):
                Assert.True(a.Count == b.Count, path);
                for (var i = 0; i < a.Count; i++)
                {
                    AssertSame(a[i], b[i], $"{path}[{i}]");
                }

                break;
            default:
                Assert.True(wanted.SameAs(actual), $"{path}: {wanted?.ToJsonString()} <> {actual?.ToJsonString()}");
                break;
        }
    }

    private static SdlStyle? SdlOf(MetadataLayout layout) =>
        Path.Combine(layout.Path, "actions.graphql") is var path && File.Exists(path) ? (new FileInfo(path).Length == 0 ? SdlStyle.E3 : SdlStyles.Detect(File.ReadAllText(path))) : null;

    private static MetadataFileStyle? StyleOf(MetadataLayout layout, string relative)
    {
        var path = layout.Kind == MetadataLayoutKind.SingleFile ? layout.Path : Path.Combine(layout.Path, relative);
        return File.Exists(path) ? YamlStyleDetector.Detect(File.ReadAllText(path)) ?? Majority(layout) : Majority(layout);
    }

    private static MetadataFileStyle Majority(MetadataLayout layout) =>
        layout.Kind == MetadataLayoutKind.SingleFile
            ? MetadataFileStyle.Cli25
            : Directory.GetFiles(layout.Path, "*.yaml").Select(f => YamlStyleDetector.Detect(File.ReadAllText(f))).OfType<MetadataFileStyle>()
                .GroupBy(s => s).OrderByDescending(g => g.Count()).FirstOrDefault()?.Key ?? MetadataFileStyle.Cli25;

    internal static IEnumerable<(string Name, MetadataLayout Layout)> Layouts()
    {
        foreach (var directory in (CorpusCase.Root is null ? [] : Directory.GetDirectories(CorpusCase.Root)).Order())
        {
            var name = Path.GetFileName(directory);
            foreach (var version in Directory.GetFiles(directory, "version.yaml", SearchOption.AllDirectories))
            {
                yield return ($"{name}/{Path.GetFileName(Path.GetDirectoryName(version))}", MetadataFiles.LayoutOf(Path.GetDirectoryName(version)!));
            }

            // Layers of a project that is put together at deployment have no version of their own.
            foreach (var databases in Directory.GetDirectories(directory, "databases", SearchOption.AllDirectories).Where(d => !File.Exists(Path.Combine(d, "..", "version.yaml"))))
            {
                yield return ($"{name}/{Path.GetFileName(Path.GetDirectoryName(databases))}", MetadataFiles.LayoutOf(Path.GetDirectoryName(databases)!));
            }

            var single = Path.Combine(directory, "migrations", "metadata.yaml");
            if (File.Exists(single))
            {
                yield return (name, MetadataFiles.LayoutOf(single) with { IsConfigV1 = true });
            }
        }
    }

    private sealed class TemporaryDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("hasura-metadata-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
