using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Commands;

/// <summary>Removes the files and the records of migrations, without running anything.</summary>
/// <remarks>
/// <para>
/// No SQL of a migration is run: what a migration created stays in the database. To roll back, use Undo-HasuraMigration before.
/// </para>
/// <para>
/// The records are those in the history and in Hasura's own record. Under the lock of the database, the files of each version are removed
/// first, then its records, and the removal is written to the log. If the command is interrupted, run it again: it completes what is
/// left.
/// </para>
/// <para>
/// Only steps of the versions are removed, and directories that are then empty; other files in such a directory are kept, with a
/// warning. Links are removed, not what they point to. If a version does not exist, nothing is removed. While Hasura's setting
/// migration_mode is not true, only -Scope Files works (MigrationModeOff).
/// </para>
/// <para>The command asks for confirmation. In a non-interactive session, such as a pipeline, give -Confirm:$false.</para>
/// </remarks>
/// <input cref="HasuraMigration"/>
/// <output cref="MigrationRemoval">One object for each migration.</output>
/// <seealso cref="UndoHasuraMigrationCommand"/>
/// <seealso cref="RepairHasuraMigrationCommand"/>
/// <seealso cref="GetHasuraMigrationLogCommand"/>
[Cmdlet(VerbsCommon.Remove, "HasuraMigration", DefaultParameterSetName = "Version", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, HelpUri = HelpPages.Base + "Remove-HasuraMigration.md")]
[OutputType(typeof(MigrationRemoval))]
public sealed class RemoveHasuraMigrationCommand : HasuraRecordCmdlet
{
    private readonly PipedInput<long> _input = new();

    /// <summary>Versions to remove. Accepted from the pipeline by property name, together with Database.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Version", ValueFromPipelineByPropertyName = true, HelpMessage = "Versions to remove.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string[]? Version { get; set; }

    /// <summary>Removes every migration of the database.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "All", HelpMessage = "Removes every migration of the database.")]
    public SwitchParameter All { get; set; }

    /// <summary>
    /// What to remove: Both (records and files), Files (only the files; no connection is required), State (only the records). The default is
    /// Both.
    /// </summary>
    [Parameter]
    public MigrationRemovalScope Scope { get; set; }

    // What is removed is written when the files are gone, too.
    private protected override void WriteResult(object result) => WriteVerbose($"{result}.");

    private protected override void OnRecord()
    {
        if (ParameterSetName == "All" && !All)
        {
            return;
        }

        _input.Add(Database, [.. (Version ?? []).Select(v => MigrationVersions.Parse(v))]);
    }

    private protected override void OnEnd()
    {
        if (_input.IsEmpty)
        {
            WriteVerbose("No migration was named.");
            return;
        }

        var project = OpenProject();
        var chosen = _input.ByDatabase(project, isAllByDefault: false);
        if (Scope == MigrationRemovalScope.Files)
        {
            var plans = chosen.Select(c => MigrationRemovalPlan.Make(project, c.Key, c.Value, Scope, new Dictionary<long, string?>())).ToList();
            plans.ForEach(RemoveFiles);
            return;
        }

        // One that does not exist on one database stops the removal on all.
        if (chosen.Count > 1 && !ForEachDatabase(project, [.. chosen.Keys], async (scope, token) => await PlanAsync(scope, chosen[scope.Database], token).ConfigureAwait(false)))
        {
            return;
        }

        ForEachDatabase(project, [.. chosen.Keys], (scope, token) => RemoveAsync(scope, chosen[scope.Database], token));
    }

    private async Task<MigrationRemovalPlan> PlanAsync(MigrationScope scope, IReadOnlyList<long> versions, CancellationToken cancellationToken) =>
        MigrationRemovalPlan.Make(scope.Project, scope.Database, versions, Scope, await scope.Runner.RecordedAsync(cancellationToken).ConfigureAwait(false));

    private void RemoveFiles(MigrationRemovalPlan plan)
    {
        foreach (var version in plan.Versions.Where(v => Confirmed($"database '{plan.Database}'", $"Remove the files of migration {v}_{plan.NameOf(v)}")))
        {
            Write(plan, version, RemoveFiles(plan, version), isRecordRemoved: false);
        }
    }

    private static (IReadOnlyList<string> Files, IReadOnlyList<Finding> Findings) RemoveFiles(MigrationRemovalPlan plan, long version) =>
        plan.FilesOf(version)?.Remove() ?? ([], []);

    private async Task RemoveAsync(MigrationScope scope, IReadOnlyList<long> versions, CancellationToken cancellationToken)
    {
        var plan = await PlanAsync(scope, versions, cancellationToken).ConfigureAwait(false);
        var what = Scope == MigrationRemovalScope.State ? "record" : "files and the record";
        var approved = await OnPipelineAsync(() => plan.Versions.Where(v => Confirmed(scope.Subject, $"Remove the {what} of migration {v}_{plan.NameOf(v)} without rolling it back")).ToList()).ConfigureAwait(false);
        if (!approved.Exists(plan.Recorded.ContainsKey))
        {
            await OnPipelineAsync(() => approved.ForEach(v => Write(plan, v, RemoveFiles(plan, v), isRecordRemoved: false))).ConfigureAwait(false);
            return;
        }

        var files = new Dictionary<long, (IReadOnlyList<string> Files, IReadOnlyList<Finding> Findings)>();
        await scope.Runner.RemoveAsync(
            approved,
            version =>
            {
                files[version] = RemoveFiles(plan, version);
                return Task.CompletedTask;
            },
            (version, isRecordRemoved) => OnPipelineAsync(() => Write(plan, version, files[version], isRecordRemoved)),
            new RunOptions { LockTimeout = LockTimeout, ReconnectTimeout = ReconnectTimeout },
            NewReporter($"Removing migrations of {scope.Subject}", approved.Count),
            cancellationToken).ConfigureAwait(false);
    }

    private void Write(MigrationRemovalPlan plan, long version, (IReadOnlyList<string> Files, IReadOnlyList<Finding> Findings) removed, bool isRecordRemoved)
    {
        Report(removed.Findings);
        WriteObject(new MigrationRemoval
        {
            Database = plan.Database,
            Version = version,
            Name = plan.NameOf(version),
            Files = removed.Files,
            IsRecordRemoved = isRecordRemoved,
            Findings = removed.Findings,
        });
    }
}
