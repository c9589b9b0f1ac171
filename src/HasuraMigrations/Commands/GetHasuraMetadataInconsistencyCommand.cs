using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Shows the objects of the metadata that a running server cannot use, and why.</summary>
[Cmdlet(VerbsCommon.Get, "HasuraMetadataInconsistency")]
[OutputType(typeof(MetadataInconsistency))]
public sealed class GetHasuraMetadataInconsistencyCommand : HasuraMetadataCmdlet
{
    private protected override void OnRecord() => WithServer(async (server, cancellationToken) =>
    {
        var found = await server.ReadConsistencyAsync(cancellationToken).ConfigureAwait(false);
        await OnPipelineAsync(() =>
        {
            WriteVerbose($"The metadata on {server.Description} is {(found.IsConsistent ? "" : "not ")}consistent.");
            WriteObject(found.Inconsistencies, enumerateCollection: true);
        }).ConfigureAwait(false);
    });
}
