using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Files;

namespace HasuraMigrations.Commands;

/// <summary>Writes metadata as one text, YAML or JSON, of the version it has or of another.</summary>
[Cmdlet(VerbsData.ConvertTo, "HasuraMetadata", DefaultParameterSetName = "Project")]
[OutputType(typeof(string))]
public sealed class ConvertToHasuraMetadataCommand : HasuraFilesCmdlet
{
    /// <summary>YAML or JSON; YAML where left out.</summary>
    [Parameter(HelpMessage = "YAML or JSON.")]
    public MetadataTextFormat As { get; set; }

    /// <summary>Metadata version of the text, 2 or 3; that of the input where left out.</summary>
    [Parameter(HelpMessage = "Metadata version of the text, 2 or 3.")]
    [ValidateSet("2", "3")]
    public string? MetadataVersion { get; set; }

    /// <summary>The version of Hasura's CLI whose style YAML gets; that of 2.5 and newer where left out.</summary>
    [Parameter(HelpMessage = "The CLI version whose style YAML gets.")]
    public MetadataFileStyle FileStyle { get; set; }

    /// <summary>Writes JSON on one line.</summary>
    [Parameter(HelpMessage = "Write JSON on one line.")]
    public SwitchParameter Compress { get; set; }

    /// <summary>Writes objects in an order that does not depend on where they come from.</summary>
    [Parameter(HelpMessage = "Write objects in a stable order.")]
    public SwitchParameter SortObjects { get; set; }

    private protected override void OnRecord()
    {
        var reading = ReadMetadata();
        Tell(reading.Findings);
        var document = reading.Document;
        if (MetadataVersion is not null)
        {
            var lost = new List<Finding>();
            document = MetadataVersions.Convert(document, MetadataVersion == "2" ? 2 : 3, lost);
            Tell(lost);
        }

        if (SortObjects)
        {
            document = MetadataRewriter.Sort(document);
        }

        WriteObject(As == MetadataTextFormat.Json ? MetadataJson.Write(document, isIndented: !Compress) : MetadataFiles.ToYaml(document, FileStyle));
    }
}
