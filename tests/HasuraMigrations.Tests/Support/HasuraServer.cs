using System.Diagnostics;
using Npgsql;

namespace HasuraMigrations.Tests.Support;

/// <summary>The test server that speaks Hasura's API over a database, as a process of its own.</summary>
public sealed class HasuraServer : IDisposable
{
    private readonly Process _process;

    private HasuraServer(Process process, string endpoint) => (_process, Endpoint) = (process, endpoint);

    public string Endpoint { get; }

    /// <summary>Starts a server on a free port.</summary>
    public static HasuraServer Start(ModuleDatabase database, string? adminSecret = null, string api = "v2") => Start(database.ConnectionString, adminSecret, api);

    /// <summary>Starts a server on a free port.</summary>
    public static HasuraServer Start(string connectionString, string? adminSecret = null, string api = "v2")
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var program = Path.Combine(Repository.Root, "tests", "HasuraMigrations.TestServer", "bin", configuration, "net10.0", "HasuraMigrations.TestServer.dll");
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        var url = $"postgres://{Uri.EscapeDataString(builder.Username!)}:{Uri.EscapeDataString(builder.Password ?? "")}@{builder.Host}:{builder.Port}/{builder.Database}";
        var start = new ProcessStartInfo("dotnet", [program, "--postgres", url, "--port", "0", "--api", api, .. adminSecret is null ? Array.Empty<string>() : ["--admin-secret", adminSecret]])
        {
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The test server did not start.");
        return new HasuraServer(process, line.Split(' ')[^1].TrimEnd('/'));
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
