using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets;

namespace HasuraMigrations.Commands;

/// <summary>Sets records right without running anything.</summary>
[Cmdlet(VerbsDiagnostic.Repair, "HasuraMigration", DefaultParameterSetName = "As", SupportsShouldProcess = true)]
[OutputType(typeof(HasuraMigration))]
public sealed class RepairHasuraMigrationCommand : HasuraDatabaseCmdlet
{
    private readonly PipedInput<long> _input = new();

    /// <summary>Versions to repair.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "As", ValueFromPipelineByPropertyName = true, HelpMessage = "Versions to repair.")]
    [Parameter(ParameterSetName = "Checksum", ValueFromPipelineByPropertyName = true, HelpMessage = "Versions to repair.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string[]? Version { get; set; }

    /// <summary>What to record the versions as.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "As", HelpMessage = "What to record the versions as.")]
    public MigrationRecordKind As { get; set; }

    /// <summary>Takes the files as they are now for those that were applied; all changed ones where no version is named.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Checksum", HelpMessage = "Take the files as they are now for those applied.")]
    public SwitchParameter AcceptChecksum { get; set; }

    /// <summary>Brings Hasura's own state in step with the history.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "State", HelpMessage = "Bring Hasura's state in step with the history.")]
    public SwitchParameter State { get; set; }

    /// <summary>How long to wait for a run to end; 10 minutes where left out.</summary>
    [Parameter(HelpMessage = "How long to wait for another run to end.")]
    [Seconds]
    public TimeSpan LockTimeout { get; set; } = new RunOptions().LockTimeout;

    /// <summary>How long a connection that was lost may take to come back; 2 minutes where left out.</summary>
    [Parameter(HelpMessage = "How long a lost connection may take to come back.")]
    [Seconds]
    public TimeSpan ReconnectTimeout { get; set; } = RunOptions.DefaultReconnectTimeout;

    /// <summary>Makes Hasura's own state store where there is none.</summary>
    [Parameter(HelpMessage = "Make Hasura's state store where there is none.")]
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
            Tell(findings.Where(f => f.Version is null));
            WriteObject(after.Where(m => approved.Contains(m.Version)), enumerateCollection: true);
        }).ConfigureAwait(false);
    }

    /// <summary>The versions the user agreed to; null for nothing to do.</summary>
    private List<long>? Approve(MigrationScope scope, List<long> versions, IReadOnlyList<HasuraMigration> before)
    {
        if (Repair == MigrationRepair.RewriteState)
        {
            return Confirmed(scope.Subject, "Rewrite Hasura's state from the history") ? [] : null;
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
        MigrationRepair.StatementRun => $"Record the statement at which migration {name} stands as run",
        MigrationRepair.StatementNotRun => $"Record the statement at which migration {name} stands as not run",
        MigrationRepair.AsSquashed => $"Record migration {name} in place of the versions that its file replaces",
        _ => $"Record migration {name} as rolled back without running it",
    };

    private static string Name(long version, IReadOnlyList<HasuraMigration> known) =>
        known.FirstOrDefault(m => m.Version == version)?.ToString() ?? $"{version}";
}
