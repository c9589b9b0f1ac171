using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata;

namespace HasuraMigrations.Commands;

/// <summary>Checks metadata by itself, without a database: syntax, shape, references inside it. True means no error.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HasuraMetadata", DefaultParameterSetName = "Project")]
[OutputType(typeof(bool), typeof(Finding))]
public sealed class TestHasuraMetadataCommand : HasuraFilesCmdlet
{
    private bool _isWell = true;
    private bool _wasAsked;

    /// <summary>Writes each finding instead of true or false.</summary>
    [Parameter(HelpMessage = "Write each finding instead of true or false.")]
    public SwitchParameter Detailed { get; set; }

    private protected override void OnRecord()
    {
        _wasAsked = true;
        var findings = Read(out var document) is { } error ? [error] : MetadataInspector.Inspect(document!);
        Report([.. ReadingFindings, .. findings]);
    }

    // One answer for all input: an array of answers would count as true.
    private protected override void OnEnd()
    {
        if (!Detailed && _wasAsked)
        {
            WriteObject(_isWell);
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
