using System.Collections;
using System.Management.Automation;
using System.Security;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Metadata;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that connect to a database or a server.</summary>
/// <notes>See about_HasuraMigrations_Connections for how the connection is found.</notes>
public abstract class HasuraTargetCmdlet : HasuraProjectCmdlet
{
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    private protected HasuraTargetCmdlet()
    {
    }

    /// <summary>
    /// The connection to use: an object of Connect-HasuraServer or Start-HasuraSandbox, a connection string (PostgreSQL URL or
    /// keyword string), or the URL of a Hasura server. Without any connection parameter, the server of Connect-HasuraServer is
    /// used, then the settings of the environment and the project. Excludes -ConnectionString and -Endpoint.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public object? Connection { get; set; }

    /// <summary>
    /// A connection string as text or SecureString, or a hashtable with the names of databases as keys and connection strings as
    /// values. A connection string is a PostgreSQL URL such as postgres://user:password@host:5432/database?sslmode=require, or a
    /// keyword string such as Host=...;Database=...;Username=...;Password=... .
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public object? ConnectionString { get; set; }

    /// <summary>Connection string of Hasura's metadata database, as text or SecureString, if it is not the target database.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? MetadataConnectionString { get; set; }

    /// <summary>
    /// URL of a Hasura server, version 1.0 to 1.3 or 2.0 and newer. The command then uses the API of the server and requires no
    /// connection to the database itself. The admin secret is that of -AdminSecret, else HASURA_GRAPHQL_ADMIN_SECRET; the secret in
    /// config.yaml or .env is sent only to the endpoint of the project. Plain http to another machine is refused without
    /// -AllowInsecureEndpoint.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Endpoint { get; set; }

    /// <summary>
    /// Admin secret, as a SecureString, for -Endpoint or a server URL given to -Connection. Without both, it is for the endpoint of the
    /// project, not for the server of Connect-HasuraServer.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? AdminSecret { get; set; }

    /// <summary>Additional headers of every request to the server, as a hashtable of names and texts or SecureStrings.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Headers { get; set; }

    /// <summary>File with certificates (PEM) to trust in addition to those of the system, for the connection to the server.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificateAuthority { get; set; }

    /// <summary>
    /// Skips certificate validation of the server, with a warning. Anyone who can intercept the connection can read the admin
    /// secret.
    /// </summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Allows plain http to a host other than this machine. The admin secret and all data are then sent unencrypted.</summary>
    [Parameter]
    public SwitchParameter AllowInsecureEndpoint { get; set; }

    /// <summary>
    /// Time limit for a response of the server, in seconds or as hours:minutes:seconds. The default is 30 seconds. SQL has no
    /// limit.
    /// </summary>
    [Parameter]
    [Seconds]
    public TimeSpan? RequestTimeout { get; set; }

    /// <summary>
    /// The target to use if both a database URL and a server endpoint are set in the environment, the env file or config.yaml:
    /// Postgres or Server.
    /// </summary>
    [Parameter]
    public HasuraTargetKind? Target { get; set; }

    /// <summary>
    /// The commands for the agent of a pipeline to write into the log, for errors and warnings with file and line, groups and
    /// progress: AzureDevOps, GitHub, or Plain for none. Auto writes those of the agent that runs this process (TF_BUILD or
    /// GITHUB_ACTIONS is true), and none elsewhere. They are lines of the information stream, as of Write-Host, and never output.
    /// </summary>
    [Parameter]
    public PipelineLogFormat LogFormat { get; set; } = PipelineLogFormat.Auto;

    private protected sealed override PipelineLogFormat AgentFormat => LogFormat;

    /// <summary>What the user named as ways to a database or a server.</summary>
    /// <exception cref="HasuraMigrationException">ConnectionAmbiguous, ConnectionStringInvalid.</exception>
    private protected ConnectionRequest ReadRequest()
    {
        var connection = Secrets.Bare(Connection) ?? SessionConnection();
        if (connection is not null && ConnectionString is not null)
        {
            throw new HasuraMigrationException("ConnectionAmbiguous", "-Connection and -ConnectionString exclude each other.");
        }

        var table = Secrets.Table(ConnectionString);
        var (made, text, url) = WayOf(connection);
        return new ConnectionRequest
        {
            Connection = made,
            ConnectionString = text ?? (table is null ? Secrets.Text(ConnectionString) : null),
            ConnectionStrings = table,
            MetadataConnectionString = Secrets.Text(MetadataConnectionString),
            Endpoint = url ?? Endpoint,
            AdminSecret = Secrets.AdminSecret(AdminSecret),
            Target = Target,
            Server = ServerOptions(connection),
        };
    }

