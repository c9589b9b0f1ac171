using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Commands;

/// <summary>Shows Hasura's own record of applied migrations, as it is stored.</summary>
/// <remarks>
/// <para>
/// Hasura's CLI reads and writes this record: the table hdb_catalog.schema_migrations in projects of config versions 1 and 2, the
/// catalog state in Hasura's metadata database in projects of config version 3. Both stores are shown if both exist; IsInUse is true
/// for the one that the project uses. Reading writes nothing.
/// </para>
/// <para>
/// What this module knows of a migration, with the history and the files, is shown by Get-HasuraMigration.
/// </para>
/// </remarks>
/// <output cref="HasuraMigrationState">One object for each version in each store, in ascending order.</output>
/// <output cref="string">With -Raw, the record of all databases as one JSON document, as Export-HasuraMigrationState writes it.</output>
/// <seealso cref="ExportHasuraMigrationStateCommand"/>
/// <seealso cref="ImportHasuraMigrationStateCommand"/>
/// <seealso cref="GetHasuraMigrationCommand"/>
[Cmdlet(VerbsCommon.Get, "HasuraMigrationState", HelpUri = HelpPages.Base + "Get-HasuraMigrationState.md")]
[OutputType(typeof(HasuraMigrationState), typeof(string))]
public sealed class GetHasuraMigrationStateCommand : HasuraDatabaseCmdlet
{
    private readonly PipedInput<long> _input = new();

    /// <summary>
    /// Writes one JSON document with both stores as they are: every key of the catalog state, also those of other databases, and the
    /// settings.
    /// </summary>
    [Parameter]
    public SwitchParameter Raw { get; set; }

    private protected override void OnRecord() => _input.Add(Database, []);

    private protected override void OnEnd()
    {
        if (_input.IsEmpty)
        {
            WriteVerbose("No database was piped in.");
            return;
        }

        var project = OpenProject();
        var used = StateRecord.Used(project.ConfigVersion);
        var records = new List<StateRecord>();
        var isWell = ForEachDatabase(project, [.. _input.ByDatabase(project, isAllByDefault: true).Keys], async (scope, cancellationToken) =>
        {
            var record = await scope.Target.ReadRecordAsync(cancellationToken).ConfigureAwait(false);
            records.Add(record);
            await OnPipelineAsync(() =>
            {
                Report(StateRecords.Findings(record, used, scope.Target.Description));
                if (!Raw)
                {
                    WriteObject(StateRecords.Versions(record, used), enumerateCollection: true);
                }
            }).ConfigureAwait(false);
        });
        if (Raw && isWell)
        {
            WriteObject(new StateFile(records).ToText());
        }
    }
}
