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

    private protected override void Prepare()
    {
        if (Endpoint is null)
        {
            MigrationTargets.BeginLoading();
        }
    }

    /// <summary>How many databases are worked on at once.</summary>
    private protected virtual int AtOnce => 1;

    /// <summary>True while several databases may be worked on at once, so that lines of one are between those of another.</summary>
    private protected bool IsParallel { get; private set; }

    /// <summary>Runs work on each database. Of several, one that fails does not stop the others.</summary>
    /// <returns>Whether all went well.</returns>
    private protected bool ForEachDatabase(HasuraProject project, IReadOnlyList<ProjectDatabase> databases, Func<MigrationScope, CancellationToken, Task> work) =>
        ForEachConnection(project, databases, (database, connection, cancellationToken) => WorkAsync(project, database, connection, work, cancellationToken));

    /// <summary>Runs work on each database. Of several, one that fails does not stop the others.</summary>
    /// <returns>Whether all went well.</returns>
    private protected bool ForEachConnection(HasuraProject project, IReadOnlyList<ProjectDatabase> databases, Func<ProjectDatabase, ResolvedConnection, CancellationToken, Task> work)
    {
        var resolver = new ConnectionResolver(project, ReadRequest(), databases.Count);
        var loop = new DatabaseLoop(databases);
        IsParallel = AtOnce > 1 && databases.Count > 1;
        try
        {
            RunAsync(cancellationToken => IsParallel
                ? Parallel.ForEachAsync(databases, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (database, token) => await OneAsync(database, token).ConfigureAwait(false))
                : InTurnAsync(databases, OneAsync, cancellationToken));
        }
        finally
        {
            foreach (var database in loop.Open)
            {
                EndDatabase(database, null, hasEnded: false);
            }
        }

        return loop.IsWell || !StopsAtErrors ? loop.IsWell : throw loop.ToException();

        async Task OneAsync(ProjectDatabase database, CancellationToken token)
        {
            HasuraMigrationException? failure = null;
            try
            {
                var connection = await OnPipelineAsync(() => Begin(loop, database, databases.Count, resolver)).ConfigureAwait(false);
                await work(database, connection, token).ConfigureAwait(false);
            }
            catch (HasuraMigrationException e)
            {
                failure = e;
            }

            await OnPipelineAsync(() => End(loop, database, databases.Count, failure)).ConfigureAwait(false);
        }
    }

    /// <summary>Work on a database begins.</summary>
    private protected virtual void BeginDatabase(ProjectDatabase database)
    {
    }

    /// <summary>Work on a database is over.</summary>
    /// <param name="database">The database.</param>
    /// <param name="failure">What it failed with; null for nothing.</param>
    /// <param name="hasEnded">False where the pipeline is being stopped, which takes nothing more.</param>
    private protected virtual void EndDatabase(ProjectDatabase database, HasuraMigrationException? failure, bool hasEnded)
    {
    }

    /// <summary>Tells this cmdlet's user how a run goes.</summary>
    private protected RunReporter NewReporter(string activity, int total, RunTally? tally = null) => new(NewWriter(), activity, total, tally, IsParallel);

    /// <summary>Writes to the shell for work on other threads.</summary>
    private protected RunReporter.IWriter NewWriter() => new CmdletWriter(this, OnPipelineAsync, PostToPipeline, Report, WriteResult);

    /// <summary>Writes what became of a migration.</summary>
    private protected virtual void WriteResult(object result) => WriteObject(result);

    private ResolvedConnection Begin(DatabaseLoop loop, ProjectDatabase database, int count, ConnectionResolver resolver)
    {
        var number = loop.Begin(database);
        if (!IsParallel)
        {
            Agent.BeginPart(number, count);
        }

        BeginDatabase(database);
        var connection = resolver.Resolve(database);
        ReportOnce(connection.Findings);
        return connection;
    }

    private void End(DatabaseLoop loop, ProjectDatabase database, int count, HasuraMigrationException? failure)
    {
        loop.End(database, failure);
        EndDatabase(database, failure, hasEnded: true);
        if (IsParallel)
        {
            ProgressReporter.ShowParts(this, "Databases", loop.Progress, loop.Percent);
        }

        if (failure is null)
        {
            return;
        }

        if (count == 1)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        // An error that stops the command would stop the other databases, too; then one error at the end has them all.
        if (StopsAtErrors)
        {
            Agent.Write(failure, database.Name);
        }
        else
        {
            WriteError(ToRecord(failure, database.Name));
        }
    }

    // A new process spends less on this than on a parallel loop of one.
    private static async Task InTurnAsync(IReadOnlyList<ProjectDatabase> databases, Func<ProjectDatabase, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        foreach (var database in databases)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await work(database, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task WorkAsync(HasuraProject project, ProjectDatabase database, ResolvedConnection connection, Func<MigrationScope, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var target = MigrationTargets.Open(connection, database.Name, project.ConfigVersion);
        await using (target.ConfigureAwait(false))
        {
            target.BeginConnecting();
            var runner = new MigrationRunner(MigrationSource.Scan(project, database), target);
            await work(new MigrationScope(project, database, target, runner, connection), cancellationToken).ConfigureAwait(false);
        }
    }
}
