using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Makes a running server drop every object of its metadata that it cannot use.</summary>
[Cmdlet(VerbsCommon.Remove, "HasuraMetadataInconsistency", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
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

        if (await OnPipelineAsync(() => Confirmed(server.Description, $"Drop {found.Inconsistencies.Count} inconsistent metadata objects")).ConfigureAwait(false))
        {
            await server.DropInconsistenciesAsync(cancellationToken).ConfigureAwait(false);
            await OnPipelineAsync(() => WriteObject(found.Inconsistencies, enumerateCollection: true)).ConfigureAwait(false);
        }
    });
}
