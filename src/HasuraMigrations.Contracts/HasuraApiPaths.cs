namespace HasuraMigrations;

/// <summary>Where a server's APIs lie, below its endpoint: the keys <c>api_paths</c> of config.yaml.</summary>
public sealed record HasuraApiPaths
{
    /// <summary>SQL and, for servers of version 1, metadata.</summary>
    public string Query { get; init; } = "v1/query";

    /// <summary>SQL of servers of version 2.</summary>
    public string V2Query { get; init; } = "v2/query";

    /// <summary>Metadata of servers of version 2.</summary>
    public string Metadata { get; init; } = "v1/metadata";

    /// <summary>Settings of the server.</summary>
    public string Config { get; init; } = "v1alpha1/config";

    /// <summary>Requests of clients, which are asked for introspections.</summary>
    public string GraphQL { get; init; } = "v1/graphql";

    /// <summary>Dumps.</summary>
    public string PgDump { get; init; } = "v1alpha1/pg_dump";

    /// <summary>Version of the server.</summary>
    public string Version { get; init; } = "v1/version";

    /// <summary>Health of the server, which no setting moves.</summary>
    public string Health { get; init; } = "healthz";
}
