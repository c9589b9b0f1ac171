namespace HasuraMigrations;

/// <summary>
/// A way to a database, straight or through a Hasura server. It carries secrets and shows none: only host, port, database,
/// user and the server's endpoint are properties.
/// </summary>
public sealed class HasuraConnection
{
    private readonly string? _connectionString;

    /// <summary>Makes a connection from the parts a user may see and the string nobody sees.</summary>
    /// <param name="connectionString">A PostgreSQL URL or keyword string.</param>
    /// <param name="host">Host name.</param>
    /// <param name="port">Port.</param>
    /// <param name="databaseName">Name of the Postgres database.</param>
    /// <param name="userName">Role.</param>
    public HasuraConnection(string connectionString, string? host, int port, string? databaseName, string? userName)
    {
        _connectionString = connectionString;
        Host = host;
        Port = port;
        DatabaseName = databaseName;
        UserName = userName;
    }

    /// <summary>Makes a connection through a Hasura server.</summary>
    /// <param name="server">The server.</param>
    public HasuraConnection(HasuraServerConnection server)
    {
        Server = server;
        Host = server.Endpoint.Host;
        Port = server.Endpoint.Port;
    }

    /// <summary>Where the work is done.</summary>
    public HasuraTargetKind Kind => Server is null ? HasuraTargetKind.Postgres : HasuraTargetKind.Server;

    /// <summary>The Hasura server; null for a way straight to a database.</summary>
    public HasuraServerConnection? Server { get; }

    /// <summary>Host name, or the directory of a socket; of several hosts all, each with its port, split by commas.</summary>
    public string? Host { get; }

    /// <summary>Port; of several hosts that of the first.</summary>
    public int Port { get; }

    /// <summary>Host and port as messages show them.</summary>
    public string Address => Host switch
    {
        // A list of hosts holds their ports; an address of IPv6 holds colons.
        { } hosts when hosts.Contains(',') => hosts,
        { } address when address.Contains(':') && !address.StartsWith("/", StringComparison.Ordinal) && !address.StartsWith("[", StringComparison.Ordinal) => $"[{address}]:{Port}",
        _ => $"{Host}:{Port}",
    };

    /// <summary>Name of the Postgres database.</summary>
    public string? DatabaseName { get; }

    /// <summary>Role.</summary>
    public string? UserName { get; }

    /// <summary>What is odd about the connection string, such as a parameter without effect; no secret.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>The sandbox behind the connection; null for others.</summary>
    public HasuraSandbox? Sandbox { get; init; }

    /// <summary>The connection string with its secrets, for the engine only: a method, so that no view shows it.</summary>
    /// <exception cref="HasuraMigrationException">TargetNotSupported: the connection goes through a server.</exception>
    public string RevealConnectionString() =>
        _connectionString ?? throw new HasuraMigrationException("TargetNotSupported", $"{this} is a Hasura server; this operation requires a direct connection to PostgreSQL.", ToString());

    /// <summary>user@host:port/database, or the server's endpoint.</summary>
    public override string ToString() => Server?.ToString() ?? $"{UserName}@{Address}/{DatabaseName}";
}
