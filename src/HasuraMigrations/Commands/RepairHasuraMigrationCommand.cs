using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Commands;

/// <summary>Corrects the records of migrations without running anything.</summary>
/// <remarks>
/// <para>
/// Use it if the records do not match the database: after an interrupted run that was finished manually, for a version that Hasura
/// marks dirty or that is in doubt, or after a file was changed on purpose.
/// </para>
/// <para>
/// -As sets the record of versions; -AcceptChecksum accepts the current files as the applied ones; -State updates Hasura's own
/// record from the history. Each repair takes the lock of the database and is written to its log.
/// </para>
/// </remarks>
/// <input cref="HasuraMigration"/>
/// <output cref="HasuraMigration">The new status of each version that was repaired.</output>
/// <seealso cref="GetHasuraMigrationCommand"/>
/// <seealso href="about_HasuraMigrations_Errors"/>
[Cmdlet(VerbsDiagnostic.Repair, "HasuraMigration", DefaultParameterSetName = "As", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Repair-HasuraMigration.md")]
[OutputType(typeof(HasuraMigration))]
public sealed class RepairHasuraMigrationCommand : HasuraRecordCmdlet
{
    private readonly PipedInput<long> _input = new();

    /// <summary>
    /// Versions to repair. Accepted from the pipeline by property name. With -AcceptChecksum and without -Version, all changed
    /// migrations are repaired.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = "As", ValueFromPipelineByPropertyName = true, HelpMessage = "Versions to repair.")]
    [Parameter(ParameterSetName = "Checksum", ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string[]? Version { get; set; }

    /// <summary>
    /// What to record for the versions. Applied: its effects are in the database. RolledBack: its effects are not in the database.
    /// Run or NotRun: the statement at which a migration was interrupted took effect, or did not. Squashed: the file of the version
    /// replaces older versions whose files are gone; their records are removed.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = "As", HelpMessage = "What to record for the versions.")]
    public MigrationRecordKind As { get; set; }

    /// <summary>Accepts the current files as the applied ones.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Checksum", HelpMessage = "Accepts the current files as the applied ones.")]
    public SwitchParameter AcceptChecksum { get; set; }

    /// <summary>Updates Hasura's own record from the history, and adds to the history what Hasura's own tools applied.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "State", HelpMessage = "Updates Hasura's own record from the history, and adds to the history what Hasura's own tools applied.")]
    public SwitchParameter State { get; set; }

    /// <inheritdoc cref="HasuraPlanCmdlet.CreateStateStore"/>
    [Parameter]
    public SwitchParameter CreateStateStore { get; set; }

    private MigrationRepair Repair => ParameterSetName switch
    {
        "Checksum" => MigrationRepair.AcceptChecksum,
        "State" => MigrationRepair.RewriteState,
        _ => As switch
        {
            MigrationRecordKind.Applied => MigrationRepair.AsApplied,
            MigrationRecordKind.RolledBack => MigrationRepair.AsRolledBack,
            MigrationRecordKind.Run => MigrationRepair.StatementRun,
            MigrationRecordKind.NotRun => MigrationRepair.StatementNotRun,
            _ => MigrationRepair.AsSquashed,
        },
    };

    // What a repair leaves behind is told by the status afterwards.
    private protected override void WriteResult(object result) => WriteVerbose($"{result}.");

    private protected override void OnRecord() => _input.Add(Database, [.. (Version ?? []).Select(v => MigrationVersions.Parse(v))]);

    private protected override void OnEnd()
    {
        if (_input.IsEmpty)
        {
            WriteVerbose("No migration was piped in.");
            return;
        }

        var project = OpenProject();
        var chosen = _input.ByDatabase(project, isAllByDefault: false);
        ForEachDatabase(project, [.. chosen.Keys], (scope, cancellationToken) => RepairAsync(scope, chosen[scope.Database], cancellationToken));
    }

    private async Task RepairAsync(MigrationScope scope, List<long> versions, CancellationToken cancellationToken)
    {
        var (before, _) = await scope.Runner.StatusAsync(cancellationToken).ConfigureAwait(false);
        if (Repair == MigrationRepair.AcceptChecksum && versions.Count == 0)
        {
            versions.AddRange(before.Where(m => m.ChecksumState == MigrationChecksumState.Changed).Select(m => m.Version));
        }

        var approved = await OnPipelineAsync(() => Approve(scope, versions, before)).ConfigureAwait(false);
        if (approved is null)
        {
            return;
        }

        var options = new RunOptions { LockTimeout = LockTimeout, ReconnectTimeout = ReconnectTimeout, CreateStateStore = CreateStateStore };
        await scope.Runner.RepairAsync(Repair, approved, options, NewReporter($"Repairing {scope.Subject}", approved.Count), cancellationToken).ConfigureAwait(false);
        var (after, findings) = await scope.Runner.StatusAsync(cancellationToken).ConfigureAwait(false);
        await OnPipelineAsync(() =>
        {
            Report(findings.Where(f => f.Version is null));
            WriteObject(after.Where(m => approved.Contains(m.Version)), enumerateCollection: true);
        }).ConfigureAwait(false);
    }

    /// <summary>The versions the user agreed to; null for nothing to do.</summary>
    private List<long>? Approve(MigrationScope scope, List<long> versions, IReadOnlyList<HasuraMigration> before)
    {
        if (Repair == MigrationRepair.RewriteState)
        {
            return Confirmed(scope.Subject, "Rewrite Hasura's record from the history") ? [] : null;
        }

        if (versions.Count == 0)
        {
            WriteVerbose($"No migration of {scope.Subject} changed since it was applied.");
        }

        var approved = versions.Where(v => Confirmed(scope.Subject, Action(Name(v, before)))).ToList();
        return approved.Count == 0 ? null : approved;
    }

    private string Action(string name) => Repair switch
    {
        MigrationRepair.AcceptChecksum => $"Accept the files of migration {name} as those that were applied",
        MigrationRepair.AsApplied => $"Record migration {name} as applied without running it",
        MigrationRepair.StatementRun => $"Record the interrupted statement of migration {name} as executed",
        MigrationRepair.StatementNotRun => $"Record the interrupted statement of migration {name} as not executed",
        MigrationRepair.AsSquashed => $"Record migration {name} in place of the versions that its file replaces",
        _ => $"Record migration {name} as rolled back without running it",
    };

    private static string Name(long version, IReadOnlyList<HasuraMigration> known) =>
        known.FirstOrDefault(m => m.Version == version)?.ToString() ?? $"{version}";
}
