using System.Diagnostics;

namespace HasuraMigrations.Benchmarks;

/// <summary>Commands in new processes of PowerShell, as a step of a pipeline runs them.</summary>
internal sealed class ModuleProcess(string pwsh, string module)
{
    /// <summary>Runs a command of the module.</summary>
    internal Task RunAsync(string command) => RunScriptAsync($"Import-Module '{module}'; {command} | Out-Null");

    /// <summary>Imports the module and nothing more.</summary>
    internal Task ImportAsync() => RunScriptAsync($"Import-Module '{module}'");

    /// <summary>Starts and ends.</summary>
    internal Task RunNothingAsync() => RunScriptAsync("$null");

    /// <summary>Runs a script with the module, and returns how it ended and the last line that it wrote.</summary>
    internal async Task<(int ExitCode, string Text)> OutcomeAsync(string script)
    {
        var start = Start($"Import-Module '{module}'; {script}");
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var line = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        return (process.ExitCode, line ?? await error);
    }

    private Task RunScriptAsync(string script) => Tools.RunAsync(Start(script));

    private ProcessStartInfo Start(string script) => new(pwsh, ["-NoProfile", "-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; {script}"])
    {
        Environment = { ["POWERSHELL_TELEMETRY_OPTOUT"] = "1" },
    };
}
