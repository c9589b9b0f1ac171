using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using HasuraMigrations.Engine.Sandbox;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>A real pgbouncer in front of a database. A test that asks for one is skipped where the program is absent.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _directory;

    private PgBouncer(Process process, string directory, string connectionString) => (_process, _directory, ConnectionString) = (process, directory, connectionString);

    /// <summary>Keyword connection string through it.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts one on a free port.</summary>
    /// <param name="database">The database behind it.</param>
    /// <param name="mode">session, transaction or statement.</param>
    /// <param name="alternates">Server processes take turns; else the one that was used last is used again.</param>
    public static async Task<PgBouncer> StartAsync(TestDatabase database, string mode, bool alternates)
    {
        Machine.NeedsProgram("pgbouncer");
        var place = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var port = FreePort();
        var directory = Directory.CreateTempSubdirectory("pgbouncer-").FullName;
        // The user that it runs as has to read the file.
        Machine.SetMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        var file = Path.Combine(directory, "pgbouncer.ini");
        await File.WriteAllTextAsync(file, $"""
            [databases]
            * = host={place.Host} port={place.Port} user={place.Username} password='{place.Password}'
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = {mode}
            server_round_robin = {(alternates ? 1 : 0)}
            ignore_startup_parameters = extra_float_digits, options
            """);
        var user = await UnprivilegedUser.FindAsync(TestContext.Current.CancellationToken);
        var start = user.Prepare(Machine.Find("pgbouncer")!, file);
        start.RedirectStandardError = start.RedirectStandardOutput = true;
        var bouncer = new PgBouncer(Process.Start(start)!, directory, new NpgsqlConnectionStringBuilder(database.ConnectionString) { Host = "127.0.0.1", Port = port, Pooling = false }.ConnectionString);
        await bouncer.WaitAsync();
        return bouncer;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    // It reports on standard error when it listens.
    private async Task WaitAsync()
    {
        var said = new List<string>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await _process.StandardError.ReadLineAsync(patience.Token) is { } line)
        {
            said.Add(line);
            if (line.Contains("process up", StringComparison.Ordinal))
            {
                _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null);
                _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return;
            }
        }

        throw new InvalidOperationException($"pgbouncer did not start: {string.Join("\n", said)}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
