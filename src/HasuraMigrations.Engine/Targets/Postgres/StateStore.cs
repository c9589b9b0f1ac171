using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

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

    /// <summary>The statement that adds versions, with its arguments.</summary>
    internal (string Sql, object?[] Arguments) Add(StateStoreKind kind, IEnumerable<long> versions) => kind == StateStoreKind.Table
        ? ("INSERT INTO hdb_catalog.schema_migrations (version, dirty) SELECT v, false FROM pg_catalog.unnest($1) v ON CONFLICT (version) DO UPDATE SET dirty = false", [versions.ToArray()])
        : (SqlResource.AddToCatalogState, [database, JsonSerializer.Serialize(versions.ToDictionary(v => v.ToString(CultureInfo.InvariantCulture), _ => false))]);

    /// <summary>The statement that removes versions, with its arguments.</summary>
    internal (string Sql, object?[] Arguments) Remove(StateStoreKind kind, IEnumerable<long> versions) => kind == StateStoreKind.Table
        ? ("DELETE FROM hdb_catalog.schema_migrations WHERE version OPERATOR(pg_catalog.=) ANY ($1)", [versions.ToArray()])
        : ("UPDATE hdb_catalog.hdb_version SET cli_state = pg_catalog.jsonb_set(cli_state, ARRAY['migrations', $1::pg_catalog.text], (cli_state OPERATOR(pg_catalog.#>) ARRAY['migrations', $1::pg_catalog.text]) OPERATOR(pg_catalog.-) $2::pg_catalog.text[]) WHERE cli_state OPERATOR(pg_catalog.#>) ARRAY['migrations', $1::pg_catalog.text] IS NOT NULL",
            [database, versions.Select(v => v.ToString(CultureInfo.InvariantCulture)).ToArray()]);

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
        using var document = JsonDocument.Parse(rows.Count > 0 && rows[0][1] is { Length: > 0 } text ? text : "{}");
        var root = document.RootElement;
        var versions = root.TryGetProperty("migrations", out var migrations) && migrations.ValueKind == JsonValueKind.Object && migrations.TryGetProperty(database, out var source)
            ? Versions(source)
            : [];
        var isCopied = root.TryGetProperty("isStateCopyCompleted", out var copied) && copied.ValueKind == JsonValueKind.True;
        var isCopyPending = !isCopied && targetProbe.HasTableState;
        if (isCopyPending)
        {
            foreach (var (version, isDirty) in await TableVersionsAsync(target, cancellationToken).ConfigureAwait(false))
            {
                versions.TryAdd(version, isDirty);
            }
        }

        return new StateSnapshot
        {
            Kind = StateStoreKind.Catalog,
            IsInTargetDatabase = ReferenceEquals(session, target),
            Source = database,
            InstanceId = rows.Count > 0 && rows[0][0] is { } id ? Guid.Parse(id) : null,
            Versions = versions,
            IsCopyPending = isCopyPending,
            IsMigrationModeOn = !root.TryGetProperty("settings", out var settings) || settings.ValueKind != JsonValueKind.Object
                || !settings.TryGetProperty("migration_mode", out var mode) || mode.ToString() is "" or "true",
        };
    }

    private static Dictionary<long, bool> Versions(JsonElement source)
    {
        var versions = new Dictionary<long, bool>();
        foreach (var property in source.ValueKind == JsonValueKind.Object ? source.EnumerateObject() : default)
        {
            if (long.TryParse(property.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            {
                versions[version] = property.Value.ValueKind == JsonValueKind.True;
            }
        }

        return versions;
    }

    private static async Task<Dictionary<long, bool>> TableVersionsAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        (await session.RowsAsync("SELECT version::text, dirty::text FROM hdb_catalog.schema_migrations", [], cancellationToken).ConfigureAwait(false))
            .ToDictionary(r => long.Parse(r[0]!, CultureInfo.InvariantCulture), r => r[1] == "true");
}
