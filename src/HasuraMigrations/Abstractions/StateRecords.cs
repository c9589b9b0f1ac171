using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Abstractions;

/// <summary>Hasura's record as objects for the pipeline.</summary>
internal static class StateRecords
{
    /// <summary>The setting that Hasura itself knows.</summary>
    internal const string MigrationMode = "migration_mode";

    private static readonly MigrationStateStore[] Stores = Enum.GetValues<MigrationStateStore>();

    /// <summary>One object for each version in each store.</summary>
    internal static IEnumerable<HasuraMigrationState> Versions(StateRecord record, MigrationStateStore used) =>
        from store in Stores
        from version in record.Versions(store).OrderBy(v => v.Key)
        select new HasuraMigrationState { Database = record.Database, Store = store, IsInUse = store == used, Version = version.Key, IsDirty = version.Value };

    /// <summary>The settings of the store in use, with the default of Hasura's own where it is not recorded.</summary>
    internal static IEnumerable<HasuraMigrationSetting> Settings(StateRecord record, MigrationStateStore used)
    {
        var settings = record.Settings(used);
        return settings.Select(s => Setting(record, used, s.Key, s.Value)).Concat(settings.ContainsKey(MigrationMode) ? [] : [Setting(record, used, MigrationMode, "true") with { IsDefault = true }]).OrderBy(s => s.Name, StringComparer.Ordinal);
    }

    /// <summary>A setting as an object.</summary>
    internal static HasuraMigrationSetting Setting(StateRecord record, MigrationStateStore used, string name, string value) =>
        new() { Database = record.Database, Store = used, Name = name, Value = value };

    /// <summary>The error for a setting that is not there.</summary>
    internal static HasuraMigrationException Unknown(string name, StateRecord record, MigrationStateStore used) =>
        new("SettingUnknown", $"Hasura's record of the database '{record.Database}' has no setting '{Printable.Of(name)}'; it has {string.Join(", ", Settings(record, used).Select(s => s.Name))}.", name);

    /// <summary>A store in words.</summary>
    internal static string Name(MigrationStateStore store) => store == MigrationStateStore.Table ? "table" : "catalog state";

    /// <summary>What to tell where the store in use was not found.</summary>
    internal static IEnumerable<Finding> Findings(StateRecord record, MigrationStateStore used, string description)
    {
        if (!record.Has(used))
        {
            var missing = record.Missing(used, description);
            yield return new Finding { Id = "StateStoreMissing", Severity = FindingSeverity.Warning, Message = missing.Message, Database = record.Database, RecommendedAction = missing.RecommendedAction };
        }
    }
}
