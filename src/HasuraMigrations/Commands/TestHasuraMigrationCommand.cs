using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Tells whether everything is applied and nothing contradicts: true means in order.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HasuraMigration")]
[OutputType(typeof(bool), typeof(Finding))]
public sealed class TestHasuraMigrationCommand : HasuraDatabaseCmdlet
{
    private readonly PipedInput<string> _input = new();
    private bool _isInOrder = true;

    /// <summary>Writes each finding instead of true or false.</summary>
    [Parameter(HelpMessage = "Write each finding instead of true or false.")]
    public SwitchParameter Detailed { get; set; }

    private protected override void OnRecord() => _input.Add(Database, []);

    // One answer for all databases: an array of answers would count as true.
    private protected override void OnEnd()
    {
        if (_input.IsEmpty)
        {
            return;
        }

        var project = OpenProject();
        var isWell = ForEachDatabase(project, [.. _input.ByDatabase(project, isAllByDefault: true).Keys], async (scope, cancellationToken) =>
        {
            var (migrations, findings) = await scope.Runner.StatusAsync(cancellationToken).ConfigureAwait(false);
            var all = StatusJudge.Findings(migrations, findings);
            await OnPipelineAsync(() => Report(all)).ConfigureAwait(false);
        });
        _isInOrder &= isWell;
        if (!Detailed)
        {
            WriteObject(_isInOrder);
        }
    }

    private void Report(IReadOnlyList<Finding> findings)
    {
        _isInOrder &= findings.All(StatusJudge.IsInOrder);
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
