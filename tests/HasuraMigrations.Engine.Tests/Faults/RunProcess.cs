using System.Diagnostics;

namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>A run of migrations in a process of its own, which can be killed: this test program in another mode.</summary>
internal sealed class RunProcess : IDisposable
{
    private readonly Process _process;

    private RunProcess(Process process) => _process = process;

    /// <summary>True where it was killed rather than ended by itself.</summary>
    public bool IsKilled { get; private set; }

    /// <summary>Starts a run and returns once its code runs.</summary>
    public static async Task<RunProcess> StartAsync(ProofDatabase proof, bool isDown, string point = "none", int occurrence = 1, string action = "kill", string? connectionString = null)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(RunProcess).Assembly.Location, ChildRun.Mode, proof.Directory, $"{proof.ConfigVersion}", isDown ? "down" : "up", point, $"{occurrence}", action])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { [ChildRun.ConnectionVariable] = connectionString ?? proof.ConnectionString, [ChildRun.MetadataVariable] = proof.MetadataConnectionString, ["DOTNET_TieredPGO"] = "0", ["DOTNET_gcServer"] = "0" },
        };
        var run = new RunProcess(Process.Start(start)!);
        await run._process.StandardOutput.ReadLineAsync();
        return run;
    }

    /// <summary>Waits until the run stands at its point; false where it ended without coming there.</summary>
    public async Task<bool> PausedAsync() => await _process.StandardOutput.ReadLineAsync() == "paused";

    /// <summary>Lets a run that paused go on.</summary>
    public Task ResumeAsync() => _process.StandardInput.WriteLineAsync("go on");

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Waits for the end; null where the process was killed before it could say how it ended.</summary>
    public async Task<RunEnd?> EndAsync()
    {
        var text = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith("end|", StringComparison.Ordinal));
        if (line is null)
        {
            IsKilled = true;
            return null;
        }

        var parts = line.Split('|', 5);
        return new RunEnd(
            [.. parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)],
            parts[2].Length > 0 ? parts[2] : null,
            parts[3].Length > 0 ? long.Parse(parts[3]) : null,
            parts[4]);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
