using System.Collections;
using System.Management.Automation;
using System.Security;
using HasuraMigrations.Engine.Targets;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that connect to a database or a server.</summary>
public abstract class HasuraTargetCmdlet : HasuraProjectCmdlet
{
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    private protected HasuraTargetCmdlet()
    {
    }

    /// <summary>A connection, the object of <c>Start-HasuraSandbox</c>, or a connection string.</summary>
    [Parameter(HelpMessage = "A connection object or a connection string.")]
    [ValidateNotNull]
    public object? Connection { get; set; }

    /// <summary>A connection string as text or secure string, or a table of database name to connection string.</summary>
    [Parameter(HelpMessage = "A connection string, or a table of database name to connection string.")]
    [ValidateNotNull]
    public object? ConnectionString { get; set; }

    /// <summary>Connection string of Hasura's metadata database, where it is another one.</summary>
    [Parameter(HelpMessage = "Connection string of Hasura's metadata database.")]
    [ValidateNotNull]
    public object? MetadataConnectionString { get; set; }

    /// <summary>URL of a Hasura server.</summary>
    [Parameter(HelpMessage = "URL of a Hasura server.")]
    [ValidateNotNullOrEmpty]
    public string? Endpoint { get; set; }

    /// <summary>Admin secret of the Hasura server.</summary>
    [Parameter(HelpMessage = "Admin secret of the Hasura server.")]
    [ValidateNotNull]
    public SecureString? AdminSecret { get; set; }

    /// <summary>Other headers of every request to the server.</summary>
    [Parameter(HelpMessage = "Other headers of every request to the server.")]
    [ValidateNotNull]
    public IDictionary? Headers { get; set; }

    /// <summary>File of certificates (PEM) to trust beside those of the system.</summary>
    [Parameter(HelpMessage = "File of certificates to trust beside those of the system.")]
    [ValidateNotNullOrEmpty]
    public string? CertificateAuthority { get; set; }

    /// <summary>Skips certificate validation of the server.</summary>
    [Parameter(HelpMessage = "Skip certificate validation of the server.")]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Lets the secret go over plain http to a host that is not this machine.</summary>
    [Parameter(HelpMessage = "Let everything go over plain http to another machine.")]
    public SwitchParameter AllowInsecureEndpoint { get; set; }

    /// <summary>How long an answer of the server may take, SQL apart; 30 seconds where left out.</summary>
    [Parameter(HelpMessage = "How long an answer of the server may take.")]
    [Seconds]
    public TimeSpan? RequestTimeout { get; set; }

    /// <summary>Which target is meant where both a database and a server are set.</summary>
    [Parameter(HelpMessage = "Which target is meant where both are set.")]
    public HasuraTargetKind? Target { get; set; }

    /// <summary>What the user named as ways to a database or a server.</summary>
    /// <exception cref="HasuraMigrationException">ConnectionAmbiguous, ConnectionStringInvalid.</exception>
    private protected ConnectionRequest ReadRequest()
    {
        var connection = Secrets.Bare(Connection) ?? SessionConnection();
        if (connection is not null && ConnectionString is not null)
        {
            throw new HasuraMigrationException("ConnectionAmbiguous", "-Connection and -ConnectionString exclude each other.");
        }

        var text = connection is string or SecureString ? Secrets.Text(connection) : null;
        var isUrl = text is not null && (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase));
        var table = Secrets.Table(ConnectionString);
        return new ConnectionRequest
        {
            Connection = text is null ? SandboxRegistry.ConnectionOf(connection) : null,
            ConnectionString = isUrl ? null : text ?? (table is null ? Secrets.Text(ConnectionString) : null),
            ConnectionStrings = table,
            MetadataConnectionString = Secrets.Text(MetadataConnectionString),
            Endpoint = isUrl ? text : Endpoint,
            AdminSecret = Secrets.AdminSecret(AdminSecret),
            Target = Target,
            Server = ServerOptions(connection),
        };
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

    /// <summary>Writes what is odd about connection strings; once, where several databases or records share it.</summary>
    private protected void TellOnce(IEnumerable<Finding> findings) => Tell(findings.Where(f => _told.Add(f.Message)));

    // What Connect-HasuraServer chose counts where nothing was named.
    private HasuraConnection? SessionConnection() =>
        ConnectionString is null && MetadataConnectionString is null && Endpoint is null && AdminSecret is null && Target is null or HasuraTargetKind.Server
            ? SessionConnections.Find()
            : null;
}
