using System.Text.RegularExpressions;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Documentation;

/// <summary>The sample of a merge driver, as git runs it: real branches, real merges, the scripts and settings as they stand.</summary>
public sealed partial class GitMergeDriverTests : IDisposable
{
    private const string Post = "metadata/databases/default/tables/public_post.yaml";
    private static readonly string Sample = Path.Combine(Repository.Root, "samples", "git-merge-driver");

    private readonly TestProject _project = new(3);

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task Branches_that_change_one_table_are_merged_and_only_one_field_changed_twice_is_a_conflict()
    {
        Git.Commit(_project.Path, "empty");
        await PrepareAsync();
        // Both branches add a permission and a table at one place.
        await CommitAsync("theirs", Edit(Post, t => t + Permission("editor")), Added("c"));
        await CommitAsync("ours", Edit(Post, t => t.Replace("        - body\n", "        - body\n        - slug\n") + Permission("user")), Added("b"));

        var merge = await GitAsync("merge", "--no-edit", "theirs");

        Assert.True(merge.ExitCode == 0, $"{merge.Output}{merge.Error}");
        Assert.Equal(Start(Post).Replace("        - body\n", "        - body\n        - slug\n") + Permission("user") + Permission("editor"), Read(Post));
        Assert.Equal("- \"!include public_b.yaml\"\n- \"!include public_c.yaml\"\n", string.Concat(Read(Tables).Split('\n').Where(l => l.Contains("_b") || l.Contains("_c.")).Order().Select(l => l + "\n")));

        await CommitAsync("one", Edit(Post, t => t.Replace("_is_null: false", "_lt: now()")));
        await GitAsync("checkout", "-q", "ours");
        await CommitAsync("two", Edit(Post, t => t.Replace("_is_null: false", "_is_null: true").Replace("        - slug\n", "")));
        var conflict = await GitAsync("merge", "--no-edit", "one");

        Assert.Equal(1, conflict.ExitCode);
        Assert.Contains("permission.filter of select permission anonymous of public.post is", conflict.Error);
        Assert.Contains("          <<<<<<<".Trim() + " ours\n          _is_null: true\n=======\n          _lt: now()\n>>>>>>> theirs\n", Read(Post));
        Assert.DoesNotContain("- slug", Read(Post));
        Assert.Contains($"UU {Post}", (await GitAsync("status", "--porcelain")).Output);
    }

    private const string Tables = "metadata/databases/default/tables/tables.yaml";

    private async Task PrepareAsync()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "samples", "blog", "metadata"), "*", SearchOption.AllDirectories))
        {
            _project.Write(Path.GetRelativePath(Path.Combine(Repository.Root, "samples", "blog"), file), File.ReadAllText(file).ReplaceLineEndings("\n"));
        }

        _project.Write(".gitattributes", File.ReadAllText(Path.Combine(Sample, ".gitattributes")));
        _project.Write("tools/merge-metadata.ps1", File.ReadAllText(Path.Combine(Sample, "merge-metadata.ps1")));
        var script = DefaultOf().Match(File.ReadAllText(Path.Combine(Sample, "install.ps1"))).Groups[1].Value;
        foreach (Match setting in Settings().Matches(File.ReadAllText(Path.Combine(Sample, "install.ps1"))))
        {
            await GitAsync("config", setting.Groups[1].Value, setting.Groups[2].Value.Replace("$Script", script));
        }

        await GitAsync("config", "user.name", "t");
        await GitAsync("config", "user.email", "t@example.com");
        await GitAsync("add", "-A");
        await GitAsync("commit", "-q", "-m", "start");
        await GitAsync("tag", "start");
    }

    private async Task CommitAsync(string branch, params Action[] edits)
    {
        if (branch is "ours" or "theirs")
        {
            await GitAsync("checkout", "-q", "start");
        }

        await GitAsync("checkout", "-q", "-b", branch);
        Array.ForEach(edits, e => e());
        await GitAsync("add", "-A");
        await GitAsync("commit", "-q", "-m", branch);
    }

    private Action Edit(string file, Func<string, string> change) => () => _project.Write(file, change(Read(file)));

    private Action Added(string table) => () =>
    {
        _project.Write($"metadata/databases/default/tables/public_{table}.yaml", $"table:\n  name: {table}\n  schema: public\n");
        _project.Write(Tables, Read(Tables) + $"- \"!include public_{table}.yaml\"\n");
    };

    private static string Permission(string role) => $"  - role: {role}\n    permission:\n      columns: []\n      filter: {{}}\n";

    private static string Start(string file) => File.ReadAllText(Path.Combine(Repository.Root, "samples", "blog", file)).ReplaceLineEndings("\n");

    private string Read(string file) => File.ReadAllText(Path.Combine(_project.Path, file));

    private Task<ProcessResult> GitAsync(params string[] arguments) => Pwsh.RunAsync(_project.Path, "git", arguments);

    [GeneratedRegex(@"^git config (\S+) ['""](.*)['""]\r?$", RegexOptions.Multiline)]
    private static partial Regex Settings();

    [GeneratedRegex(@"\$Script = '(.*)'")]
    private static partial Regex DefaultOf();
}
