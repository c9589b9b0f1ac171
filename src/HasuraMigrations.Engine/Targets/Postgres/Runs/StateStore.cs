using System.Globalization;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

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

    /// <summary>Reads the state.</summary>
    /// <param name="session">A session on the database that holds it.</param>
    /// <param name="probe">What that database has.</param>
    /// <param name="targetProbe">What the target database has, for the old table of a project that moved to config version 3.</param>
    /// <param name="target">A session on the target database.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    internal async Task<StateSnapshot> ReadAsync(NpgsqlConnection session, DatabaseProbe probe, DatabaseProbe targetProbe, NpgsqlConnection target, CancellationToken cancellationToken) =>
        KindIn(probe) switch
        {
            StateStoreKind.Table => await ReadTableAsync(session, probe, cancellationToken).ConfigureAwait(false),
            StateStoreKind.Catalog => await ReadCatalogAsync(session, targetProbe, target, cancellationToken).ConfigureAwait(false),
            _ => new StateSnapshot { Kind = StateStoreKind.None, Versions = configVersion == 3 && targetProbe.HasTableState ? await TableVersionsAsync(target, cancellationToken).ConfigureAwait(false) : new Dictionary<long, bool>() },
        };

    private static async Task<StateSnapshot> ReadTableAsync(NpgsqlConnection session, DatabaseProbe probe, CancellationToken cancellationToken)
    {
        var versions = await TableVersionsAsync(session, cancellationToken).ConfigureAwait(false);
        var mode = probe.HasTableSettings
            ? await session.RowsAsync("SELECT value FROM hdb_catalog.migration_settings WHERE setting = 'migration_mode'", [], cancellationToken).ConfigureAwait(false)
            : [];
        return new StateSnapshot
        {
            Kind = StateStoreKind.Table,
            IsInTargetDatabase = true,
            Versions = versions,
            IsMigrationModeOn = mode.Count == 0 || mode[0][0] == "true",
        };
    }

    private async Task<StateSnapshot> ReadCatalogAsync(NpgsqlConnection session, DatabaseProbe targetProbe, NpgsqlConnection target, CancellationToken cancellationToken)
    {
        var rows = await session.RowsAsync("SELECT hasura_uuid::text, cli_state::text FROM hdb_catalog.hdb_version", [], cancellationToken).ConfigureAwait(false);
        var state = JsonNode.Parse(rows.Count > 0 && rows[0][1] is { Length: > 0 } text ? text : "{}");
        var table = targetProbe.HasTableState ? await TableVersionsAsync(target, cancellationToken).ConfigureAwait(false) : null;
        var id = rows.Count > 0 && rows[0][0] is { } uuid ? Guid.Parse(uuid) : (Guid?)null;
        return CatalogStateDocument.Read(state, database, id, table) with { IsInTargetDatabase = ReferenceEquals(session, target) };
    }

    private static async Task<Dictionary<long, bool>> TableVersionsAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        (await session.RowsAsync("SELECT version::text, dirty::text FROM hdb_catalog.schema_migrations", [], cancellationToken).ConfigureAwait(false))
            .ToDictionary(r => long.Parse(r[0]!, CultureInfo.InvariantCulture), r => r[1] == "true");
}
