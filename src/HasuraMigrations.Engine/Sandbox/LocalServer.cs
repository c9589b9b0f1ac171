using System.Globalization;
using System.Net;
using System.Net.Sockets;
using HasuraMigrations.Engine.Processes;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Sandbox;

/// <summary>A server made of programs on this machine, in a temporary directory of its own.</summary>
internal sealed class LocalServer : ISandboxServer
{
    private const int PortAttempts = 5;
    private const int LogLines = 20;
    private const string Prefix = "hasura-sandbox-";
    private readonly PostgresBinaries _binaries;
    private readonly UnprivilegedUser _user;
    private readonly string _home;
    private readonly Watchdog _watchdog;

    private LocalServer(PostgresBinaries binaries, UnprivilegedUser user, string? parent)
    {
        _binaries = binaries;
        _user = user;
        _home = MakeHome(parent);
        DataDirectory = Path.Combine(_home, "data");
        _watchdog = Watchdog.Start(user, _home, binaries.PgCtl, "stop", "-D", DataDirectory, "-m", "immediate");
    }

    public string Host => "127.0.0.1";

    public int Port { get; private set; }

    public Version Version => _binaries.Version;

    public string DataDirectory { get; }

    public int? ProcessId => ReadProcessId();

    private string LogFile => Path.Combine(_home, "server.log");

    /// <summary>Makes a cluster and starts its server; what was made is removed again if that fails.</summary>
    /// <exception cref="HasuraMigrationException"><c>SandboxUserMissing</c>, <c>SandboxStartFailed</c>.</exception>
    public static async Task<LocalServer> StartAsync(PostgresBinaries binaries, SandboxOptions options, string password, CancellationToken cancellationToken)
    {
        var user = await UnprivilegedUser.FindAsync(cancellationToken).ConfigureAwait(false);
        var server = new LocalServer(binaries, user, options.ParentDirectory);
        try
        {
            user.TakeOver(server._home);
            await server.InitializeAsync(password, cancellationToken).ConfigureAwait(false);
            await server.ListenAsync(options, cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops the server, removes its directory and ends the watchdog.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!await StopAsync("fast", "10").ConfigureAwait(false))
        {
            await StopAsync("immediate", "10").ConfigureAwait(false);
        }

        if (DeleteHome())
        {
            _watchdog.Dispose();
        }
        else
        {
            // Something in the directory is still held: the watchdog tries again after we are gone.
            _watchdog.Abandon();
        }
    }

    private static string MakeHome(string? parent)
    {
        if (parent is null)
        {
            return Directory.CreateTempSubdirectory(Prefix).FullName;
        }

        var path = Path.Combine(parent, Prefix + Path.GetRandomFileName());
        return (OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(path)
            : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)).FullName;
    }

    private async Task InitializeAsync(string password, CancellationToken cancellationToken)
    {
        var passwordFile = Path.Combine(_home, "password");
        await File.WriteAllTextAsync(passwordFile, password, cancellationToken).ConfigureAwait(false);
        _user.TakeOver(passwordFile);

        // C.UTF-8 comes from the system before 17, and not every system has it.
        ProgramRun? run = null;
        foreach (var locale in OperatingSystem.IsWindows() ? ["C"] : new[] { "C.UTF-8", "C" })
        {
            run = await RunAsync(_binaries.InitDb, cancellationToken, InitDbArguments(passwordFile, locale)).ConfigureAwait(false);
            if (run.Succeeded)
            {
                HeldFiles.Retry(() => File.Delete(passwordFile));
                return;
            }
        }

        throw Failed($"initdb of {_binaries.Version} ({_binaries.Origin}) failed: {run!.Text}");
    }

    private List<string> InitDbArguments(string passwordFile, string locale)
    {
        List<string> arguments =
        [
            "-D", DataDirectory, "-U", SandboxSettings.User, "-E", "UTF8", $"--locale={locale}",
            "-A", "scram-sha-256", $"--pwfile={passwordFile}", "--no-sync",
        ];
        if (_binaries.Version.Major >= 17)
        {
            arguments.AddRange(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]);
        }

        return arguments;
    }

    private async Task ListenAsync(SandboxOptions options, CancellationToken cancellationToken)
    {
        var configuration = Path.Combine(DataDirectory, "postgresql.conf");
        await File.AppendAllTextAsync(configuration, SandboxSettings.Text(SandboxSettings.Of(options)), cancellationToken).ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            Port = FreePort();
            await File.AppendAllTextAsync(configuration, SandboxSettings.Text(SandboxSettings.Listening(Port)), cancellationToken).ConfigureAwait(false);
            var seconds = Math.Max(1, (int)options.StartTimeout.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            // Without -p, pg_ctl starts the server program once more before, to ask for its version.
            var run = await RunAsync(_binaries.PgCtl, cancellationToken, ["start", "-w", "-t", seconds, "-p", _binaries.Postgres, "-D", DataDirectory, "-l", LogFile]).ConfigureAwait(false);
            if (run.Succeeded)
            {
                return;
            }

            // Another program may have taken the port since it was seen free.
            var log = LogTail();
            if (attempt == PortAttempts || !log.Contains("could not bind", StringComparison.Ordinal))
            {
                throw Failed($"The server {_binaries.Version} ({_binaries.Origin}) did not start: {run.Error.Trim()}\n{log}");
            }

            HeldFiles.Retry(() => File.Delete(LogFile));
        }
    }

    private async Task<bool> StopAsync(string mode, string seconds)
    {
        if (ReadProcessId() is null)
        {
            return true;
        }

        var run = await RunAsync(_binaries.PgCtl, CancellationToken.None, ["stop", "-w", "-t", seconds, "-D", DataDirectory, "-m", mode]).ConfigureAwait(false);
        return run.Succeeded || ReadProcessId() is null;
    }

    private Task<ProgramRun> RunAsync(string program, CancellationToken cancellationToken, IEnumerable<string> arguments)
    {
        var start = _user.Prepare(program, arguments);
        start.WorkingDirectory = _home;
        return ProgramRun.RunAsync(start, cancellationToken);
    }

    private bool DeleteHome()
    {
        try
        {
            // On Windows the server's files stay open a moment longer than its process.
            HeldFiles.Retry(() => Directory.Delete(_home, recursive: true));
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private int? ReadProcessId()
    {
        try
        {
            var line = Lines(Path.Combine(DataDirectory, "postmaster.pid")).FirstOrDefault();
            return int.TryParse(line, CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string LogTail()
    {
        try
        {
            return string.Join('\n', Lines(LogFile).TakeLast(LogLines));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "(the server wrote no log)";
        }
    }

    // The server goes on writing them.
    private static List<string> Lines(string path)
    {
        using var reader = new StreamReader(new FileStream(RegularFile.Open(path), FileAccess.Read));
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private HasuraMigrationException Failed(string message) => new("SandboxStartFailed", message, DataDirectory);
}
