using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata;

namespace HasuraMigrations.Commands;

/// <summary>Makes running Hasura servers reload metadata and databases.</summary>
/// <remarks>
/// <para>
/// Through a server (-Endpoint), makes it reload its metadata and databases, and writes the inconsistent objects. Directly on a
/// database, writes the notification that Hasura servers leave for each other in their catalog: servers that share it reload the
/// metadata within about a second, reconnect to the sources and reload their tables and remote schemas.
/// </para>
/// <para>The metadata itself is not changed; its resource version is incremented by one.</para>
/// </remarks>
/// <output cref="MetadataInconsistency">Through a server, one for each inconsistent object; none for a database.</output>
/// <notes>A server whose schema sync is off (HASURA_GRAPHQL_SCHEMA_SYNC_POLL_INTERVAL is 0) does not react.</notes>
/// <seealso cref="ImportHasuraMetadataCommand"/>
/// <seealso href="about_HasuraMigrations_Metadata"/>
[Cmdlet(VerbsData.Update, "HasuraMetadata", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Update-HasuraMetadata.md")]
[OutputType(typeof(MetadataInconsistency))]
public sealed class UpdateHasuraMetadataCommand : HasuraMetadataCmdlet
{
    /// <summary>Makes the server reload remote schemas too. A notification in a catalog always does.</summary>
    [Parameter]
    public SwitchParameter ReloadRemoteSchemas { get; set; }

    /// <summary>
    /// Makes the server recreate the SQL triggers of all event triggers. This requires a server of version 2.1 or newer; on a
    /// database without a server the command fails with TargetNotSupported.
    /// </summary>
    [Parameter]
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
        await OnPipelineAsync(() => WriteInconsistencies(server.Description, found.Inconsistencies)).ConfigureAwait(false);
    }
}
