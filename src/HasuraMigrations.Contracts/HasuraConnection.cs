namespace HasuraMigrations;

/// <summary>
/// A way to a database. It carries secrets and shows none: only host, port, database and user are properties.
/// </summary>
public sealed class HasuraConnection
{
    private readonly string _connectionString;

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

    /// <summary>Host name.</summary>
    public string? Host { get; }

    /// <summary>Port.</summary>
    public int Port { get; }

    /// <summary>Name of the Postgres database.</summary>
    public string? DatabaseName { get; }

    /// <summary>Role.</summary>
    public string? UserName { get; }

    /// <summary>The sandbox behind the connection; null for others.</summary>
    public HasuraSandbox? Sandbox { get; init; }

    /// <summary>The connection string with its secrets, for the engine only: a method, so that no view shows it.</summary>
    public string RevealConnectionString() => _connectionString;

    /// <summary>user@host:port/database</summary>
    public override string ToString() => $"{UserName}@{Host}:{Port}/{DatabaseName}";
}
