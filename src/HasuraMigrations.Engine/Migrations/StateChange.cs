using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>
/// What to write into a store of Hasura's record. Versions are only ever added, and keep the flag that they have: so the
/// history, which may know better, is never contradicted.
/// </summary>
public sealed record StateChange
{
    private StateChange(MigrationStateStore store, string note) => (Store, Note) = (store, note);

    /// <summary>The store.</summary>
    public MigrationStateStore Store { get; }

    /// <summary>Words for the log.</summary>
    public string Note { get; }

    /// <summary>True where only settings are written, and the versions stay as they are.</summary>
    public bool IsSettingOnly { get; private init; }

    /// <summary>Versions to add, with their dirty flags.</summary>
    public IReadOnlyDictionary<long, bool> Versions { get; private init; } = new Dictionary<long, bool>();

    /// <summary>Settings to set.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; private init; } = new Dictionary<string, string>();

    /// <summary>A catalog state whose other keys are added where the store lacks them; null for none.</summary>
    public JsonObject? State { get; private init; }

    /// <summary>Copies what a record has of a database.</summary>
    /// <param name="record">The record.</param>
    /// <param name="from">The store of the record.</param>
    /// <param name="to">The store to write.</param>
    /// <param name="note">Words for the log.</param>
    public static StateChange Copy(StateRecord record, MigrationStateStore from, MigrationStateStore to, string note) => new(to, note)
    {
        Versions = record.Versions(from),
        Settings = record.Settings(from),
        State = from == MigrationStateStore.Catalog && to == MigrationStateStore.Catalog ? record.Catalog?.State : null,
    };

    /// <summary>Copies versions of an old table, with their flags, into the catalog state; as Hasura's CLI does it, without settings.</summary>
    /// <param name="state">The state, whose versions are still to be copied.</param>
    internal static StateChange OfTable(StateSnapshot state) => new(MigrationStateStore.Catalog, "copied from the table") { Versions = state.Versions };

    /// <summary>Sets a setting.</summary>
    public static StateChange Setting(MigrationStateStore store, string name, string value) => new(store, $"set {name} to {value}")
    {
        IsSettingOnly = true,
        Settings = new Dictionary<string, string> { [name] = value },
    };

    /// <summary>What it changes where a record is as it was read.</summary>
    public StateDifference Against(StateRecord record)
    {
        var (versions, settings) = (record.Versions(Store), record.Settings(Store));
        return new StateDifference(
            [.. Versions.Keys.Where(v => !versions.ContainsKey(v)).Order()],
            versions.Count,
            [.. Settings.Where(s => settings.GetValueOrDefault(s.Key) != s.Value).Select(s => s.Key).Order(StringComparer.Ordinal)]);
    }
}

/// <summary>What a change of Hasura's record changes.</summary>
/// <param name="Added">Versions that are added, ascending.</param>
/// <param name="Present">How many versions are recorded before.</param>
/// <param name="Settings">Names of settings that change.</param>
public sealed record StateDifference(IReadOnlyList<long> Added, int Present, IReadOnlyList<string> Settings);
