using System.Management.Automation;
using HasuraMigrations.Engine.Metadata.Files;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that read metadata and need no target.</summary>
public abstract class HasuraFilesCmdlet : HasuraProjectCmdlet
{
    private protected HasuraFilesCmdlet()
    {
    }

    /// <summary>
    /// A metadata directory such as that of a project, or a file that contains a whole document. The file has the extension .yaml,
    /// .yml or .json. Relative paths are relative to the current location of the shell.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", HelpMessage = "A metadata directory such as that of a project, or a file that contains a whole document.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>
    /// Metadata as JSON text, a path, or an object. Accepted objects are file objects of Get-Item, the object that
    /// Export-HasuraMetadata -AsObject wrote, and hashtables or objects with the structure of a document, such as
    /// ConvertFrom-Json -AsHashtable returns.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject", HelpMessage = "Metadata as JSON text, a path, or an object.")]
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
