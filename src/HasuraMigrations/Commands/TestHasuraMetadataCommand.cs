using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata.Checking;

namespace HasuraMigrations.Commands;

/// <summary>Checks metadata without a database.</summary>
/// <remarks>
/// <para>
/// Reads the files of the project, a directory, a file, JSON text or an object, and checks syntax, structure, and references inside
/// the document: unknown keys with the nearest known name, missing keys, values of the wrong type, objects that are defined twice,
/// files that are missing or empty, relationships to tables that are not tracked, missing collections and queries, roles that no
/// permission defines, secrets in the text.
/// </para>
/// <para>
/// The result is true if there is no error; warnings do not make it false. The command does not check whether tables and columns
/// exist in the database.
/// </para>
/// </remarks>
/// <input cref="object">JSON text, a metadata object, or a file.</input>
/// <output cref="bool">True if there is no error.</output>
/// <output cref="Finding">With -Detailed, every finding, with file and line if known.</output>
/// <notes>A result of false is not an error. Several objects from the pipeline give one result.</notes>
/// <seealso cref="ImportHasuraMetadataCommand"/>
/// <seealso cref="ConvertToHasuraMetadataCommand"/>
/// <seealso href="about_HasuraMigrations_Metadata"/>
[Cmdlet(VerbsDiagnostic.Test, "HasuraMetadata", DefaultParameterSetName = "Project", HelpUri = HelpPages.Base + "Test-HasuraMetadata.md")]
[OutputType(typeof(bool), typeof(Finding))]
public sealed class TestHasuraMetadataCommand : HasuraFilesCmdlet
{
    private bool _isWell = true;
    private bool _wasAsked;

    /// <inheritdoc cref="TestHasuraMigrationCommand.Detailed"/>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    private protected override void OnRecord()
    {
        _wasAsked = true;
        Report(Inspect());
    }

    // One answer for all input: an array of answers would count as true.
    private protected override void OnEnd()
    {
        if (!Detailed && _wasAsked)
        {
            WriteObject(_isWell);
        }
    }

    // What cannot be read at all is a finding, too, where it is about the content.
    private IReadOnlyList<Finding> Inspect()
    {
        try
        {
            var reading = ReadMetadata();
            return [.. reading.Findings, .. MetadataInspector.Inspect(reading.Document)];
        }
        catch (HasuraMigrationException e) when (e.Findings.Count > 0 || (e.File is not null && e.Line is not null))
        {
            return Finding.Of(e);
        }
    }

    private void Report(IReadOnlyList<Finding> findings)
    {
        _isWell &= findings.All(f => f.Severity != FindingSeverity.Error);
        foreach (var finding in findings)
        {
            if (Detailed)
            {
                WriteObject(finding);
            }
            else
            {
                WriteVerbose(Formatting._Format.FindingText(finding));
            }
        }
    }
}
