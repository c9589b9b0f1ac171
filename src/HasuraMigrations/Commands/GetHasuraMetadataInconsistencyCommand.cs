using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Shows the inconsistent objects of the metadata on a target, and the reasons.</summary>
/// <remarks>
/// <para>
/// A server is asked which objects of its metadata are inconsistent with its databases, its remote schemas or each other. Straight on
/// PostgreSQL, the stored metadata is compared with the catalogs of the databases by the rules of a server, and the objects and reasons
/// are those that a server reports.
/// </para>
/// <para>If the project contains the object, File and Line show where.</para>
/// </remarks>
/// <output cref="MetadataInconsistency">One for each object; none if the metadata is consistent.</output>
/// <notes>
/// A server reports what it found when it last read its databases; Update-HasuraMetadata makes it check again. Straight on PostgreSQL,
/// remote schemas and environment variables of a server are not checked, and a source whose database is not known causes a warning.
/// </notes>
/// <seealso cref="RemoveHasuraMetadataInconsistencyCommand"/>
/// <seealso cref="TestHasuraMetadataCommand"/>
/// <seealso cref="UpdateHasuraMetadataCommand"/>
[Cmdlet(VerbsCommon.Get, "HasuraMetadataInconsistency", HelpUri = HelpPages.Base + "Get-HasuraMetadataInconsistency.md")]
[OutputType(typeof(MetadataInconsistency))]
public sealed class GetHasuraMetadataInconsistencyCommand : HasuraMetadataCmdlet
{
    private protected override void OnRecord()
    {
        var project = OpenProjectOrNone(isNeeded: false);
        WithTarget(project, async (target, cancellationToken) =>
        {
            var found = await target.ReadConsistencyAsync(cancellationToken).ConfigureAwait(false);
            await OnPipelineAsync(() =>
            {
                WarnOfUnknown(target, found);
                WriteVerbose(found.IsConsistent is { } isConsistent ? $"The metadata on {target.Description} is {(isConsistent ? "" : "not ")}consistent." : $"It is not known whether the metadata on {target.Description} is consistent.");
                WriteObject(Located(project, found.Inconsistencies), enumerateCollection: true);
            }).ConfigureAwait(false);
        });
    }
}
