using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Commands;

/// <summary>Shows the settings in Hasura's own record of migrations.</summary>
/// <remarks>
/// <para>
/// Hasura has one setting, migration_mode. While it is not true, Hasura's CLI and this module refuse to run, squash
/// and remove migrations (MigrationModeOff), and Hasura's console changes a server without writing migrations. The settings are those of the store that the
/// project uses: the table hdb_catalog.migration_settings, or, with config version 3, the catalog state, where they hold for all
/// databases of the instance. Reading writes nothing.
/// </para>
/// </remarks>
/// <output cref="HasuraMigrationSetting">One object for each setting. IsDefault is true if Hasura's default holds because nothing is recorded.</output>
/// <seealso cref="SetHasuraMigrationSettingCommand"/>
/// <seealso cref="GetHasuraMigrationStateCommand"/>
[Cmdlet(VerbsCommon.Get, "HasuraMigrationSetting", HelpUri = HelpPages.Base + "Get-HasuraMigrationSetting.md")]
[OutputType(typeof(HasuraMigrationSetting))]
public sealed class GetHasuraMigrationSettingCommand : HasuraDatabaseCmdlet
{
    private readonly PipedInput<long> _input = new();

    /// <summary>Names of settings. Wildcards are accepted; a name without wildcards that does not exist is an error.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SettingCompleter))]
    public string[] Name { get; set; } = ["*"];

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
        ForEachDatabase(project, [.. _input.ByDatabase(project, isAllByDefault: true).Keys], async (scope, cancellationToken) =>
        {
            var record = await scope.Target.ReadRecordAsync(cancellationToken).ConfigureAwait(false);
            if (!record.Has(used))
            {
                throw record.Missing(used, scope.Target.Description);
            }

            var settings = StateRecords.Settings(record, used).ToList();
            var patterns = Name.Select(n => (Name: n, Pattern: new WildcardPattern(n, WildcardOptions.IgnoreCase))).ToList();
            if (patterns.FirstOrDefault(p => !WildcardPattern.ContainsWildcardCharacters(p.Name) && !settings.Exists(s => p.Pattern.IsMatch(s.Name))) is { Name: { } unknown })
            {
                throw StateRecords.Unknown(unknown, record, used);
            }

            await OnPipelineAsync(() => WriteObject(settings.Where(s => patterns.Exists(p => p.Pattern.IsMatch(s.Name))), enumerateCollection: true)).ConfigureAwait(false);
        });
    }
}
