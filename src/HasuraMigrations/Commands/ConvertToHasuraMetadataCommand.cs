using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Forms;

namespace HasuraMigrations.Commands;

/// <summary>Converts metadata to one YAML or JSON text.</summary>
/// <remarks>
/// <para>
/// Reads the files of the project, a directory, a file, JSON text or an object, and writes the whole document as one text. With
/// -MetadataVersion, it is first converted to another version, as a server does it on import. No database is required.
/// </para>
/// </remarks>
/// <input cref="object">JSON text, a metadata object, or a file.</input>
/// <output cref="string">The text.</output>
/// <notes>Missing or empty files cause warnings, as with Test-HasuraMetadata.</notes>
/// <seealso cref="ExportHasuraMetadataCommand"/>
/// <seealso cref="TestHasuraMetadataCommand"/>
/// <seealso href="about_HasuraMigrations_Metadata"/>
[Cmdlet(VerbsData.ConvertTo, "HasuraMetadata", DefaultParameterSetName = "Project", HelpUri = HelpPages.Base + "ConvertTo-HasuraMetadata.md")]
[OutputType(typeof(string))]
public sealed class ConvertToHasuraMetadataCommand : HasuraFilesCmdlet
{
    /// <summary>Yaml or Json. The default is Yaml.</summary>
    [Parameter]
    public MetadataTextFormat As { get; set; }

    /// <summary>
    /// Metadata version of the text, 2 or 3. Only a document with one PostgreSQL source can be converted from 3 to 2; each key that
    /// does not exist in version 2 causes a warning. In a conversion to 3, the source 'default' gets its URL from
    /// HASURA_GRAPHQL_DATABASE_URL.
    /// </summary>
    [Parameter]
    [ValidateSet("2", "3")]
    public string? MetadataVersion { get; set; }

    /// <summary>
    /// The text style of YAML: Cli25 as Hasura's CLI 2.5 and newer, Cli11 as CLI 1.1 to 1.3, Cli10 as CLI 1.0, with all keys in
    /// alphabetical order. The default is Cli25.
    /// </summary>
    [Parameter]
    public MetadataFileStyle FileStyle { get; set; }

    /// <summary>Writes JSON on one line. Without it, JSON is indented by two spaces.</summary>
    [Parameter]
    public SwitchParameter Compress { get; set; }

    /// <summary>Writes objects and keys in an order that is the same for all equal metadata, if the order has no meaning in Hasura.</summary>
    [Parameter]
    public SwitchParameter SortObjects { get; set; }

    private protected override void OnRecord()
    {
        var reading = ReadMetadata();
        Report(reading.Findings);
        var document = reading.Document;
        if (MetadataVersion is not null)
        {
            var lost = new List<Finding>();
            document = MetadataVersions.Convert(document, MetadataVersion == "2" ? 2 : 3, lost);
            Report(lost);
        }

        if (SortObjects)
        {
            document = MetadataRewriter.Sort(document);
        }

        WriteObject(As == MetadataTextFormat.Json ? document.ToJson(isIndented: !Compress) : MetadataFiles.ToYaml(document, FileStyle));
    }
}
