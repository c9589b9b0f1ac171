using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Targets;

namespace HasuraMigrations.Commands;

/// <summary>Makes running servers read metadata and databases again.</summary>
[Cmdlet(VerbsData.Update, "HasuraMetadata", SupportsShouldProcess = true)]
[OutputType(typeof(MetadataInconsistency))]
public sealed class UpdateHasuraMetadataCommand : HasuraMetadataCmdlet
{
    /// <summary>Also reads remote schemas again; through a server only, a notice in the catalog always does.</summary>
    [Parameter(HelpMessage = "Also read remote schemas again.")]
    public SwitchParameter ReloadRemoteSchemas { get; set; }

    /// <summary>Also makes the SQL triggers of event triggers anew; a server alone can do that.</summary>
    [Parameter(HelpMessage = "Also make the SQL triggers of event triggers anew.")]
    public SwitchParameter RecreateEventTriggers { get; set; }

    private protected override void OnRecord() => WithTarget(OpenProjectOrNone(isNeeded: false), async (target, cancellationToken) =>
    {
        if (RecreateEventTriggers && target is not IMetadataServer)
        {
            throw new HasuraMigrationException("TargetNotSupported", $"{target.Description} is a database; only a running Hasura server creates the SQL triggers of event triggers.", target.Description);
        }

        if (!await OnPipelineAsync(() => Confirmed(target.Description, "Reload the metadata")).ConfigureAwait(false))
        {
            return;
        }

        if (target is IMetadataServer server)
        {
            await ReloadAsync(server, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await target.ReloadAsync(cancellationToken).ConfigureAwait(false);
            await OnPipelineAsync(() => WriteVerbose($"Servers on {target.Description} were notified to reload the metadata.")).ConfigureAwait(false);
        }
    });

    private async Task ReloadAsync(IMetadataServer server, CancellationToken cancellationToken)
    {
        var found = await server.ReloadAsync(
            new MetadataReloadOptions
            {
                RemoteSchemas = ReloadRemoteSchemas ? MetadataReloadScope.All : MetadataReloadScope.None,
                EventTriggers = RecreateEventTriggers ? MetadataReloadScope.All : MetadataReloadScope.None,
            },
            cancellationToken).ConfigureAwait(false);
        await OnPipelineAsync(() => TellInconsistent(server.Description, found.Inconsistencies)).ConfigureAwait(false);
    }
}
