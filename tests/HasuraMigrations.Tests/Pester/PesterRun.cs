using System.Management.Automation.Language;
using System.Text.Json;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Pester;

/// <summary>One run of all Pester tests in a real pwsh.</summary>
public sealed class PesterRun
{
    private readonly Lazy<Task<Report>> _report = new(RunAsync);

    /// <summary>The names of all tests, read from the scripts without running them: blocks and test, parted by a slash.</summary>
    public static IEnumerable<string> Names() =>
        Directory.EnumerateFiles(Scripts, "*.Tests.ps1").Order(StringComparer.Ordinal)
            .SelectMany(f => Names(Parser.ParseFile(f, out _, out _), ""));

    /// <summary>What failed in a test; empty where nothing did. A test that runs for several values fails with any of them.</summary>
    internal async Task<IReadOnlyList<string>> FailuresOfAsync(string name)
    {
        var report = await _report.Value;
        var runs = report.Tests.Where(t => t.Name == name).ToList();
        return runs.Count == 0
            ? ["It did not run.", .. report.Failures]
            : [.. runs.Where(t => t.Result != "Passed").Select(t => $"{t.Result}: {t.Error}"), .. report.Failures];
    }

    private static string Scripts => Path.Combine(Repository.Root, "tests", "pester");

    private static IEnumerable<string> Names(Ast script, string path) =>
        from command in script.FindAll(a => a is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>()
        let kind = command.GetCommandName()
        where kind is "Describe" or "Context" or "It" && Innermost(command) == (script as ScriptBlockAst)
        let name = path + ((StringConstantExpressionAst)command.CommandElements[1]).Value
        from result in kind == "It" ? [name] : Names(command.CommandElements.OfType<ScriptBlockExpressionAst>().Last().ScriptBlock, name + " / ")
        select result;

    private static ScriptBlockAst? Innermost(Ast ast)
    {
        var parent = ast.Parent;
        while (parent is not (ScriptBlockAst or null))
        {
            parent = parent.Parent;
        }

        return parent as ScriptBlockAst;
    }

    private static async Task<Report> RunAsync()
    {
        var pester = Repository.BuildValue("Pester");
        var file = Path.GetTempFileName();
        try
        {
            var run = await Pwsh.RunAsync(["-NonInteractive", "-File", Path.Combine(Scripts, "run.ps1"), "-Pester", pester, "-Result", file]);
            Assert.True(run.ExitCode == 0, $"The run ended with exit code {run.ExitCode}.\n{run.Output}\n{run.Error}");
            return JsonSerializer.Deserialize<Report>(await File.ReadAllTextAsync(file))!;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private sealed record Report(IReadOnlyList<string> Failures, IReadOnlyList<Test> Tests);

    private sealed record Test(string Name, string Result, string Error);
}
