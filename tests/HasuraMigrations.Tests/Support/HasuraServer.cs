using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace HasuraMigrations.Tests.Support;

/// <summary>The test server that speaks Hasura's API over a database. All servers of a test run share a process of their own.</summary>
public sealed class HasuraServer : IDisposable
{
    // Ends with this process, which holds its standard input.
    private static readonly Lazy<Process> Program = new(StartProgram, LazyThreadSafetyMode.ExecutionAndPublication);
    private static readonly Lock Turn = new();

    private HasuraServer(string endpoint) => Endpoint = endpoint;

    public string Endpoint { get; }

    /// <summary>Starts a server on a free port.</summary>
    public static HasuraServer Start(ModuleDatabase database, string? adminSecret = null, string api = "v2") => Start(database.ConnectionString, adminSecret, api);

    /// <summary>Starts a server on a free port.</summary>
    public static HasuraServer Start(string connectionString, string? adminSecret = null, string api = "v2")
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        var url = $"postgres://{Uri.EscapeDataString(builder.Username!)}:{Uri.EscapeDataString(builder.Password ?? "")}@{builder.Host}:{builder.Port}/{builder.Database}";
        return new HasuraServer(Ask(["--postgres", url, "--port", "0", "--api", api, .. adminSecret is null ? Array.Empty<string>() : ["--admin-secret", adminSecret]]));
    }

    public void Dispose() => _ = Ask(["stop", Endpoint]);

    private static string Ask(string[] arguments)
    {
        lock (Turn)
        {
            Program.Value.StandardInput.WriteLine(JsonSerializer.Serialize(arguments));
            var answer = Program.Value.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The test server has ended.");
            return answer.StartsWith("error: ", StringComparison.Ordinal) ? throw new InvalidOperationException(answer) : answer;
        }
    }

    private static Process StartProgram()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var program = Path.Combine(Repository.Root, "tests", "HasuraMigrations.TestServer", "bin", configuration, "net10.0", "HasuraMigrations.TestServer.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [program, "--many"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }
}
