using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Targets;

namespace HasuraMigrations.Commands;

/// <summary>Removes all metadata of a target; the source <c>default</c> keeps its configuration.</summary>
[Cmdlet(VerbsCommon.Clear, "HasuraMetadata", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
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
