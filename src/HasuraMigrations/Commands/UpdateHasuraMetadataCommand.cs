using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Makes running servers read metadata and databases again.</summary>
[Cmdlet(VerbsData.Update, "HasuraMetadata", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class UpdateHasuraMetadataCommand : HasuraMetadataCmdlet
{
    private protected override void OnRecord() => WithTarget(OpenProjectOrNone(isNeeded: false), async (target, cancellationToken) =>
    {
        if (await OnPipelineAsync(() => ShouldProcess(target.Description, "Tell running servers to read the metadata again")).ConfigureAwait(false))
        {
            await target.ReloadAsync(cancellationToken).ConfigureAwait(false);
            await OnPipelineAsync(() => WriteVerbose($"Servers on {target.Description} were told to read the metadata again.")).ConfigureAwait(false);
        }
    });
}
