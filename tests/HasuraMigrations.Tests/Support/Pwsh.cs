using System.Diagnostics;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Tests.Support;

/// <summary>
/// The pwsh that <c>.config/dotnet-tools.json</c> pins. Where NuGet cannot be reached a test is skipped, or fails where
/// <c>HASURA_TEST_REQUIRE_PWSH</c> is 1.
/// </summary>
internal static class Pwsh
{
    private static readonly Lazy<Task<ProcessResult>> Restored = new(() => RunAsync("dotnet", ["tool", "restore"], null));

    /// <summary>Runs pwsh in the root of the repository to its end, without a profile.</summary>
    /// <param name="arguments">The arguments after <c>-NoProfile</c>.</param>
    /// <param name="input">Text of standard input, which is empty without it.</param>
    /// <param name="environment">Variables that are set for it.</param>
    public static async Task<ProcessResult> RunAsync(IEnumerable<string> arguments, string? input = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        await RestoreAsync();
        return await RunAsync("dotnet", [Program(), "-NoProfile", .. arguments], input, environment);
    }

    private static async Task RestoreAsync()
    {
        var restored = await Restored.Value;
        if (restored.ExitCode != 0)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("HASURA_TEST_REQUIRE_PWSH") != "1", $"pwsh cannot be restored from NuGet: {restored.Error}{restored.Output}");
            Assert.Fail($"pwsh cannot be restored from NuGet: {restored.Error}{restored.Output}");
        }
    }

    /// <summary>Runs another program, for which the word <c>pwsh</c> stands for the one above.</summary>
    /// <param name="directory">Where it runs.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<ProcessResult> RunAsync(string directory, string program, params string[] arguments)
    {
        await RestoreAsync();
        return await RunAsync(program, arguments.Select(a => a.Replace("pwsh ", $"dotnet '{Program()}' ", StringComparison.Ordinal)), null, new Dictionary<string, string> { ["PSModulePath"] = Path.GetDirectoryName(Repository.Module)! }, directory);
    }

    // dotnet tool run starts two more processes, which take longer than pwsh itself.
    private static string Program()
    {
        var tool = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, ".config", "dotnet-tools.json")))!["tools"]!["powershell"]!;
        var package = Path.Combine(Repository.BuildValue("Packages"), "powershell", (string)tool["version"]!);
        return Directory.EnumerateFiles(package, "pwsh.dll", SearchOption.AllDirectories)
            .Single(f => Path.GetFileName(Path.GetDirectoryName(f)) == (OperatingSystem.IsWindows() ? "win" : "unix"));
    }

    private static async Task<ProcessResult> RunAsync(string program, IEnumerable<string> arguments, string? input, IReadOnlyDictionary<string, string>? environment = null, string? directory = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory ?? Repository.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        // As in tests/Directory.Build.props and the project file, for the same reasons.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        // Hexadecimal.
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "FA0";
        // pwsh writes colors into redirected output too.
        start.Environment["NO_COLOR"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ProcessResult(process.ExitCode, (await output).ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
    }
}

/// <summary>How a process ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to standard output, with line feeds.</param>
/// <param name="Error">What it wrote to standard error, with line feeds.</param>
internal sealed record ProcessResult(int ExitCode, string Output, string Error);
