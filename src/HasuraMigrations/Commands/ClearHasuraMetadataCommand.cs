using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata;

namespace HasuraMigrations.Commands;

/// <summary>Removes all metadata from Hasura's catalog or from a server.</summary>
/// <remarks>
/// <para>
/// Untracks everything: tables, relationships, permissions, actions and all other objects. As on a server, the source 'default'
/// keeps its configuration, and other sources are dropped. The tables in the databases are not changed.
/// </para>
/// <para>The command asks for confirmation; -Confirm:$false suppresses the prompt. With -WhatIf, the changes are written as objects.</para>
/// </remarks>
/// <output cref="MetadataImportResult">What was removed.</output>
/// <output cref="MetadataChange">With -WhatIf, one for each object that would be removed.</output>
/// <notes>Export the metadata first: it cannot be restored otherwise.</notes>
/// <seealso cref="ExportHasuraMetadataCommand"/>
/// <seealso cref="ImportHasuraMetadataCommand"/>
/// <seealso href="about_HasuraMigrations_Metadata"/>
[Cmdlet(VerbsCommon.Clear, "HasuraMetadata", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, HelpUri = HelpPages.Base + "Clear-HasuraMetadata.md")]
[OutputType(typeof(MetadataImportResult), typeof(MetadataChange))]
public sealed class ClearHasuraMetadataCommand : HasuraMetadataWriteCmdlet
{
    private protected override void OnRecord()
    {
        var options = new MetadataImportOptions
        {
            Replace = new MetadataReplaceOptions { SkipSideEffects = SkipSideEffects, NoReload = NoReload },
        };
        Import(OpenProjectOrNone(isNeeded: false), document: null, options, "Remove all metadata");
    }
}
