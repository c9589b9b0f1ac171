using System.Management.Automation;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Targets;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that work on databases of a project.</summary>
public abstract class HasuraDatabaseCmdlet : HasuraTargetCmdlet
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
                var connection = resolver.Resolve(database);
                TellOnce(connection.Findings);
                RunAsync(cancellationToken => WorkAsync(project, database, connection, work, cancellationToken));
            }
            catch (HasuraMigrationException e) when (databases.Count > 1)
            {
                isWell = false;
                WriteError(ToRecord(e, database.Name));
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
        var target = MigrationTargets.Open(connection, database.Name, project.ConfigVersion);
        await using (target.ConfigureAwait(false))
        {
            var runner = new MigrationRunner(MigrationSource.Scan(project, database), target);
            await work(new MigrationScope(project, database, target, runner), cancellationToken).ConfigureAwait(false);
        }
    }
}
