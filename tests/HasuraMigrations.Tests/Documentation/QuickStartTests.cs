using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Documentation;

/// <summary>The quick start, in the PowerShell that the README names, with standard input at its end and output redirected.</summary>
public sealed class QuickStartTests(ModuleServer server)
{
    private const string Begin = "Output:\n\n```console\n";

    [Fact]
    public async Task Writes_the_output_in_the_README()
    {
        server.Require();
        var run = await Pwsh.RunAsync(["-File", Path.Combine("samples", "quickstart.ps1")]);

        Assert.True(run.ExitCode == 0, $"{run.Error}\n{run.Output}");
        Assert.Equal("", run.Error);
        var path = Path.Combine(Repository.Root, "README.md");
        var page = File.ReadAllText(path).ReplaceLineEndings("\n");
        var start = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = page.IndexOf("```", start, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("HASURA_TEST_UPDATE_EXAMPLES") == "1" && DocumentExample.Shape(page[start..end]) != DocumentExample.Shape(run.Output))
        {
            File.WriteAllText(path, page[..start] + string.Join('\n', run.Output.Split('\n').Select(l => l.TrimEnd())).Trim('\n') + "\n" + page[end..]);
            return;
        }

        Assert.Equal(DocumentExample.Shape(page[start..end]), DocumentExample.Shape(run.Output));
    }
}
