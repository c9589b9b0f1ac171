using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Targets.Server;

namespace HasuraMigrations.Commands;

/// <summary>Tests whether a Hasura server answers, its database works and its metadata is consistent.</summary>
/// <remarks>
/// <para>
/// Asks the server for its health, its version and its metadata. The result is true if all is in order. Otherwise it is false, and
/// -Detailed shows the reason.
/// </para>
/// </remarks>
/// <output cref="bool">True if all is in order.</output>
/// <output cref="HasuraServerInfo">With -Detailed.</output>
/// <notes>If the server cannot be reached, the result is false; no error is reported.</notes>
/// <seealso cref="WaitHasuraServerCommand"/>
/// <seealso cref="ConnectHasuraServerCommand"/>
/// <seealso cref="GetHasuraMetadataInconsistencyCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "HasuraServer", HelpUri = HelpPages.Base + "Test-HasuraServer.md")]
[OutputType(typeof(bool), typeof(HasuraServerInfo))]
public sealed class TestHasuraServerCommand : HasuraServerCmdlet
{
    /// <summary>Writes version, metadata version, consistency and problems instead of true or false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    private protected override void OnRecord()
    {
        var server = FindServer();
        RunAsync(async cancellationToken =>
        {
            var found = await ServerProbe.RunAsync(server, null, cancellationToken).ConfigureAwait(false);
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
