using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Commands;

/// <summary>Adds versions and settings to Hasura's own record, from a file or from its other store.</summary>
/// <remarks>
/// <para>
/// With -Path, reads a file of Export-HasuraMigrationState: to restore a backup, or to copy the record to another instance. With -From
/// and -To alone, copies between the stores of one instance: -From Table -To Catalog when a project is upgraded to config version
/// 3, -From Catalog -To Table when it goes back. The store that is read stays as it is.
/// </para>
/// <para>
/// Versions are only added. Versions that the store has keep their dirty flag, and versions that the source lacks stay, so that the
/// record never contradicts the history of this module; to remove a version, use Remove-HasuraMigration -Scope State. Settings are
/// set as in the source. In the catalog state, entries of other databases and keys that this module does not know are kept, and such
/// keys of the file are added.
/// </para>
/// <para>
/// A database is not asked for what its migrations do: the source must name what is applied to it. The command takes the lock of the
/// database, writes an entry to the log, and looks again after a moment whether another client has overwritten the catalog state.
/// Through a server, no lock is held while the catalog state is written.
/// </para>
/// </remarks>
/// <output cref="MigrationStateImport">One object for each database.</output>
/// <seealso cref="ExportHasuraMigrationStateCommand"/>
/// <seealso cref="GetHasuraMigrationStateCommand"/>
/// <seealso cref="RepairHasuraMigrationCommand"/>
[Cmdlet(VerbsData.Import, "HasuraMigrationState", DefaultParameterSetName = "Store", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Import-HasuraMigrationState.md")]
[OutputType(typeof(MigrationStateImport))]
public sealed class ImportHasuraMigrationStateCommand : HasuraRecordCmdlet
{
    private readonly PipedInput<long> _input = new();

    /// <summary>File of Export-HasuraMigrationState. The record in it is found by the name of the database.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", HelpMessage = "File of Export-HasuraMigrationState.")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The store to read: Table or Catalog. With -Path, the store in the file; the default is the one of -To.</summary>
    [Parameter(ParameterSetName = "Path")]
    [Parameter(Mandatory = true, ParameterSetName = "Store", HelpMessage = "The store to read: Table or Catalog.")]
    public MigrationStateStore? From { get; set; }

    /// <summary>
    /// The store to write: Table or Catalog. With -Path, the default is the one that the project uses: Catalog with config version 3,
    /// else Table. The tables are created if they do not exist.
    /// </summary>
    [Parameter(ParameterSetName = "Path")]
    [Parameter(Mandatory = true, ParameterSetName = "Store", HelpMessage = "The store to write: Table or Catalog.")]
    public MigrationStateStore? To { get; set; }

    private protected override void OnRecord() => _input.Add(Database, []);

    private protected override void OnEnd()
    {
        if (_input.IsEmpty)
        {
            WriteVerbose("No database was piped in.");
            return;
        }

        if (Path is null && From == To)
        {
            throw new HasuraMigrationException("StateImportInvalid", $"-From and -To both name the {StateRecords.Name(To!.Value)}.");
        }

        var path = Path is null ? null : ResolvePath(Path);
        var file = path is null ? null : StateFile.Read(path);
        var project = OpenProject();
        var chosen = _input.ByDatabase(project, isAllByDefault: false).Keys.ToList();
        // One that the file lacks stops the import of all.
        var records = file is null ? null : chosen.ToDictionary(d => d, d => file.Find(d.Name, path!));
        ForEachDatabase(project, chosen, (scope, token) => ImportAsync(scope, records?[scope.Database], path, chosen.Count, token));
    }

    private async Task ImportAsync(MigrationScope scope, StateRecord? filed, string? path, int count, CancellationToken cancellationToken)
    {
        var to = To ?? StateRecord.Used(scope.Project.ConfigVersion);
        var from = From ?? to;
        var before = await scope.Target.ReadRecordAsync(cancellationToken).ConfigureAwait(false);
        var source = filed ?? before;
        if (!source.Has(from))
        {
            throw filed is null ? Missing(before, from, nameof(From), scope) : NotInFile(filed, from, path!);
        }

        if (to == MigrationStateStore.Catalog && !before.Has(to))
        {
            throw Missing(before, to, nameof(To), scope);
        }

        var change = StateChange.Copy(source, from, to, path is null ? $"state copied from the {StateRecords.Name(from)}" : "state imported");
        if (!await OnPipelineAsync(() => Confirmed(scope.Subject, Action(change, change.Against(before), from, path))).ConfigureAwait(false))
        {
            return;
        }

        var options = new RunOptions { LockTimeout = LockTimeout, ReconnectTimeout = ReconnectTimeout };
        var done = await scope.Runner.WriteStateAsync(change, options, NewReporter($"Importing Hasura's record of {scope.Subject}", 1), cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [.. Findings(scope, before, to, count)];
        await OnPipelineAsync(() =>
        {
            Report(findings);
            WriteObject(new MigrationStateImport
            {
                Database = scope.Database.Name,
                From = from,
                Path = path,
                To = to,
                Added = done.Added,
                Present = done.Present,
                Settings = done.Settings,
                Skipped = to == MigrationStateStore.Table ? source.Odd(from) : [],
                Findings = findings,
            });
        }).ConfigureAwait(false);
    }

    private static string Action(StateChange change, StateDifference difference, MigrationStateStore from, string? path)
    {
        var settings = difference.Settings.Count == 0 ? "" : $", and set {string.Join(" and ", difference.Settings.Select(s => $"{s} to {change.Settings[s]}"))}";
        return $"Add {difference.Added.Count} version(s) from the {StateRecords.Name(from)}{(path is null ? "" : $" in '{path}'")} to the {StateRecords.Name(change.Store)}{settings}";
    }

    private static IEnumerable<Finding> Findings(MigrationScope scope, StateRecord before, MigrationStateStore to, int count)
    {
        if (to == MigrationStateStore.Catalog && !before.IsCopyCompleted && scope.Project.Databases.Count > count)
        {
            yield return new Finding
            {
                Id = "StateCopyCompleted",
                Severity = FindingSeverity.Warning,
                Message = "The catalog state is marked as complete for all databases, so Hasura's CLI will not copy the tables of the other databases of this project.",
                Database = scope.Database.Name,
                RecommendedAction = "Copy those that have a table: Import-HasuraMigrationState -From Table -To Catalog -Database <names>.",
            };
        }
    }

    private static HasuraMigrationException Missing(StateRecord record, MigrationStateStore store, string parameter, MigrationScope scope)
    {
        var missing = record.Missing(store, scope.Target.Description);
        return missing.Recommend($"{missing.RecommendedAction} To use another store, add -{parameter}.");
    }

    private static HasuraMigrationException NotInFile(StateRecord filed, MigrationStateStore from, string path)
    {
        var other = from == MigrationStateStore.Table ? MigrationStateStore.Catalog : MigrationStateStore.Table;
        return new HasuraMigrationException("StateNotFound", $"The file '{path}' contains no {StateRecords.Name(from)} of the database '{filed.Database}'{(filed.Has(other) ? $", only the {StateRecords.Name(other)}" : "")}.", filed.Database)
        {
            File = path,
            RecommendedAction = filed.Has(other) ? $"To read that, add -From {other}." : "Export the record again.",
        };
    }
}
