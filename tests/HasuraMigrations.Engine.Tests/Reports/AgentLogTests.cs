using HasuraMigrations.Engine.Reports;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Reports;

public sealed class AgentLogTests
{
    private static readonly string Root = Path.GetFullPath("/srv/repo");
    private static readonly AgentIssue Issue = new(FindingSeverity.Error, "MigrationFailed", "100% of a; b] failed.", Path.Combine(Root, "migrations", "a,b:c", "up.sql"), 3, 7);

    public static TheoryData<int> Texts => [.. Enumerable.Range(0, HostileTexts.All.Length)];

    [Fact]
    public void Azure_gets_its_own_commands()
    {
        var log = Log(PipelineLogFormat.AzureDevOps);

        Assert.Equal("##[group]Database 'default'", log.BeginGroup("Database 'default'"));
        Assert.Equal("##[endgroup]", log.EndGroup());
        Assert.Equal($"##vso[task.logissue type=error;sourcepath={Issue.File};linenumber=3;columnnumber=7;code=MigrationFailed;]100%AZP25 of a%3B b%5D failed.", log.Issue(Issue));
        Assert.Equal("##vso[task.logissue type=warning;]w", log.Issue(new AgentIssue(FindingSeverity.Warning, null, "w", null, 3)));
        Assert.Equal("##vso[task.setprogress value=40;]Applying", log.Progress(40, "Applying"));
    }

    [Fact]
    public void GitHub_gets_its_own_commands_with_paths_from_the_root_of_the_repository()
    {
        var log = Log(PipelineLogFormat.GitHub);

        Assert.Equal("::group::Database 'default' 100%25", log.BeginGroup("Database 'default' 100%"));
        Assert.Equal("::endgroup::", log.EndGroup());
        Assert.Equal("::error file=migrations/a%2Cb%3Ac/up.sql,line=3,col=7,title=MigrationFailed::100%25 of a; b] failed.", log.Issue(Issue));
        Assert.Equal("::warning::w", log.Issue(new AgentIssue(FindingSeverity.Warning, null, "w", null, 3)));
        Assert.Null(log.Progress(40, "Applying"));
        Assert.Equal($"::error file={Path.GetFullPath("/srv/other/a.sql").Replace(":", "%3A")}::e", log.Issue(new AgentIssue(FindingSeverity.Error, null, "e", Path.GetFullPath("/srv/other/a.sql"))));
    }

    [Theory]
    [InlineData(PipelineLogFormat.Auto, "TF_BUILD", "True", "##[endgroup]")]
    [InlineData(PipelineLogFormat.Auto, "GITHUB_ACTIONS", "true", "::endgroup::")]
    [InlineData(PipelineLogFormat.Auto, "TF_BUILD", "", null)]
    [InlineData(PipelineLogFormat.Auto, "CI", "true", null)]
    [InlineData(PipelineLogFormat.Plain, "TF_BUILD", "True", null)]
    [InlineData(PipelineLogFormat.GitHub, "TF_BUILD", "True", "::endgroup::")]
    [InlineData(PipelineLogFormat.AzureDevOps, "CI", "", "##[endgroup]")]
    public void The_environment_decides_only_for_Auto(PipelineLogFormat format, string variable, string value, string? expected) =>
        Assert.Equal(expected, AgentLog.Of(format, name => name == variable ? value : null)?.EndGroup());

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_from_outside_is_never_a_command_and_stays_in_its_place(int index)
    {
        var text = HostileTexts.All[index];
        var issue = new AgentIssue(FindingSeverity.Warning, text, text, $"/srv/other/{text}", 3, 7);
        var shown = Printable.Of(text);
        var azure = Log(PipelineLogFormat.AzureDevOps);
        var gitHub = Log(PipelineLogFormat.GitHub);

        foreach (var (line, read) in new[] { (azure.Issue(issue), AgentReader.Azure(azure.Issue(issue))), (gitHub.Issue(issue), AgentReader.GitHub(gitHub.Issue(issue))) })
        {
            Assert.DoesNotContain(line, c => char.IsControl(c) && c != '\t');
            var command = Assert.Single(read);
            Assert.Contains(command.Name, new[] { "task.logissue", "warning" });
            Assert.Contains($"/srv/other/{shown}", command.Properties.Values);
            Assert.Contains(shown, command.Properties.Values);
            // Lines are joined, so that what is left are the texts of the lines.
            Assert.Equal(OneLine(text), command.Text);
        }

        Assert.Equal(["group"], AgentReader.Azure(azure.BeginGroup(text)).Select(c => c.Name));
        Assert.Equal(["group"], AgentReader.GitHub(gitHub.BeginGroup(text)).Select(c => c.Name));
        Assert.Equal(["task.setprogress"], AgentReader.Azure(azure.Progress(1, text)!).Select(c => c.Name));
    }

    private static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Printable.Of));

    private static AgentLog Log(PipelineLogFormat format) => AgentLog.Of(format, name => name == "GITHUB_WORKSPACE" ? Root : null)!;
}
