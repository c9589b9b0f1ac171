using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Tells whether a Hasura server answers, its database works and its metadata is consistent.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HasuraServer")]
[OutputType(typeof(bool), typeof(HasuraServerInfo))]
public sealed class TestHasuraServerCommand : HasuraServerCmdlet
{
    /// <summary>Writes what the server is and how it does instead of true or false.</summary>
    [Parameter(HelpMessage = "Write what the server is instead of true or false.")]
    public SwitchParameter Detailed { get; set; }

    private protected override void OnRecord()
    {
        var server = FindServer();
        RunAsync(async cancellationToken =>
        {
            var found = await ProbeAsync(server, null, cancellationToken).ConfigureAwait(false);
            await OnPipelineAsync(() => Report(found)).ConfigureAwait(false);
        });
    }

    private void Report(HasuraServerInfo found)
    {
        if (Detailed)
        {
            WriteObject(found);
            return;
        }

        WriteVerbose(found.Problem ?? $"{found.Endpoint}: {found.Version}, {(found.IsConsistent == true ? "consistent" : $"{found.Inconsistencies.Count} inconsistent objects")}.");
        WriteObject(found.IsReady && found.IsConsistent == true);
    }
}
