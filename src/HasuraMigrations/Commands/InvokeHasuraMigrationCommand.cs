using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Commands;

/// <summary>Applies pending migrations.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HasuraMigration", DefaultParameterSetName = "Pending", SupportsShouldProcess = true)]
[OutputType(typeof(MigrationResult), typeof(PlannedMigrationInfo))]
public sealed class InvokeHasuraMigrationCommand : HasuraRunCmdlet
{
    private long _to;

    /// <summary>How many of the pending migrations to apply, the oldest first.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Count", HelpMessage = "How many of the pending migrations to apply.")]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; }

    /// <summary>The version to be at afterwards: up to it, or down where newer ones are applied.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "To", HelpMessage = "The version to be at afterwards.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string? To { get; set; }

    /// <summary>Just these versions.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Version", ValueFromPipelineByPropertyName = true, HelpMessage = "Just these versions.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string[]? Version { get; set; }

    /// <summary>Refuses a pending version that is older than an applied one.</summary>
    [Parameter(HelpMessage = "Refuse versions older than applied ones.")]
    public SwitchParameter RejectOutOfOrder { get; set; }

    /// <summary>Runs although an applied up step changed since.</summary>
    [Parameter(HelpMessage = "Run although an applied migration changed.")]
    public SwitchParameter AllowChanged { get; set; }

    /// <summary>Lets -To roll back without a question.</summary>
    [Parameter(HelpMessage = "Let -To roll back without a question.")]
    public SwitchParameter Force { get; set; }

    private protected override string Activity => "Applying migrations to";

    private protected override string[]? BoundVersions => Version;

    private protected override void OnBegin() => _to = To is null ? 0 : MigrationVersions.Parse(To);

    private protected override MigrationGoal GoalFor(IReadOnlyList<long> versions) => ParameterSetName switch
    {
        "Count" => new MigrationGoal.Next(Count),
        "To" => new MigrationGoal.To(_to),
        "Version" => new MigrationGoal.Exactly(versions, MigrationDirection.Up),
        _ => new MigrationGoal.AllPending(),
    };

    private protected override PlanOptions PlanOptionsFor(HasuraProject project) =>
        base.PlanOptionsFor(project) with { RejectOutOfOrder = RejectOutOfOrder, AllowChanged = AllowChanged };

    private protected override bool Confirm(MigrationPlan plan, string subject)
    {
        if (Force || plan.Migrations.All(m => m.Direction == MigrationDirection.Up))
        {
            return true;
        }

        var question = $"{plan.Migrations.Count} migration(s) above {_to} are applied on {subject}. Going to that version rolls them back. Continue?";
        return Ask(() => ShouldContinue(question, "Roll back migrations"), "RollbackNotConfirmed", "Use Undo-HasuraMigration -To, or add -Force.");
    }
}
