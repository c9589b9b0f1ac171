using System.Management.Automation;
using System.Runtime.ExceptionServices;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that work on databases of a project.</summary>
/// <parameter name="ConnectionString" append="true">
/// A database that is not in the hashtable uses the variable that databases.yaml names for it. One connection string for several
/// databases is refused.
/// </parameter>
/// <parameter name="MetadataConnectionString" append="true">
/// Projects of config version 3 store Hasura's own record of migrations there. Without this parameter,
/// HASURA_GRAPHQL_METADATA_DATABASE_URL is used, unless -Connection or a single -ConnectionString is given. With a hashtable, the
/// variable is still used.
/// </parameter>
public abstract class HasuraDatabaseCmdlet : HasuraTargetCmdlet
{
    private protected HasuraDatabaseCmdlet()
    {
    }

    /// <summary>
    /// Names of databases, which Hasura calls sources. Wildcards are accepted. Projects of config versions 1 and 2 have one
    /// database, 'default'. Without it, commands that read use all databases; commands that write require it if the project has
    /// several databases.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("DatabaseName")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public string[]? Database { get; set; }

    /// <summary>Runs work on each database, one after another. Of several, one that fails does not stop the others.</summary>
    /// <returns>Whether all went well.</returns>
    private protected bool ForEachDatabase(HasuraProject project, IReadOnlyList<ProjectDatabase> databases, Func<MigrationScope, CancellationToken, Task> work) =>
        ForEachConnection(project, databases, (database, connection, cancellationToken) => WorkAsync(project, database, connection, work, cancellationToken));

    /// <summary>Runs work on each database, one after another. Of several, one that fails does not stop the others.</summary>
    /// <returns>Whether all went well.</returns>
    private protected bool ForEachConnection(HasuraProject project, IReadOnlyList<ProjectDatabase> databases, Func<ProjectDatabase, ResolvedConnection, CancellationToken, Task> work)
    {
        var resolver = new ConnectionResolver(project, ReadRequest(), databases.Count);
        var isWell = true;
        for (var i = 0; i < databases.Count; i++)
        {
            var database = databases[i];
            HasuraMigrationException? failure = null;
            var hasEnded = false;
            Agent.BeginPart(i, databases.Count);
            BeginDatabase(database);
            try
            {
                var connection = resolver.Resolve(database);
                ReportOnce(connection.Findings);
                RunAsync(cancellationToken => work(database, connection, cancellationToken));
                hasEnded = true;
            }
            catch (HasuraMigrationException e)
            {
                failure = e;
                hasEnded = true;
            }
            finally
            {
                EndDatabase(failure, hasEnded);
            }

            if (failure is not null)
            {
                isWell = false;
                ReportFailure(failure, database, databases.Count);
            }
        }

        return isWell;
    }

    /// <summary>Work on a database begins.</summary>
    private protected virtual void BeginDatabase(ProjectDatabase database)
    {
    }

    /// <summary>Work on a database is over.</summary>
    /// <param name="failure">What it failed with; null for nothing.</param>
    /// <param name="hasEnded">False where the pipeline is being stopped, which takes nothing more.</param>
    private protected virtual void EndDatabase(HasuraMigrationException? failure, bool hasEnded)
    {
    }

    /// <summary>Tells this cmdlet's user how a run goes.</summary>
    private protected RunReporter NewReporter(string activity, int total, RunTally? tally = null) => new(NewWriter(), activity, total, tally);

    /// <summary>Writes to the shell for work on other threads.</summary>
    private protected RunReporter.IWriter NewWriter() => new CmdletWriter(this, OnPipelineAsync, PostToPipeline, Report, WriteResult);

    /// <summary>Writes what became of a migration.</summary>
    private protected virtual void WriteResult(object result) => WriteObject(result);

    private void ReportFailure(HasuraMigrationException failure, ProjectDatabase database, int count)
    {
        if (count == 1)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        WriteError(ToRecord(failure, database.Name));
    }

    private static async Task WorkAsync(HasuraProject project, ProjectDatabase database, ResolvedConnection connection, Func<MigrationScope, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var target = MigrationTargets.Open(connection, database.Name, project.ConfigVersion);
        await using (target.ConfigureAwait(false))
        {
            var runner = new MigrationRunner(MigrationSource.Scan(project, database), target);
            await work(new MigrationScope(project, database, target, runner), cancellationToken).ConfigureAwait(false);
        }
    }
}
