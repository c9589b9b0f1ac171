namespace HasuraMigrations;

/// <summary>
/// A running throwaway PostgreSQL server. No property, and so no view, log or JSON text, shows its password; only
/// <see cref="GetConnectionString"/> gives it away.
/// </summary>
public sealed class HasuraSandbox
{
    private readonly string _connectionString;

    /// <summary>Describes a server that was just started.</summary>
    /// <param name="connectionString">Keyword connection string of its superuser, password included.</param>
    public HasuraSandbox(string connectionString) => _connectionString = connectionString;

    /// <summary>Name of this sandbox, unique on this machine.</summary>
    public required string Id { get; init; }

    /// <summary>Address it listens on; a loopback address unless it runs in a container elsewhere.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port it listens on.</summary>
    public required int Port { get; init; }

    /// <summary>Its superuser.</summary>
    public required string User { get; init; }

    /// <summary>The database to connect to first.</summary>
    public required string Database { get; init; }

    /// <summary>Version of the server, such as 15.18.</summary>
    public required Version Version { get; init; }

    /// <summary>Full path of its data directory; null where it runs in a container.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Process id of the server; null where it runs in a container.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The keyword connection string of the superuser. Holds the password: never print or log it.</summary>
    public string GetConnectionString() => _connectionString;

    /// <summary>Version, address and user, without the password.</summary>
    public override string ToString() => $"PostgreSQL {Version} at {User}@{Host}:{Port}";
}
