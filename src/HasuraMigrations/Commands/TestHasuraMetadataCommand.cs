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
        catch (HasuraMigrationException e) when (e.Findings.Count > 0)
        {
            return e.Findings;
        }
        catch (HasuraMigrationException e) when (e.File is not null && e.Line is not null)
        {
            return
            [
                new Finding { Id = e.ErrorId, Severity = FindingSeverity.Error, Message = e.Message, File = e.File, Line = e.Line, Column = e.Column, RecommendedAction = e.RecommendedAction },
            ];
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
