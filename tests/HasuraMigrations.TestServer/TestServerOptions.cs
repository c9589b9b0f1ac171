using System.Security.Cryptography.X509Certificates;

namespace HasuraMigrations.TestServer;

/// <summary>Which of Hasura's APIs is spoken.</summary>
public enum HasuraApi
{
    /// <summary>That of v1.3: everything on <c>/v1/query</c>, metadata in rows.</summary>
    V1,

    /// <summary>That of v2: <c>/v1/metadata</c> and <c>/v2/query</c>, metadata in one document.</summary>
    V2,
}

/// <summary>How a test server is started.</summary>
public sealed record TestServerOptions
{
    /// <summary>URL or keyword string of the database, which holds the metadata too.</summary>
    public required string Postgres { get; init; }

    /// <summary>The API.</summary>
    public HasuraApi Api { get; init; } = HasuraApi.V2;

    /// <summary>Port on the loopback address; 0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>The admin secret; null to let everybody in.</summary>
    public string? AdminSecret { get; init; }

    /// <summary>What <c>/v1/version</c> tells; null for the newest version of the API.</summary>
    public string? Version { get; init; }

    /// <summary>Databases of sources by name; <c>default</c> is that of the metadata where it is not among them.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; init; } = new Dictionary<string, string>();

    /// <summary>Variables that configurations of sources may name, beside those of the process; those that are settings of a server change the GraphQL schema.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Kinds of sources other than postgres, such as citus or mssql, by name; a PostgreSQL database plays their part.</summary>
    public IReadOnlyDictionary<string, string> Kinds { get; init; } = new Dictionary<string, string>();

    /// <summary>Isolation of the transactions of <c>run_sql</c>.</summary>
    public string Isolation { get; init; } = "read committed";

    /// <summary>Keeps the plans of statements that come again; SQL of clients must not discard them.</summary>
    public bool KeepsPlans { get; init; }

    /// <summary>Speaks https with this certificate.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Happens to every request; a header or <see cref="TestServerHost.FaultNext(string, string?)"/> goes first.</summary>
    public TestFault? Fault { get; init; }

    /// <summary>The kind of a source.</summary>
    internal string KindOf(string source) => Kinds.GetValueOrDefault(source, "postgres");

    /// <summary>The version that is told.</summary>
    internal string VersionText => Version ?? (Api == HasuraApi.V1 ? "v1.3.3" : "v2.48.16");
}
