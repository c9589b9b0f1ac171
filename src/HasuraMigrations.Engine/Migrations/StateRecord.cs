using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>Both stores of Hasura's record of one database, as they are stored.</summary>
/// <param name="Database">Source name.</param>
/// <param name="Table">The tables in the database; null where there are none.</param>
/// <param name="Catalog">The catalog state of the instance, with the entries of all its sources; null where there is none.</param>
public sealed record StateRecord(string Database, StateTable? Table, StateCatalog? Catalog)
{
    /// <summary>Where Hasura's catalog could not be looked for, and why.</summary>
    public IReadOnlyList<string> NotSearched { get; init; } = [];

    /// <summary>True where Hasura's CLI copies no tables into the catalog state any more.</summary>
    public bool IsCopyCompleted => CatalogStateDocument.IsCopied(Catalog?.State);

    /// <summary>The store that projects of a config version use.</summary>
    public static MigrationStateStore Used(int configVersion) => configVersion == 3 ? MigrationStateStore.Catalog : MigrationStateStore.Table;

    /// <summary>True where a store is there.</summary>
    public bool Has(MigrationStateStore store) => store == MigrationStateStore.Table ? Table is not null : Catalog is not null;

    /// <summary>The versions of the database in a store, with their dirty flags; empty where there is no store.</summary>
    public IReadOnlyDictionary<long, bool> Versions(MigrationStateStore store) =>
        store == MigrationStateStore.Table ? Table?.Versions ?? new Dictionary<long, bool>() : CatalogStateDocument.Versions(Catalog?.State, Database);

    /// <summary>The settings in a store; empty where there is no store.</summary>
    public IReadOnlyDictionary<string, string> Settings(MigrationStateStore store) =>
        store == MigrationStateStore.Table ? Table?.Settings ?? new Dictionary<string, string>() : CatalogStateDocument.SettingsOf(Catalog?.State);

    /// <summary>The error for a store that is not there.</summary>
    public HasuraMigrationException Missing(MigrationStateStore store, string description) => new(
        "StateNotFound",
        store == MigrationStateStore.Table
            ? $"There is no table hdb_catalog.schema_migrations on {description}."
            : $"There is no catalog state of Hasura on {description}.{string.Concat(NotSearched.Select(n => $" {n}"))}",
        Database);

    /// <summary>Keys among the versions in a store that are no versions.</summary>
    public IReadOnlyList<string> Odd(MigrationStateStore store) =>
        store == MigrationStateStore.Table ? [] : CatalogStateDocument.Odd(Catalog?.State, Database);
}

/// <summary>The tables <c>schema_migrations</c> and <c>migration_settings</c>.</summary>
/// <param name="Versions">Versions with their dirty flags.</param>
/// <param name="Settings">Settings; null where that table is missing.</param>
public sealed record StateTable(IReadOnlyDictionary<long, bool> Versions, IReadOnlyDictionary<string, string>? Settings);

/// <summary>The catalog state of the type cli.</summary>
/// <param name="InstanceId">The <c>hasura_uuid</c> of the catalog.</param>
/// <param name="State">The document, whole.</param>
public sealed record StateCatalog(Guid? InstanceId, JsonObject State);
