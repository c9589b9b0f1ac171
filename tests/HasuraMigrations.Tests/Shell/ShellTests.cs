using System.Diagnostics;

namespace HasuraMigrations.Tests.Shell;

public sealed class ShellTests(ShellFixture shell) : IClassFixture<ShellFixture>
{
    private const string ParameterScript = """
        param([string]$Name, [switch]$Loud, [string[]]$Rest)
        "name=$Name loud=$Loud rest=$Rest root=$PSScriptRoot here=$PWD"
        """;

    [Fact]
    public async Task Shows_objects_of_the_module_through_their_view_without_colours()
    {
        var run = await shell.RunAsync("-Command", "Get-Stub");

        Assert.Equal("\nName Value\n---- -----\none      1\ntwo      2\n\n", run.Output);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData("1 + 1", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("throw 'broken'", 1)]
    [InlineData("1 +", 1)]
    [InlineData("Get-Command no-such", 1)]
    [InlineData("Get-Command no-such; 'later'", 0)]
    public async Task A_command_gives_the_exit_code_of_its_last_statement(string command, int expected)
    {
        var run = await shell.RunAsync("-c", command);

        Assert.Equal(expected, run.ExitCode);
    }

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 5", 5)]
    [InlineData("throw 'broken'", 1)]
    [InlineData("Get-Command no-such; 'later'", 0)]
    [InlineData("Get-Command no-such", 0)]
    [InlineData("if (", 1)]
    [InlineData("1 }", 1)]
    [InlineData("#requires -Version 99", 1)]
    [InlineData("param([Parameter(Mandatory)][int]$Value) $Value", 1)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-Command no-such; exit 3", 1)]
    [InlineData("function Leave { exit 6 }; Leave; exit 3", 6)]
    [InlineData("dotnet no-such-command-at-all 2>$null; exit 0", 0)]
    [InlineData("dotnet no-such-command-at-all 2>$null", 0)]
    public async Task A_file_gives_the_exit_code_of_exit_or_of_an_uncaught_error(string script, int expected)
    {
        var file = shell.Write($"{Guid.NewGuid():N}.ps1", script);

        var run = await shell.RunAsync("-File", file);

        Assert.Equal(expected, run.ExitCode);
    }

    [Fact]
    public async Task A_file_gets_its_arguments_as_with_pwsh()
    {
        shell.Write("parameters.ps1", ParameterScript);

        var named = await shell.RunAsync("-NoProfile", "-File", "parameters.ps1", "-Name", "it's $HOME", "-Loud:$false", "-Rest", "a,b");
        var positional = await shell.RunAsync("parameters.ps1", "one", "two", "-Loud");

        Assert.Equal($"name=it's $HOME loud=False rest=a,b root={shell.Home} here={shell.Home}\n", named.Output);
        Assert.Equal($"name=one loud=True rest=two root={shell.Home} here={shell.Home}\n", positional.Output);
    }

    [Fact]
    public async Task A_script_can_load_another_and_sees_unbound_arguments()
    {
        shell.Write("library.ps1", "function Get-Answer { 42 }");
        shell.Write("main.ps1", ". $PSScriptRoot/library.ps1; Get-Answer; $args.Count; $args[0]");

        var run = await shell.RunAsync("-File", "main.ps1", "first", "second");

        Assert.Equal("42\n2\nfirst\n", run.Output);
    }

    [Fact]
    public async Task Text_from_standard_input_is_run()
    {
        var alone = await shell.RunAsync([], "'one'; exit 3");
        var dash = await shell.RunAsync(["-NonInteractive", "-Command", "-"], "'two'");

        Assert.Equal((3, "one\n"), (alone.ExitCode, alone.Output));
        Assert.Equal((0, "two\n"), (dash.ExitCode, dash.Output));
    }

    [Fact]
    public async Task Errors_go_to_standard_error_with_their_place_and_recommendation()
    {
        var file = shell.Write("error.ps1", """
            function Test-It {
                [CmdletBinding()] param()
                $record = [System.Management.Automation.ErrorRecord]::new([exception]::new('inner'), 'MyId', 'InvalidData', 'target')
                $record.ErrorDetails = [System.Management.Automation.ErrorDetails]::new('text for people')
                $record.ErrorDetails.RecommendedAction = 'do this'
                $PSCmdlet.WriteWarning('careful')
                $PSCmdlet.WriteError($record)
            }
            Test-It
            throw 'the end'
            """);

        var run = await shell.RunAsync("-File", file);

        Assert.Equal("WARNING: careful\n", run.Output);
        Assert.Contains("text for people", run.Error);
        Assert.Contains("do this", run.Error);
        Assert.Contains("error.ps1:10", run.Error);
        Assert.Contains("the end", run.Error);
        Assert.DoesNotContain("\u001b", run.Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_command_of_pwsh_ends_the_script_and_names_pwsh(bool isPwshInModulePath)
    {
        var file = shell.Write("missing.ps1", "'before'\nGet-Stub | Select-Object -First 1\n'after'");
        Directory.CreateDirectory(Path.Combine(shell.Home, "modules", "Utility"));
        shell.Write(Path.Combine("modules", "Utility", "Utility.psm1"), "function Select-Object { 'of pwsh' }");
        shell.Write(Path.Combine("modules", "Utility", "Utility.psd1"), "@{ RootModule = 'Utility.psm1'; ModuleVersion = '1.0'; FunctionsToExport = @('Select-Object') }");

        using var process = shell.Start(["-File", file], modulePath: isPwshInModulePath ? Path.Combine(shell.Home, "modules") : null);
        process.StandardInput.Close();
        var run = await ShellFixture.EndAsync(process);

        Assert.Equal((1, "before\n"), (run.ExitCode, run.Output));
        Assert.Contains("missing.ps1:2: 'Select-Object' is not part of this shell", run.Error);
        Assert.Contains("pwsh", run.Error);
    }

    [Fact]
    public async Task Looking_for_a_missing_command_is_no_error()
    {
        var run = await shell.RunAsync("-c", "$null -eq (Get-Command Select-Object -ErrorAction Ignore)");

        Assert.Equal((0, "True\n", ""), (run.ExitCode, run.Output, run.Error));
    }

    [Fact]
    public async Task A_question_reads_standard_input_unless_non_interactive()
    {
        var file = shell.Write("ask.ps1", """
            $choices = [System.Management.Automation.Host.ChoiceDescription[]]@('&Yes', '&No')
            $answer = $Host.UI.PromptForChoice('Sure?', 'Really?', $choices, 0)
            "answer=$answer"
            """);

        var asked = await shell.RunAsync(["-File", file], "wrong\nn\n");
        var refused = await shell.RunAsync(["-NonInteractive", "-File", file], "n\n");

        Assert.Contains("answer=1", asked.Output);
        Assert.Contains("NonInteractive", refused.Error);
    }

    [Theory]
    [InlineData("is not recognized as the name of a script file", "-File", "no-such.ps1")]
    [InlineData("is not known", "-Nonsense")]
    [InlineData("may mean -NonInteractive or -NoProfile or -NoLogo", "-No")]
    [InlineData("A command must follow", "-Command")]
    [InlineData("no '.ps1' extension", "-File", "Stub.psd1")]
    public async Task A_wrong_command_line_gives_64(string message, params string[] arguments)
    {
        var run = await shell.RunAsync(arguments);

        Assert.Equal((64, ""), (run.ExitCode, run.Output));
        Assert.Contains(message, run.Error);
    }

    [Fact]
    public async Task A_missing_module_is_an_error()
    {
        var run = await shell.RunAsync(["-Command", "1"], module: Path.Combine(shell.Home, "no-such"));

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("HASURA_MIGRATIONS_MODULE", run.Error);
    }

    [Fact]
    public async Task Help_says_what_this_shell_lacks()
    {
        var help = await shell.RunAsync("-h");
        var version = await shell.RunAsync("-version");

        Assert.Contains("Run scripts that need them in pwsh", help.Output);
        Assert.Matches(@"^hasura-migrations \d+\.\d+\.\d+, PowerShell 7\.\d+\.\d+\n$", version.Output);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_signal_stops_the_pipeline_and_lets_it_clean_up(string signal, int expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send.");
        var file = shell.Write($"slow-{signal}.ps1", """
            try { 'started'; while ($true) { [System.Threading.Thread]::Sleep(10) } } finally { [Console]::Out.WriteLine('cleaned up') }
            """);
        using var process = shell.Start(["-File", file]);
        Assert.Equal("started", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        using (var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString()]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var run = await ShellFixture.EndAsync(process);
        Assert.Equal((expected, "cleaned up\n"), (run.ExitCode, run.Output));
    }
}
