using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Tests whether all migrations are applied and the records are consistent.</summary>
/// <remarks>
/// <para>
/// Returns true if all is in order: nothing is pending, changed, missing, applied by another tool and not yet in the history, in
/// doubt, interrupted, dirty, or replaced by a squash that is not recorded. A repeatable file that never ran, or changed since, is pending.
/// Otherwise returns false. The result is one value for all
/// databases. If one of several databases cannot be read, an error is written and the result is false. With one database, the
/// command ends with a terminating error and returns nothing.
/// </para>
/// <para>
/// With -Detailed, each finding is written instead. The result is false for findings of severity Error and for MigrationPending,
/// MigrationForeign, MigrationFileMissing, MigrationInterrupted, MigrationSquashed, RolledBackElsewhere and StateInDoubt. Other
/// warnings do not change it.
/// </para>
/// </remarks>
/// <output cref="bool">True if all is in order.</output>
/// <output cref="Finding">With -Detailed.</output>
/// <notes>A result of false is not an error.</notes>
/// <seealso cref="GetHasuraMigrationCommand"/>
/// <seealso cref="RepairHasuraMigrationCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "HasuraMigration", HelpUri = HelpPages.Base + "Test-HasuraMigration.md")]
[OutputType(typeof(bool), typeof(Finding))]
public sealed class TestHasuraMigrationCommand : HasuraDatabaseCmdlet
{
    private readonly PipedInput<string> _input = new();
    private bool _isInOrder = true;

    /// <summary>Writes each finding as an object instead of true or false.</summary>
    [Parameter]
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
            var all = StatusFindings.Findings(migrations, findings);
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
        _isInOrder &= findings.All(StatusFindings.IsInOrder);
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
