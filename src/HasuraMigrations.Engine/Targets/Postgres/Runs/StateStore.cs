using System.Globalization;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>
/// Hasura's own record of applied versions: a table for config versions 1 and 2, the catalog state for version 3. Every
/// write touches only the versions it names, so that other keys, sources and writers are left alone.
/// </summary>
internal sealed class StateStore(int configVersion, string database)
{
    /// <summary>True where the state belongs in the catalog state, not in a table.</summary>
    internal bool IsCatalog => configVersion == 3;

    internal StateStoreKind KindIn(DatabaseProbe probe) =>
        configVersion < 3 && probe.HasTableState ? StateStoreKind.Table
        : configVersion == 3 && probe.HasCatalogState ? StateStoreKind.Catalog
        : StateStoreKind.None;

    /// <summary>What to ask the target database: the rows of the table, and its setting.</summary>
    internal IReadOnlyList<OwnStatement> TableQueries(DatabaseProbe target) => !target.HasTableState ? [] :
    [
        new OwnStatement("SELECT version::text, dirty::text FROM hdb_catalog.schema_migrations"),
        .. configVersion < 3 && target.HasTableSettings ? new[] { new OwnStatement("SELECT value FROM hdb_catalog.migration_settings WHERE setting = 'migration_mode'") } : [],
    ];

    /// <summary>What to ask the metadata database: the catalog state.</summary>
    internal IReadOnlyList<OwnStatement> CatalogQueries(DatabaseProbe metadata) =>
        KindIn(metadata) == StateStoreKind.Catalog ? [new OwnStatement("SELECT hasura_uuid::text, cli_state::text FROM hdb_catalog.hdb_version")] : [];

    /// <summary>What to ask the target database for a record of both stores.</summary>
    internal static IReadOnlyList<OwnStatement> RecordTableQueries(DatabaseProbe target) => !target.HasTableState ? [] :
    [
        new OwnStatement("SELECT version::text, dirty::text FROM hdb_catalog.schema_migrations"),
        .. target.HasTableSettings ? new[] { new OwnStatement("SELECT setting, value FROM hdb_catalog.migration_settings") } : [],
    ];

    /// <summary>What to ask the metadata database for a record of both stores.</summary>
    internal static IReadOnlyList<OwnStatement> RecordCatalogQueries(DatabaseProbe metadata) =>
        metadata.HasCatalogState ? [new OwnStatement("SELECT hasura_uuid::text, cli_state::text FROM hdb_catalog.hdb_version")] : [];

    /// <summary>The record that the answers to <see cref="RecordTableQueries"/> and <see cref="RecordCatalogQueries"/> tell.</summary>
    internal StateRecord ReadRecord(IReadOnlyList<List<string?[]>> table, IReadOnlyList<List<string?[]>> catalog) => new(
        database,
        table.Count == 0 ? null : HistoryStore.ToTable(table[0], table.Count > 1 ? table[1] : null),
        catalog.Count == 0 || catalog[0].Count == 0 ? null : new StateCatalog(
            catalog[0][0][0] is { } id ? Guid.Parse(id) : null,
            JsonNode.Parse(catalog[0][0][1] is { Length: > 0 } text ? text : "{}") as JsonObject ?? []));

    /// <summary>The state that the answers tell.</summary>
    /// <param name="table">Answers to <see cref="TableQueries"/>.</param>
    /// <param name="catalog">Answers to <see cref="CatalogQueries"/>.</param>
    /// <param name="isInTarget">True where the metadata database is the target.</param>
    internal StateSnapshot Read(IReadOnlyList<List<string?[]>> table, IReadOnlyList<List<string?[]>> catalog, bool isInTarget)
    {
        var versions = table.Count > 0 ? table[0].ToDictionary(r => long.Parse(r[0]!, CultureInfo.InvariantCulture), r => r[1] == "true") : null;
        if (!IsCatalog && versions is not null)
        {
            return new StateSnapshot
            {
                Kind = StateStoreKind.Table,
                IsInTargetDatabase = true,
                Versions = versions,
                IsMigrationModeOn = table.Count < 2 || table[1].Count == 0 || table[1][0][0] == "true",
            };
        }

        if (catalog.Count == 0)
        {
            // A project that moved to config version 3 has its versions in the old table.
            return new StateSnapshot { Kind = StateStoreKind.None, Versions = versions ?? [], FollowsTable = versions is not null };
        }

        var row = catalog[0].FirstOrDefault();
        var state = JsonNode.Parse(row?[1] is { Length: > 0 } text ? text : "{}");
        return CatalogStateDocument.Read(state, database, row?[0] is { } id ? Guid.Parse(id) : null, versions) with { IsInTargetDatabase = isInTarget };
    }
}
