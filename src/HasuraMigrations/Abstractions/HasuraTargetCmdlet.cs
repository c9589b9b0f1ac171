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