    /// <summary>What a command means that takes one connection: an object, a connection string, or the URL of a server.</summary>
    /// <exception cref="HasuraMigrationException">ConnectionStringInvalid.</exception>
    internal static ConnectionRequest RequestOf(object connection, object? metadataConnectionString, SecureString? adminSecret, bool allowInsecureEndpoint)
    {
        var (made, text, url) = WayOf(Secrets.Bare(connection));
        return new ConnectionRequest
        {
            Connection = made,
            ConnectionString = text,
            MetadataConnectionString = Secrets.Text(metadataConnectionString),
            Endpoint = url,
            AdminSecret = made is null ? Secrets.AdminSecret(adminSecret) : null,
            Server = url is null ? null : new ServerConnectionOptions { AllowInsecureEndpoint = allowInsecureEndpoint },
        };
    }

    private static (HasuraConnection? Made, string? ConnectionString, string? Endpoint) WayOf(object? connection)
    {
        var text = connection is string or SecureString ? Secrets.Text(connection) : null;
        var isUrl = text is not null && (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase));
        return (text is null ? SandboxRegistry.ConnectionOf(connection) : null, isUrl ? null : text, isUrl ? text : null);
    }

    // A connection that was made before carries its own.
    private ServerConnectionOptions? ServerOptions(object? connection)
    {
        var given = new[] { nameof(Headers), nameof(CertificateAuthority), nameof(SkipCertificateCheck), nameof(AllowInsecureEndpoint), nameof(RequestTimeout) }.Where(MyInvocation.BoundParameters.ContainsKey).ToList();
        if (given.Count == 0)
        {
            return null;
        }

        if (ConnectionString is not null || (connection is not null and not string and not SecureString))
        {
            throw new HasuraMigrationException("ConnectionAmbiguous", $"-{string.Join(", -", given)} belong{(given.Count == 1 ? "s" : "")} to a server given with -Endpoint or by the project, but another connection was given.")
            {
                RecommendedAction = "Use them with Connect-HasuraServer, or specify the server with -Endpoint.",
            };
        }

        if (SkipCertificateCheck)
        {
            WriteWarning("Certificate validation of the server is disabled; anyone who can intercept the connection can read the admin secret.");
        }

        return new ServerConnectionOptions
        {
            Headers = Secrets.Headers(Headers),
            CertificateAuthority = CertificateAuthority is null ? null : ResolvePath(CertificateAuthority),
            SkipCertificateCheck = SkipCertificateCheck,
            AllowInsecureEndpoint = AllowInsecureEndpoint,
            Timeout = RequestTimeout,
        };
    }

    /// <summary>Refuses -SkipSideEffects where it would have no effect.</summary>
    /// <exception cref="HasuraMigrationException">TargetNotSupported.</exception>
    private protected static void RefuseSkippedEffects(IMetadataTarget? target, bool isGiven)
    {
        if (isGiven && target is IMetadataServer)
        {
            throw new HasuraMigrationException("TargetNotSupported", $"{target.Description} is a Hasura server, which creates and drops SQL triggers itself: -SkipSideEffects has no effect there.")
            {
                RecommendedAction = "Remove -SkipSideEffects, or write the metadata directly into its database with -ConnectionString.",
            };
        }
    }

    /// <summary>Writes what is odd about connection strings; once, where several databases or records share it.</summary>
    private protected void ReportOnce(IEnumerable<Finding> findings) => Report(findings.Where(f => _reported.Add(f.Message)));

    // What Connect-HasuraServer chose counts where nothing was named.
    private HasuraConnection? SessionConnection() =>
        ConnectionString is null && MetadataConnectionString is null && Endpoint is null && AdminSecret is null && Target is null or HasuraTargetKind.Server
            ? SessionConnections.Find()
            : null;
}
