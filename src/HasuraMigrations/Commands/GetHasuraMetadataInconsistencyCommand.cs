using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Shows the objects of the metadata that a running server cannot use, and the reasons.</summary>
/// <remarks>
/// <para>Asks the server which objects of its metadata are inconsistent with its databases, its remote schemas or each other.</para>
/// </remarks>
/// <output cref="MetadataInconsistency">One for each object; none if the metadata is consistent.</output>
/// <parameter name="Connection">
/// The server: an object of Connect-HasuraServer, or its URL. Without any connection parameter, the server of the session is used,
/// then that of the project.
/// </parameter>
/// <parameter name="ConnectionString">Names a database, which causes the error TargetNotSupported with this command.</parameter>
/// <parameter name="MetadataConnectionString">Names a database, which causes the error TargetNotSupported with this command.</parameter>
/// <notes>The server reports what it found when it last read its databases; Update-HasuraMetadata makes it check again.</notes>
/// <seealso cref="RemoveHasuraMetadataInconsistencyCommand"/>
/// <seealso cref="TestHasuraServerCommand"/>
/// <seealso cref="UpdateHasuraMetadataCommand"/>
[Cmdlet(VerbsCommon.Get, "HasuraMetadataInconsistency", HelpUri = HelpPages.Base + "Get-HasuraMetadataInconsistency.md")]
[OutputType(typeof(MetadataInconsistency))]
public sealed class GetHasuraMetadataInconsistencyCommand : HasuraMetadataCmdlet
{
    private protected override void OnRecord() => WithServer(async (server, cancellationToken) =>
    {
        var found = await server.ReadConsistencyAsync(cancellationToken).ConfigureAwait(false);
        await OnPipelineAsync(() =>
        {
            WriteVerbose($"The metadata on {server.Description} is {(found.IsConsistent == true ? "" : "not ")}consistent.");
            WriteObject(found.Inconsistencies, enumerateCollection: true);
        }).ConfigureAwait(false);
    });
}
