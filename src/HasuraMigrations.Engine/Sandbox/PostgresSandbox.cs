using System.Security.Cryptography;
using Npgsql;

namespace HasuraMigrations.Engine.Sandbox;

/// <summary>
/// A throwaway PostgreSQL server: a temporary directory only its owner may read, one loopback port, a random password.
/// It ends with this object, and with this process however that ends.
/// </summary>
public sealed class PostgresSandbox : IAsyncDisposable
{
    private const int PasswordBytes = 24;
    private readonly ISandboxServer _server;
    private int _stopped;

    private PostgresSandbox(ISandboxServer server, PostgresBinaries? binaries, string connectionString)
    {
        _server = server;
        Binaries = binaries;
        ConnectionString = connectionString;
        Info = new HasuraSandbox(connectionString)
        {
            Id = Guid.NewGuid().ToString("N")[..12],
            Host = server.Host,
            Port = server.Port,
            User = SandboxSettings.User,
            Database = SandboxSettings.Database,
            Version = server.Version,
            DataDirectory = server.DataDirectory,
            ProcessId = server.ProcessId,
        };
    }

    /// <summary>What users see of it.</summary>
    public HasuraSandbox Info { get; }

    /// <summary>Keyword connection string of the superuser. Holds the password: never print or log it.</summary>
    public string ConnectionString { get; }

    /// <summary>The programs it was made of; null where it runs in a container.</summary>
    public PostgresBinaries? Binaries { get; }

    /// <summary>Starts a server, from programs of this machine or else in a container, and waits until it accepts connections.</summary>
    /// <param name="options">What kind of server is wanted.</param>
    /// <param name="cancellationToken">Ends the start and removes what was made so far.</param>
    /// <exception cref="HasuraMigrationException">
    /// <c>PostgresDirectoryInvalid</c>, <c>PostgresNotFound</c>, <c>SandboxDownloadFailed</c>, <c>SandboxUserMissing</c>, <c>SandboxStartFailed</c>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<PostgresSandbox> StartAsync(SandboxOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SandboxOptions();
        var password = Convert.ToHexString(RandomNumberGenerator.GetBytes(PasswordBytes));
        var search = new PostgresSearch(Environment.GetEnvironmentVariable);
        var binaries = await search.FindAsync(options, cancellationToken).ConfigureAwait(false);
        if (binaries is null && await DockerServer.WhyNotAsync(cancellationToken).ConfigureAwait(false) is { } reason)
        {
            throw search.NotFound(options, reason);
        }

        ISandboxServer server = binaries is null
            ? await DockerServer.StartAsync(options, password, cancellationToken).ConfigureAwait(false)
            : await LocalServer.StartAsync(binaries, options, password, cancellationToken).ConfigureAwait(false);
        return new PostgresSandbox(server, binaries, MakeConnectionString(server, password));
    }

    /// <summary>Stops the server and deletes its directory. Stopping twice does nothing.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 0)
        {
            await using var connection = new NpgsqlConnection(ConnectionString);
            NpgsqlConnection.ClearPool(connection);
            await _server.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The same as <see cref="StopAsync"/>.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    /// <summary>Version and address, without the password.</summary>
    public override string ToString() => Info.ToString();

    internal static string MakeConnectionString(ISandboxServer server, string password) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = server.Host,
            Port = server.Port,
            Username = SandboxSettings.User,
            Password = password,
            Database = SandboxSettings.Database,
            // Nobody listens on the loopback of this machine; negotiating costs a round trip for each connection.
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString;
}
