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

    private Task RunScriptAsync(string script) => Tools.RunAsync(new ProcessStartInfo(pwsh, ["-NoProfile", "-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; {script}"])
    {
        Environment = { ["POWERSHELL_TELEMETRY_OPTOUT"] = "1" },
    });
}
