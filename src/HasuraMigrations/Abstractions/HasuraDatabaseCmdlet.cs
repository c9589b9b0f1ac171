using System.Management.Automation;
using System.Security;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Targets;
using HasuraMigrations.Engine.Targets.Postgres;
using HasuraMigrations.Errors;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that work on databases of a project.</summary>
public abstract class HasuraDatabaseCmdlet : HasuraProjectCmdlet
{
    private protected HasuraDatabaseCmdlet()
    {
    }

    /// <summary>Names of databases (sources) of the project; wildcards are accepted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Databases (sources) of the project.")]
    [Alias("DatabaseName")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public string[]? Database { get; set; }

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

    /// <summary>Runs work on each database, one after another. Of several, one that fails does not stop the others.</summary>
    /// <returns>Whether all went well.</returns>
    private protected bool ForEachDatabase(HasuraProject project, IReadOnlyList<ProjectDatabase> databases, Func<MigrationScope, CancellationToken, Task> work)
    {
        var resolver = new ConnectionResolver(project, ReadRequest(), databases.Count);
        var isWell = true;
        foreach (var database in databases)
        {
            try
            {
                RunAsync(cancellationToken => WorkAsync(project, database, resolver.Resolve(database), work, cancellationToken));
            }
            catch (HasuraMigrationException e) when (databases.Count > 1)
            {
                isWell = false;
                WriteError(ErrorRecords.From(e));
            }
        }

        return isWell;
    }

    /// <summary>Tells this cmdlet's user how a run goes.</summary>
    private protected RunReporter NewReporter(string activity, int total) => new(new CmdletWriter(this, OnPipelineAsync, PostToPipeline, Tell, WriteResult), activity, total);

    /// <summary>Writes what became of a migration.</summary>
    private protected virtual void WriteResult(object result) => WriteObject(result);

    private static async Task WorkAsync(HasuraProject project, ProjectDatabase database, ResolvedConnection connection, Func<MigrationScope, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var target = new PostgresMigrationTarget(connection.Connection, connection.MetadataConnection, database.Name, project.ConfigVersion);
        await using (target.ConfigureAwait(false))
        {
            var runner = new MigrationRunner(MigrationSource.Scan(project, database), target);
            await work(new MigrationScope(project, database, target, runner), cancellationToken).ConfigureAwait(false);
        }
    }

    private ConnectionRequest ReadRequest()
    {
        var connection = Secrets.Bare(Connection);
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
            HasAdminSecret = AdminSecret is not null,
            Target = Target,
        };
    }
}
