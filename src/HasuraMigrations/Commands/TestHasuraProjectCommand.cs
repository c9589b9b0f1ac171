using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Checks;

namespace HasuraMigrations.Commands;

/// <summary>Checks all files of a project without a database.</summary>
/// <remarks>
/// <para>
/// Checks the configuration, the migrations and seed files of every database, and the metadata:
/// </para>
/// <para>
/// - config.yaml and .env: syntax, unknown keys, paths outside the project;
/// </para>
/// <para>
/// - migrations, up and down steps, and seed files: names that are almost those of migrations, versions that exist twice, encoding,
/// statements that cannot run in a transaction or not at all, transaction control, empty files, YAML actions;
/// </para>
/// <para>
/// - metadata: all that Test-HasuraMetadata checks, and directories of migrations without a source.
/// </para>
/// <para>
/// The result is true if there is no error; warnings do not make it false. A project that cannot be read in part is checked as far as it
/// can be read.
/// </para>
/// </remarks>
/// <output cref="bool">True if there is no error.</output>
/// <output cref="Finding">With -Detailed, every finding, with file and line if known.</output>
/// <notes>A result of false is not an error. Files with variables are checked without their values. Whether the SQL of a file runs is known only to a database.</notes>
/// <seealso cref="TestHasuraMetadataCommand"/>
/// <seealso cref="TestHasuraMigrationCommand"/>
/// <seealso cref="GetHasuraProjectCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "HasuraProject", HelpUri = HelpPages.Base + "Test-HasuraProject.md")]
[OutputType(typeof(bool), typeof(Finding))]
public sealed class TestHasuraProjectCommand : HasuraProjectCmdlet
{
    /// <inheritdoc cref="TestHasuraMigrationCommand.Detailed"/>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    private protected override void OnEnd()
    {
        var findings = ProjectCheck.Check(ReadOptions());
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

        if (!Detailed)
        {
            WriteObject(findings.All(f => f.Severity != FindingSeverity.Error));
        }
    }
}
