using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Drops every inconsistent object from the metadata on a target.</summary>
/// <remarks>
/// <para>
/// Lists the inconsistent objects, asks for confirmation, and drops them, through a server or straight on PostgreSQL. The dropped
/// objects are written. -Confirm:$false suppresses the prompt.
/// </para>
/// </remarks>
/// <output cref="MetadataInconsistency">The objects that were dropped.</output>
/// <notes>Export the metadata first: it cannot be restored otherwise. Straight on PostgreSQL, only what Get-HasuraMetadataInconsistency shows there is dropped.</notes>
/// <seealso cref="GetHasuraMetadataInconsistencyCommand"/>
/// <seealso cref="ExportHasuraMetadataCommand"/>
[Cmdlet(VerbsCommon.Remove, "HasuraMetadataInconsistency", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, HelpUri = HelpPages.Base + "Remove-HasuraMetadataInconsistency.md")]
[OutputType(typeof(MetadataInconsistency))]
public sealed class RemoveHasuraMetadataInconsistencyCommand : HasuraMetadataCmdlet
{
    private protected override void OnRecord()
    {
        var project = OpenProjectOrNone(isNeeded: false);
        WithTarget(project, async (target, cancellationToken) =>
        {
            var found = await target.ReadConsistencyAsync(cancellationToken).ConfigureAwait(false);
            await OnPipelineAsync(() => WarnOfUnknown(target, found)).ConfigureAwait(false);
            if (found.Inconsistencies.Count == 0)
            {
                await OnPipelineAsync(() => WriteVerbose($"The metadata on {target.Description} has no inconsistent object.")).ConfigureAwait(false);
                return;
            }

            if (await OnPipelineAsync(() => Confirmed(target.Description, $"Drop {found.Inconsistencies.Count} inconsistent metadata object{(found.Inconsistencies.Count == 1 ? "" : "s")}")).ConfigureAwait(false))
            {
                await target.DropInconsistenciesAsync(cancellationToken).ConfigureAwait(false);
                await OnPipelineAsync(() => WriteObject(Located(project, found.Inconsistencies), enumerateCollection: true)).ConfigureAwait(false);
            }
        });
    }
}
