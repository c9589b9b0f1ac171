using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Commands;

/// <summary>Rolls back applied migrations.</summary>
/// <remarks>
/// <para>
/// Runs the down steps of applied migrations, the newest version first, and removes their records. Each rollback and its record are
/// one transaction. Without -Count, -All, -To or -Version, the newest applied migration is rolled back.
/// </para>
/// <para>
/// The command asks for confirmation. In a non-interactive session, such as a pipeline, give -Confirm:$false. A migration whose
/// down step is missing or contains only comments is refused unless -AllowEmptyDown is given.
/// </para>
/// </remarks>
/// <input cref="MigrationResult"/>
/// <output cref="MigrationResult">One object for each migration that was rolled back.</output>
/// <output cref="PlannedMigrationInfo">With -WhatIf or -OutputPlan: one object for each migration of the plan.</output>
/// <seealso cref="InvokeHasuraMigrationCommand"/>
/// <seealso cref="RepairHasuraMigrationCommand"/>
/// <seealso href="about_HasuraMigrations_Errors"/>
[Cmdlet(VerbsCommon.Undo, "HasuraMigration", DefaultParameterSetName = "Count", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, HelpUri = HelpPages.Base + "Undo-HasuraMigration.md")]
[OutputType(typeof(MigrationResult), typeof(PlannedMigrationInfo))]
public sealed class UndoHasuraMigrationCommand : HasuraRunCmdlet
{
    private long _to;

    /// <summary>Number of applied migrations to roll back, the newest version first. The default is 1.</summary>
    [Parameter(ParameterSetName = "Count")]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Refuses the plan if fewer migrations are applied than -Count. Without it, those are rolled back, with a warning.</summary>
    [Parameter(ParameterSetName = "Count")]
    public SwitchParameter Strict { get; set; }

    /// <summary>Rolls back every applied migration.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "All", HelpMessage = "Rolls back every applied migration.")]
    public SwitchParameter All { get; set; }

    /// <summary>Target version: it remains applied, and every newer version is rolled back. 0 rolls back all.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "To", HelpMessage = "Target version: it remains applied, and every newer version is rolled back.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string? To { get; set; }

    /// <summary>Rolls back only these versions, in descending order. Accepted from the pipeline by property name, together with Database.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Version", ValueFromPipelineByPropertyName = true, HelpMessage = "Rolls back only these versions, in descending order.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string[]? Version { get; set; }

    /// <summary>
    /// Removes the record of a migration whose down step is missing or contains only comments. Without it, such a rollback is
    /// refused, because it would change nothing in the database.
    /// </summary>
    [Parameter]
    public SwitchParameter AllowEmptyDown { get; set; }

    /// <summary>Rolls back with the texts in the history instead of the files, for migrations whose files are gone or changed.</summary>
    [Parameter]
    public SwitchParameter FromHistory { get; set; }

    private protected override string Activity => "Rolling back migrations of";

    private protected override string[]? BoundVersions => Version;

    private protected override void OnBegin() => _to = To is null ? 0 : MigrationVersions.Parse(To, least: 0);

    private protected override MigrationGoal GoalFor(IReadOnlyList<long> versions) => ParameterSetName switch
    {
        "All" => new MigrationGoal.Last(All ? int.MaxValue : 1),
        "To" => new MigrationGoal.DownTo(_to),
        // Repeatable files have no down step.
        "Version" => new MigrationGoal.Exactly([.. versions.Where(v => v > 0)], MigrationDirection.Down),
        _ => new MigrationGoal.Last(Count, Strict ? FindingSeverity.Error : MyInvocation.BoundParameters.ContainsKey(nameof(Count)) ? FindingSeverity.Warning : FindingSeverity.Information),
    };

    private protected override PlanOptions PlanOptionsFor(HasuraProject project) =>
        base.PlanOptionsFor(project) with { AllowEmptyDown = AllowEmptyDown, FromHistory = FromHistory };
}
