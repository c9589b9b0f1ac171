using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Commands;

/// <summary>Changes a setting in Hasura's own record of migrations.</summary>
/// <remarks>
/// <para>
/// Hasura has one setting, migration_mode: true allows migrations, false makes Hasura's CLI and this module refuse them
/// (MigrationModeOff). The setting is written to the store that the project uses. With config version 3, that is the catalog state, so
/// that it holds for all databases of the instance; its other keys are kept.
/// </para>
/// <para>
/// The command takes the lock of the database and writes an entry to the log. Through a server, no lock is held while the catalog
/// state is written.
/// </para>
/// </remarks>
/// <output cref="HasuraMigrationSetting">The setting, for each database.</output>
/// <seealso cref="GetHasuraMigrationSettingCommand"/>
/// <seealso cref="InvokeHasuraMigrationCommand"/>
[Cmdlet(VerbsCommon.Set, "HasuraMigrationSetting", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Set-HasuraMigrationSetting.md")]
[OutputType(typeof(HasuraMigrationSetting))]
public sealed class SetHasuraMigrationSettingCommand : HasuraRecordCmdlet
{
    private readonly PipedInput<long> _input = new();

    /// <summary>Name of the setting: migration_mode, or another one that is recorded.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "Name of the setting: migration_mode, or another one that is recorded.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SettingCompleter))]
    public string Name { get; set; } = "";

    /// <summary>Value of the setting. That of migration_mode is true or false.</summary>
    [Parameter(Mandatory = true, Position = 1, HelpMessage = "Value of the setting.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SettingCompleter))]
    public string Value { get; set; } = "";

    private protected override void OnRecord() => _input.Add(Database, []);

    private protected override void OnEnd()
    {
        if (_input.IsEmpty)
        {
            WriteVerbose("No database was piped in.");
            return;
        }

        var project = OpenProject();
        ForEachDatabase(project, [.. _input.ByDatabase(project, isAllByDefault: false).Keys], SetAsync);
    }

    private async Task SetAsync(MigrationScope scope, CancellationToken cancellationToken)
    {
        var used = StateRecord.Used(scope.Project.ConfigVersion);
        var record = await scope.Target.ReadRecordAsync(cancellationToken).ConfigureAwait(false);
        if (!record.Has(used))
        {
            throw record.Missing(used, scope.Target.Description);
        }

        var name = StateRecords.Settings(record, used).FirstOrDefault(s => string.Equals(s.Name, Name, StringComparison.OrdinalIgnoreCase))?.Name ?? throw StateRecords.Unknown(Name, record, used);
        var value = name == StateRecords.MigrationMode ? Mode(Value) : Value;
        if (!await OnPipelineAsync(() => Confirmed(scope.Subject, $"Set {name} to {value} in the {StateRecords.Name(used)}")).ConfigureAwait(false))
        {
            return;
        }

        var options = new RunOptions { LockTimeout = LockTimeout, ReconnectTimeout = ReconnectTimeout };
        await scope.Runner.WriteStateAsync(StateChange.Setting(used, name, value), options, NewReporter($"Setting {name} of {scope.Subject}", 1), cancellationToken).ConfigureAwait(false);
        await OnPipelineAsync(() => WriteObject(StateRecords.Setting(record, used, name, value))).ConfigureAwait(false);
    }

    private static string Mode(string value) => bool.TryParse(value, out var isOn)
        ? isOn ? "true" : "false"
        : throw new HasuraMigrationException("SettingValueInvalid", $"migration_mode is true or false, not '{Printable.Of(value)}'.", value);
}
