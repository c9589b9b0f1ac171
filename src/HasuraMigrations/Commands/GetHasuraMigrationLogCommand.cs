using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;

namespace HasuraMigrations.Commands;

/// <summary>Shows the migration log of a database.</summary>
/// <remarks>
/// <para>
/// Writes one object for each attempt to apply or roll back a migration, with its outcome, duration and error, and one for each
/// repair and removal, oldest first. Seed files have version 0, and their path as the name; changes of Hasura's record have version 0,
/// too. The log is stored in the database, in hasura_migrations.log. Reading writes nothing.
/// </para>
/// <para>
/// Outcome is succeeded, failed, stopped, recorded (without running), adopted (added to the history from Hasura's record),
/// abandoned (a request whose response was lost and that can no longer take effect), removed (by Remove-HasuraMigration), or the
/// description of a repair, or of a change of Hasura's record.
/// </para>
/// </remarks>
/// <output cref="MigrationLogEntry">One object for each entry, oldest first.</output>
/// <seealso cref="InvokeHasuraMigrationCommand"/>
/// <seealso cref="TestHasuraMigrationCommand"/>
/// <seealso href="about_HasuraMigrations"/>
[Cmdlet(VerbsCommon.Get, "HasuraMigrationLog", HelpUri = HelpPages.Base + "Get-HasuraMigrationLog.md")]
[OutputType(typeof(MigrationLogEntry))]
public sealed class GetHasuraMigrationLogCommand : HasuraDatabaseCmdlet
{
    private readonly PipedInput<long> _input = new();

    /// <summary>Shows only entries of these versions.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string[]? Version { get; set; }

    /// <summary>Number of the newest entries to read. The default is 1,000.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Newest { get; set; } = 1000;

    /// <summary>Shows only entries of failures.</summary>
    [Parameter]
    public SwitchParameter Failed { get; set; }

    private protected override void OnRecord() => _input.Add(Database, [.. (Version ?? []).Select(v => MigrationVersions.Parse(v))]);

    private protected override void OnEnd()
    {
        if (_input.IsEmpty)
        {
            WriteVerbose("No migration was piped in.");
            return;
        }

        var project = OpenProject();
        var wanted = _input.ByDatabase(project, isAllByDefault: true);
        ForEachDatabase(project, [.. wanted.Keys], async (scope, cancellationToken) =>
        {
            var versions = wanted[scope.Database];
            var entries = await scope.Target.ReadLogAsync(Newest, cancellationToken).ConfigureAwait(false);
            var matching = entries.Where(e => (versions.Count == 0 || versions.Contains(e.Version)) && (!Failed || e.Error is not null)).ToList();
            await OnPipelineAsync(() => WriteObject(matching, enumerateCollection: true)).ConfigureAwait(false);
        });
    }
}
