using System.Management.Automation;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that put the metadata of a project beside its databases, or beside throwaway databases made of its migrations.</summary>
public abstract class HasuraModelCmdlet : HasuraThrowawayCmdlet
{
    private protected HasuraModelCmdlet()
    {
    }

    /// <summary>
    /// Applies the migrations of the project in a throwaway PostgreSQL and uses its databases. No connection is needed, and the
    /// connection parameters are not used.
    /// </summary>
    [Parameter]
    public SwitchParameter Sandbox { get; set; }

    /// <summary>Reads a document beside its databases, and does something with it.</summary>
    /// <param name="project">The project.</param>
    /// <param name="document">The document.</param>
    /// <param name="withLinks">Read what depends on what in the databases, too.</param>
    /// <param name="use">What is done, on a thread of its own.</param>
    private protected void WithModel(HasuraProject project, MetadataDocument document, bool withLinks, Func<MetadataModel, CancellationToken, Task> use)
    {
        RequireSandbox();
        if (Sandbox)
        {
            var options = ReadProof();
            RunAsync(async cancellationToken =>
            {
                var sandbox = await ProjectSandbox.StartAsync(project, options, null, Informed, cancellationToken).ConfigureAwait(false);
                await using (sandbox.ConfigureAwait(false))
                {
                    await use(await MetadataModel.ReadAsync(document, sandbox.Databases, withLinks, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                }
            });
            return;
        }

        var databases = ReadDatabases(project, document);
        RunAsync(async cancellationToken => await use(await MetadataModel.ReadAsync(document, databases, withLinks, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Refuses parameters for throwaway databases where none is made.</summary>
    private protected virtual void RequireSandbox() => RequireSandbox(Sandbox);
}
