using System.Diagnostics;

namespace HasuraMigrations.Tests.Shell;

/// <summary>A directory with a small module and scripts, and a way to run the built shell there.</summary>
public sealed class ShellFixture : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public ShellFixture()
    {
        Home = Directory.CreateTempSubdirectory("hasura-shell-").FullName;
        Write("Stub.psm1", """
            function Get-Stub {
                [CmdletBinding()] param()
                [pscustomobject]@{ Name = 'one'; Value = 1 }
                [pscustomobject]@{ Name = 'two'; Value = 2 }
            }
            """);
        Write("Stub.psd1", """
            @{ RootModule = 'Stub.psm1'; ModuleVersion = '1.0'; FunctionsToExport = @('Get-Stub'); CmdletsToExport = @(); AliasesToExport = @() }
            """);
    }

    /// <summary>Full path of the directory, with no link in it.</summary>
    public string Home { get; }

    /// <summary>Writes a file into the directory.</summary>
    /// <returns>Its full path.</returns>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Home, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Runs the shell to its end; standard input is closed unless there is text for it.</summary>
    public async Task<ShellRun> RunAsync(IEnumerable<string> arguments, string? input = null, string? module = null)
    {
        using var process = Start(arguments, module);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        return await EndAsync(process);
    }

    public Task<ShellRun> RunAsync(params string[] arguments) => RunAsync(arguments, null);

    /// <summary>Starts the shell.</summary>
    public Process Start(IEnumerable<string> arguments, string? module = null, string? modulePath = null)
    {
        var start = new ProcessStartInfo("dotnet", [ShellPath(), .. arguments])
        {
            WorkingDirectory = Home,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HASURA_MIGRATIONS_MODULE"] = module ?? Home;
        start.Environment["PSModulePath"] = modulePath;
        return Process.Start(start)!;
    }

    /// <summary>Waits for the end of a shell and reads what it wrote.</summary>
    public static async Task<ShellRun> EndAsync(Process process)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return new ShellRun(process.ExitCode, (await output).ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
    }

    public void Dispose() => Directory.Delete(Home, recursive: true);

    private static string ShellPath()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var root = output;
        while (!File.Exists(Path.Combine(root.FullName, "Migrations.sln")))
        {
            root = root.Parent!;
        }

        return Path.Combine(root.FullName, "src", "HasuraMigrations.Shell", "bin", output.Parent!.Name, output.Name, "hasura-migrations.dll");
    }
}

/// <summary>What a shell left behind.</summary>
public sealed record ShellRun(int ExitCode, string Output, string Error);
