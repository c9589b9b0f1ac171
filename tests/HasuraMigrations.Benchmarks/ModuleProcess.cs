using System.Diagnostics;

namespace HasuraMigrations.Benchmarks;

/// <summary>
/// Commands in new processes of PowerShell, as a step of a pipeline runs them on a new machine. PowerShell notes in its cache which methods
/// a process compiled, and the next one, whatever it runs, has them compiled beforehand on another processor; each process here has a
/// cache of its own, so that no row depends on the one before. Windows has no variable for that.
/// </summary>
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
        using var cache = new PowerShellCache();
        var start = Start($"Import-Module '{module}'; {script}", cache);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var line = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        return (process.ExitCode, line ?? await error);
    }

    private async Task RunScriptAsync(string script)
    {
        using var cache = new PowerShellCache();
        await Tools.RunAsync(Start(script, cache));
    }

    private ProcessStartInfo Start(string script, PowerShellCache cache) => new(pwsh, ["-NoProfile", "-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; {script}"])
    {
        Environment = { ["POWERSHELL_TELEMETRY_OPTOUT"] = "1", ["XDG_CACHE_HOME"] = cache.Path },
    };

    private sealed class PowerShellCache : IDisposable
    {
        internal string Path { get; } = Directory.CreateTempSubdirectory("hasura-benchmark-cache-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
