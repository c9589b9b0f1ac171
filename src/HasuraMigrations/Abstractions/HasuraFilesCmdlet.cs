using System.Management.Automation;
using HasuraMigrations.Engine.Metadata.Files;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that read metadata and need no target.</summary>
public abstract class HasuraFilesCmdlet : HasuraProjectCmdlet
{
    private protected HasuraFilesCmdlet()
    {
    }

    /// <summary>A directory of metadata, or a YAML or JSON file with a whole document; the project's where left out.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", HelpMessage = "A directory of metadata, or a file with a whole document.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>JSON text, an object of <c>Export-HasuraMetadata -AsObject</c>, a table, or a file.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject", HelpMessage = "JSON text, an object of metadata, or a file.")]
    [ValidateNotNull]
    public object InputObject { get; set; } = "";

    /// <summary>Reads what was named.</summary>
    private protected MetadataInput ReadMetadata() => ParameterSetName switch
    {
        "Path" => new(MetadataFiles.Read(ResolvePath(Path))),
        "InputObject" => MetadataInput.Read(InputObject, ResolvePath),
        _ => new(MetadataFiles.Read(OpenProject())),
    };
}
