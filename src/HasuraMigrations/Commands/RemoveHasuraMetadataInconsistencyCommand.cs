using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Makes a running server drop every object of its metadata that it cannot use.</summary>
/// <remarks>
/// <para>
/// Lists the inconsistent objects, asks for confirmation, and has the server drop them. The dropped objects are written.
/// -Confirm:$false suppresses the prompt.
/// </para>
/// </remarks>
/// <output cref="MetadataInconsistency">The objects that were dropped.</output>
/// <parameter name="Connection">
/// The server: an object of Connect-HasuraServer, or its URL. Without any connection parameter, the server of the session is used,
/// then that of the project.
/// </parameter>
/// <parameter name="ConnectionString">Names a database, which causes the error TargetNotSupported with this command.</parameter>
/// <parameter name="MetadataConnectionString">Names a database, which causes the error TargetNotSupported with this command.</parameter>
/// <notes>Export the metadata first: it cannot be restored otherwise.</notes>
/// <seealso cref="GetHasuraMetadataInconsistencyCommand"/>
/// <seealso cref="ExportHasuraMetadataCommand"/>
[Cmdlet(VerbsCommon.Remove, "HasuraMetadataInconsistency", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, HelpUri = HelpPages.Base + "Remove-HasuraMetadataInconsistency.md")]
[OutputType(typeof(MetadataInconsistency))]
public sealed class RemoveHasuraMetadataInconsistencyCommand : HasuraMetadataCmdlet
{
    private protected override void OnRecord() => WithServer(async (server, cancellationToken) =>
    {
        var found = await server.ReadConsistencyAsync(cancellationToken).ConfigureAwait(false);
        if (found.Inconsistencies.Count == 0)
        {
            await OnPipelineAsync(() => WriteVerbose($"The metadata on {server.Description} is consistent.")).ConfigureAwait(false);
            return;
        }

        if (await OnPipelineAsync(() => Confirmed(server.Description, $"Drop {found.Inconsistencies.Count} inconsistent metadata object{(found.Inconsistencies.Count == 1 ? "" : "s")}")).ConfigureAwait(false))
        {
            await server.DropInconsistenciesAsync(cancellationToken).ConfigureAwait(false);
            await OnPipelineAsync(() => WriteObject(found.Inconsistencies, enumerateCollection: true)).ConfigureAwait(false);
        }
    });
}
