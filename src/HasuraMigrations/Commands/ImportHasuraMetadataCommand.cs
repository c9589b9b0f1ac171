using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Targets;

namespace HasuraMigrations.Commands;

/// <summary>Writes metadata to a target if it differs from the metadata stored there.</summary>
[Cmdlet(VerbsData.Import, "HasuraMetadata", SupportsShouldProcess = true, DefaultParameterSetName = "Project", ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(MetadataImportResult), typeof(MetadataChange))]
public sealed class ImportHasuraMetadataCommand : HasuraMetadataWriteCmdlet
{
    /// <summary>A directory of metadata, or a YAML or JSON file with a whole document.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", HelpMessage = "A directory of metadata, or a file with a whole document.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>JSON text, an object of <c>Export-HasuraMetadata -AsObject</c>, a table, or a file.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject", HelpMessage = "JSON text, an object of metadata, or a file.")]
    [ValidateNotNull]
    public object InputObject { get; set; } = "";

    /// <summary>The resource version the target must still have.</summary>
    [Parameter(HelpMessage = "The resource version the target must still have.")]
    [ValidateRange(0L, long.MaxValue)]
    public long? ExpectedResourceVersion { get; set; }

    /// <summary>Lets references to objects that are missing pass.</summary>
    [Parameter(HelpMessage = "Let references to missing objects pass.")]
    public SwitchParameter AllowInconsistent { get; set; }

    /// <summary>Lets an import drop a whole source, or every object of a kind.</summary>
    [Parameter(HelpMessage = "Let the import drop a whole source or every object of a kind.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Makes Hasura's catalog where there is none.</summary>
    [Parameter(HelpMessage = "Make Hasura's catalog where there is none.")]
    public SwitchParameter CreateStateStore { get; set; }

    private protected override void OnRecord()
    {
        var project = OpenProjectOrNone(isNeeded: ParameterSetName == "Project");
        var input = ParameterSetName switch
        {
            "Path" => new MetadataInput(MetadataFiles.Read(ResolvePath(Path))),
            "InputObject" => MetadataInput.Read(InputObject, ResolvePath),
            _ => new MetadataInput(MetadataFiles.Read(project)),
        };
        var options = new MetadataImportOptions
        {
            AllowInconsistent = AllowInconsistent,
            Force = Force,
            ExpectedToken = (Secrets.Bare(InputObject) as HasuraMetadata)?.Token,
            ExpectedResourceVersion = ExpectedResourceVersion,
            Replace = new MetadataReplaceOptions
            {
                SkipSideEffects = SkipSideEffects,
                CreateStateStore = CreateStateStore,
                NoReload = NoReload,
                TakesDocument = true,
            },
        };
        Import(project, Told(input), options, "Import metadata");
    }
}
