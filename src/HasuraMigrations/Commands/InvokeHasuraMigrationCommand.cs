using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Commands;

/// <summary>Applies pending migrations to a database.</summary>
/// <remarks>
/// <para>
/// Makes a plan, checks all of it before anything is written, asks for confirmation if -Confirm is given, takes the lock of the
/// database, and runs the plan. Each migration and the record that it ran are one transaction: either both are committed, or
/// neither. A migration that fails is rolled back and stops the run; the migrations before it remain applied.
/// </para>
/// <para>
/// A file whose first line is '-- hasura:no-transaction' runs statement by statement, for statements such as CREATE INDEX
/// CONCURRENTLY. After an interruption, the next run resumes it.
/// </para>
/// <para>
/// Behind the pending migrations, the repeatable files that changed run: those in the directory 'repeatable' of the migrations directory, such as
/// definitions of views and functions. All of them and their records are one transaction.
/// </para>
/// <para>
/// A file with the line '-- hasura:variables' among its first comment lines has variables, such as ${name}: -Variable gives their values.
/// </para>
/// <para>
/// With -WhatIf, the plan is made from the current state of the database and written as objects; nothing is changed. If the
/// pipeline is empty, nothing is applied.
/// </para>
/// </remarks>
/// <input cref="HasuraMigration"/>
/// <output cref="MigrationResult">One object for each migration, as soon as it is committed.</output>
/// <output cref="PlannedMigrationInfo">With -WhatIf or -OutputPlan: one object for each migration of the plan.</output>
/// <notes>Stopping the command (Ctrl+C) rolls back the running migration, releases the lock and keeps the history consistent.</notes>
/// <seealso cref="UndoHasuraMigrationCommand"/>
/// <seealso cref="GetHasuraMigrationCommand"/>
/// <seealso href="about_HasuraMigrations_Pipelines"/>
/// <seealso href="about_HasuraMigrations_Errors"/>
[Cmdlet(VerbsLifecycle.Invoke, "HasuraMigration", DefaultParameterSetName = "Pending", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Invoke-HasuraMigration.md")]
[OutputType(typeof(MigrationResult), typeof(PlannedMigrationInfo))]
public sealed class InvokeHasuraMigrationCommand : HasuraRunCmdlet
{
    private long _to;

    /// <summary>Number of pending migrations to apply, the oldest first.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Count", HelpMessage = "Number of pending migrations to apply, the oldest first.")]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; }

    /// <summary>Refuses the plan if fewer migrations are pending than -Count. Without it, those are applied, with a warning.</summary>
    [Parameter(ParameterSetName = "Count")]
    public SwitchParameter Strict { get; set; }

    /// <summary>
    /// Target version. Pending migrations up to it are applied. If newer versions are applied, they are rolled back instead, after
    /// confirmation or with -Force.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = "To", HelpMessage = "Target version.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string? To { get; set; }

    /// <summary>Applies only these versions, in ascending order. Accepted from the pipeline by property name, together with Database.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Version", ValueFromPipelineByPropertyName = true, HelpMessage = "Applies only these versions, in ascending order.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string[]? Version { get; set; }

    /// <summary>Runs only the repeatable files that changed, and no migrations.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Repeatable", HelpMessage = "Runs only the repeatable files that changed, and no migrations.")]
    public SwitchParameter Repeatable { get; set; }

    /// <summary>Does not run repeatable files. With -Count, -To and -Version, none are run in any case.</summary>
    [Parameter(ParameterSetName = "Pending")]
    public SwitchParameter SkipRepeatable { get; set; }

    /// <summary>Refuses a pending version that is older than an applied one. Without it, such a version is applied, with a warning.</summary>
    [Parameter]
    public SwitchParameter RejectOutOfOrder { get; set; }

    /// <summary>Runs even if the up step of an applied migration was changed after it was applied.</summary>
    [Parameter]
    public SwitchParameter AllowChanged { get; set; }

    /// <summary>Lets -To roll back migrations without confirmation.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// Measures the impact of the plan on the API before it is applied, in a copy of the schema, and shows its count and the worst, and for each role
    /// the breaking and dangerous changes of the GraphQL schema. The plan is refused if a permission becomes wider. With -OutputPlan, the plan
    /// contains the same lines. With -WhatIf, the impact is always shown if the project has metadata and it can be measured.
    /// </summary>
    [Parameter]
    public SwitchParameter MeasureImpact { get; set; }

    /// <summary>Allows a plan by which roles become able to do more although no permission was changed.</summary>
    [Parameter]
    public SwitchParameter AllowWiderPermissions { get; set; }

    private protected override string Activity => "Applying migrations to";

    private protected override string[]? BoundVersions => Version;

    private protected override void OnBegin() => _to = To is null ? 0 : MigrationVersions.Parse(To);

    private protected override MigrationGoal GoalFor(IReadOnlyList<long> versions) => ParameterSetName switch
    {
        "Count" => new MigrationGoal.Next(Count, Strict ? FindingSeverity.Error : FindingSeverity.Warning),
        "To" => new MigrationGoal.To(_to),
        "Version" => new MigrationGoal.Exactly([.. versions.Where(v => v > 0)], MigrationDirection.Up) { WithRepeatables = versions.Contains(0) },
        "Repeatable" when Repeatable => new MigrationGoal.Repeatables(),
        _ => new MigrationGoal.AllPending { WithRepeatables = !SkipRepeatable },
    };

    private protected override PlanOptions PlanOptionsFor(HasuraProject project) =>
        base.PlanOptionsFor(project) with { RejectOutOfOrder = RejectOutOfOrder, AllowChanged = AllowChanged };

    private protected override Task<IReadOnlyList<string>?> InspectAsync(MigrationScope scope, MigrationPlan plan, CancellationToken cancellationToken) =>
        ShowImpactAsync(scope.Subject, scope.Database.Name, i => i.MeasureAsync(scope, plan, cancellationToken));

    private protected override bool Confirm(MigrationPlan plan, string subject)
    {
        if (Force || plan.Migrations.All(m => m.Direction == MigrationDirection.Up))
        {
            return true;
        }

        var question = $"{plan.Migrations.Count} migration(s) above {_to} are applied on {subject}. Going to that version rolls them back. Continue?";
        return Ask(() => ShouldContinue(Printable.Of(question), "Roll back migrations"), "RollbackNotConfirmed", "Use Undo-HasuraMigration -To, or add -Force.");
    }
}
