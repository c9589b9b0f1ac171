using System.Diagnostics;
using System.Globalization;
using HasuraMigrations.Engine.Processes;
using Npgsql;

namespace HasuraMigrations.Engine.Sandbox;

/// <summary>A server in a container of the official image, driven through the docker command line.</summary>
internal sealed class DockerServer : ISandboxServer
{
    private const int DefaultVersion = 18;
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);
    private readonly string _name;
    private readonly Watchdog _watchdog;

    private DockerServer(string name, Watchdog watchdog)
    {
        _name = name;
        _watchdog = watchdog;
    }

    // Published on the loopback address of the machine that runs the containers, which is this one.
    public string Host => "127.0.0.1";

    public int Port { get; private set; }

    public Version Version { get; private set; } = new(0, 0);

    public string? DataDirectory => null;

    public int? ProcessId => null;

    /// <summary>Why no container can be started; null where one can.</summary>
    public static async Task<string?> WhyNotAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ProbeTimeout);
        try
        {
            var run = await ProgramRun.RunAsync(ProgramRun.Prepare("docker", "version", "--format", "{{.Server.Os}}"), limit.Token).ConfigureAwait(false);
            return !run.Succeeded ? " Docker is not usable either." : WhyNotOn(run.Output.Trim());
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return " Docker did not answer.";
        }
    }

    /// <summary>Why an engine of a system cannot run the image; null where it can.</summary>
    internal static string? WhyNotOn(string system) =>
        system.Equals("linux", StringComparison.OrdinalIgnoreCase) ? null : $" Docker runs {system} containers, and the image is one for Linux.";

    /// <summary>Starts a container and waits until its server answers; it is removed again if that fails.</summary>
    /// <exception cref="HasuraMigrationException"><c>SandboxStartFailed</c>.</exception>
    public static async Task<DockerServer> StartAsync(SandboxOptions options, string password, CancellationToken cancellationToken)
    {
        var name = $"hasura-sandbox-{Guid.NewGuid():N}";
        var user = UnprivilegedUser.None;
        var server = new DockerServer(name, Watchdog.Start(user, null, "docker", "rm", "--force", "--volumes", name));
        try
        {
            var run = await ProgramRun.RunAsync(PrepareRun(name, options, password), cancellationToken).ConfigureAwait(false);
            if (!run.Succeeded)
            {
                throw Failed(options, run.Error.Trim());
            }

            server.Port = await ReadPortAsync(name, options, cancellationToken).ConfigureAwait(false);
            server.Version = await server.WaitAsync(options, password, cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Removes the container and ends the watchdog.</summary>
    public async ValueTask DisposeAsync()
    {
        await ProgramRun.RunAsync(ProgramRun.Prepare("docker", "rm", "--force", "--volumes", _name), CancellationToken.None).ConfigureAwait(false);
        _watchdog.Dispose();
    }

    private static ProcessStartInfo PrepareRun(string name, SandboxOptions options, string password)
    {
        List<string> arguments =
        [
            "run", "--detach", "--rm", "--name", name, "--publish", "127.0.0.1::5432", "--env", "POSTGRES_PASSWORD",
            "--env", "POSTGRES_INITDB_ARGS=--encoding=UTF8 --locale=C.UTF-8 --auth-host=scram-sha-256 --no-sync",
            $"postgres:{options.Version ?? DefaultVersion}",
            .. SandboxSettings.Of(options).SelectMany(s => new[] { "-c", $"{s.Key}={s.Value}" }),
        ];
        var start = ProgramRun.Prepare("docker", arguments);
        // By name only on the command line, which every user of the machine may read.
        start.Environment["POSTGRES_PASSWORD"] = password;
        return start;
    }

    private static async Task<int> ReadPortAsync(string name, SandboxOptions options, CancellationToken cancellationToken)
    {
        var run = await ProgramRun.RunAsync(ProgramRun.Prepare("docker", "port", name, "5432/tcp"), cancellationToken).ConfigureAwait(false);
        var first = run.Output.Split('\n')[0].Trim();
        return int.TryParse(first[(first.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture, out var port)
            ? port
            : throw Failed(options, $"its port is not known: {run.Text}");
    }

    private async Task<Version> WaitAsync(SandboxOptions options, string password, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(PostgresSandbox.MakeConnectionString(this, password) + ";Pooling=false");
                await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
                return PostgresBinaries.ParseVersion(connection.PostgreSqlVersion.ToString());
            }
            catch (NpgsqlException exception) when (clock.Elapsed > options.StartTimeout)
            {
                var log = await ProgramRun.RunAsync(ProgramRun.Prepare("docker", "logs", "--tail", "20", _name), cancellationToken).ConfigureAwait(false);
                throw Failed(options, $"{exception.Message}\n{log.Text}");
            }
            catch (NpgsqlException)
            {
                await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static HasuraMigrationException Failed(SandboxOptions options, string reason) =>
        new("SandboxStartFailed", $"A container of postgres:{options.Version ?? DefaultVersion} did not start: {reason}", options.Version);
}
