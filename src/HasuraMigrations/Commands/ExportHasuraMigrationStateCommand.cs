using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Commands;

/// <summary>Writes Hasura's own record of applied migrations to a JSON file.</summary>
/// <remarks>
/// <para>
/// The file contains, for each database, the tables hdb_catalog.schema_migrations and migration_settings, and the whole catalog state
/// with all its keys: a backup, and the means to copy the record to another instance with Import-HasuraMigrationState.
/// </para>
/// <para>
/// Hasura's catalog state belongs to an instance, not to a database: if a database gets another instance or a fresh metadata database,
/// the record is lost unless it is copied. The history of this module is in the database itself and is not part of the file.
/// </para>
/// <para>The file is written as a whole, or not at all. Nothing is written to a database.</para>
/// </remarks>
/// <output cref="FileInfo">With -PassThru, the file.</output>
/// <seealso cref="ImportHasuraMigrationStateCommand"/>
/// <seealso cref="GetHasuraMigrationStateCommand"/>
[Cmdlet(VerbsData.Export, "HasuraMigrationState", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Export-HasuraMigrationState.md")]
[OutputType(typeof(FileInfo))]
public sealed class ExportHasuraMigrationStateCommand : HasuraDatabaseCmdlet
{
    private readonly PipedInput<long> _input = new();

    /// <summary>File to write. Directories that do not exist are created.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "File to write.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Replaces the file if it exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the file as an object.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void OnRecord() => _input.Add(Database, []);

    private protected override void OnEnd()
    {
        if (_input.IsEmpty)
        {
            WriteVerbose("No database was piped in.");
            return;
        }

        var path = ResolvePath(Path);
        if (File.Exists(path) && !Force)
        {
            throw new HasuraMigrationException("StateFileExists", $"The file '{path}' exists already.", path) { File = path };
        }

        var project = OpenProject();
        var used = StateRecord.Used(project.ConfigVersion);
        var records = new List<StateRecord>();
        var isWell = ForEachDatabase(project, [.. _input.ByDatabase(project, isAllByDefault: true).Keys], async (scope, cancellationToken) =>
        {
            var record = await scope.Target.ReadRecordAsync(cancellationToken).ConfigureAwait(false);
            // A backup that lacks the record that counts would be taken for one.
            records.Add(record.Has(used) || (record.NotSearched.Count == 0 && Enum.GetValues<MigrationStateStore>().Any(record.Has)) ? record : throw record.Missing(used, scope.Target.Description));
        });
        if (!isWell || !Confirmed(path, $"Write Hasura's record of {string.Join(", ", records.Select(r => $"'{r.Database}'"))}"))
        {
            return;
        }

        WholeFile.Write(path, new StateFile(records).ToText(), Force);
        if (PassThru)
        {
            WriteObject(new FileInfo(path));
        }
    }
}
