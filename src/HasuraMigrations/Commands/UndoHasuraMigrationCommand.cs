using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Commands;

/// <summary>Rolls back applied migrations.</summary>
[Cmdlet(VerbsCommon.Undo, "HasuraMigration", DefaultParameterSetName = "Count", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(MigrationResult), typeof(PlannedMigrationInfo))]
public sealed class UndoHasuraMigrationCommand : HasuraRunCmdlet
{
    private long _to;

    /// <summary>How many to roll back, the newest first; 1 where left out.</summary>
    [Parameter(ParameterSetName = "Count", HelpMessage = "How many to roll back, the newest first.")]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Rolls back every applied migration.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "All", HelpMessage = "Roll back every applied migration.")]
    public SwitchParameter All { get; set; }

    /// <summary>The version to be at afterwards, which stays applied; 0 rolls back all.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "To", HelpMessage = "The version that stays the newest applied one.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string? To { get; set; }

    /// <summary>Just these versions.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Version", ValueFromPipelineByPropertyName = true, HelpMessage = "Just these versions.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string[]? Version { get; set; }

    /// <summary>Removes the record only, where the down step is missing or holds only comments.</summary>
    [Parameter(HelpMessage = "Remove the record only, where there is no down step.")]
    public SwitchParameter AllowEmptyDown { get; set; }

    /// <summary>Rolls back with the texts that the history keeps, instead of the files.</summary>
    [Parameter(HelpMessage = "Use the texts that the history keeps.")]
    public SwitchParameter FromHistory { get; set; }

    private protected override string Activity => "Rolling back migrations of";

    private protected override string[]? BoundVersions => Version;

    private protected override void OnBegin() => _to = To is null ? 0 : MigrationVersions.Parse(To, least: 0);

    private protected override MigrationGoal GoalFor(IReadOnlyList<long> versions) => ParameterSetName switch
    {
        "All" => new MigrationGoal.Last(All ? int.MaxValue : 1),
        "To" => new MigrationGoal.DownTo(_to),
        "Version" => new MigrationGoal.Exactly(versions, MigrationDirection.Down),
        _ => new MigrationGoal.Last(Count),
    };

    private protected override PlanOptions PlanOptionsFor(HasuraProject project) =>
        base.PlanOptionsFor(project) with { AllowEmptyDown = AllowEmptyDown, FromHistory = FromHistory };
}
