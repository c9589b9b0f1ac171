namespace HasuraMigrations.Engine.Connections;

/// <summary>The ways to a database that a user named. It carries secrets and prints none.</summary>
public sealed class ConnectionRequest
{
    /// <summary>A connection that was made before.</summary>
    public HasuraConnection? Connection { get; init; }

    /// <summary>One connection string.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Connection strings by database (source) name.</summary>
    public IReadOnlyDictionary<string, string>? ConnectionStrings { get; init; }

    /// <summary>Connection string of Hasura's metadata database, where it is another one.</summary>
    public string? MetadataConnectionString { get; init; }

    /// <summary>URL of a Hasura server.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Admin secret of the server; null where none was given.</summary>
    public string? AdminSecret { get; init; }

    /// <summary>How a server is spoken to, where that was named; null for what the project sets.</summary>
    public ServerConnectionOptions? Server { get; init; }

    /// <summary>The target that was chosen; null to find out.</summary>
    public HasuraTargetKind? Target { get; init; }
}
