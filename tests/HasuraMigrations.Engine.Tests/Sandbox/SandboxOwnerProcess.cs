using System.Diagnostics;
using System.Runtime.CompilerServices;
using HasuraMigrations.Engine.Sandbox;

namespace HasuraMigrations.Engine.Tests.Sandbox;

/// <summary>A process that owns a sandbox and can be killed: this test program, told by a variable to be nothing else.</summary>
internal sealed class SandboxOwnerProcess : IDisposable
{
    private const string Variable = "HASURA_TEST_SANDBOX_OWNER";
    private readonly Process _process;

    private SandboxOwnerProcess(Process process, string[] answer)
    {
        _process = process;
        DataDirectory = answer[0];
        Port = int.Parse(answer[1]);
    }

    public string DataDirectory { get; }

    public int Port { get; }

    public static async Task<SandboxOwnerProcess> StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(SandboxOwnerProcess).Assembly.Location])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { [Variable] = "1" },
        };
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync();
        return new SandboxOwnerProcess(process, line!.Split('|'));
    }

    /// <summary>Ends the process so that none of its code runs any more.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Lets the process end by itself without stopping its sandbox.</summary>
    public void Leave() => _process.StandardInput.Close();

    public void Dispose() => _process.Dispose();

    // Runs before the entry point, which belongs to the test framework.
    [ModuleInitializer]
    internal static void BeOwnerIfTold()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            return;
        }

        var sandbox = PostgresSandbox.StartAsync().GetAwaiter().GetResult();
        Console.WriteLine($"{sandbox.Info.DataDirectory}|{sandbox.Info.Port}");
        Console.ReadLine();
        Environment.Exit(0);
    }
}
