using System.Globalization;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>What one look at a database through a server found.</summary>
/// <param name="Snapshot">History and state.</param>
/// <param name="Probe">What the database has.</param>
/// <param name="Serial">Newest number of the log.</param>
/// <param name="Isolation">Isolation of the server's transactions.</param>
internal sealed record ServerReading(TargetSnapshot Snapshot, DatabaseProbe Probe, long Serial, string Isolation);

/// <summary>Reads history and state of a database through a server: one query for the database, one command for the catalog state.</summary>
internal sealed class ServerSnapshotReader(HasuraClient client, ServerSql sql, string database, int configVersion)
{
    private const int HistoryColumns = 16;

    /// <summary>Reads; writes nothing.</summary>
    /// <exception cref="HasuraMigrationException">HistoryUnreadable, HistoryTooNew, PermissionMissing, and the errors of servers.</exception>
    internal async Task<ServerReading> ReadAsync(CancellationToken cancellationToken)
    {
        // One after the other: what a run records in the history first and in the state later is then never missed in both.
        var found = await QueryAsync(cancellationToken).ConfigureAwait(false);
        // The question is asked in a transaction that only reads, which says nothing of those that write.
        var probe = DatabaseProbe.Of([.. found["probe"]!.AsArray().Select(Text)], UntrustedCode.Of([.. found["untrusted"]!.AsArray().Select(Text)])) with { IsReadOnly = Text(found["is_replica"]) == "true" };
        probe.CheckHistory(client.Description);
        var table = found["state"] is JsonArray rows ? rows.ToDictionary(r => Number(r![0]), r => Text(r![1]) == "true") : null;
        var state = configVersion == 3
            ? await ReadCatalogAsync(table, cancellationToken).ConfigureAwait(false)
            : new StateSnapshot
            {
                Kind = StateStoreKind.Table,
                IsInTargetDatabase = true,
                Versions = table ?? [],
                IsMissing = table is null,
                IsMigrationModeOn = Text(found["mode"]) is null or "true",
            };
        var history = (found["history"] as JsonArray ?? []).Select(r => HistoryStore.ToRow([.. r!.AsArray().Select(Text)])).ToList();
        var snapshot = new TargetSnapshot(probe.HasHistory, history, state)
        {
            Traits = sql.Source.Traits,
            Repeatables = [.. (found["repeatable"] as JsonArray ?? []).Select(r => FileStore.ToRow([.. r!.AsArray().Select(Text)]))],
        };
        return new ServerReading(
            snapshot with { Evidence = await StateEvidence.CollectAsync(snapshot, database, async q => await sql.QueryAsync(q, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false) },
            probe,
            found["serial"] is null ? 0 : Number(found["serial"]),
            Text(found["isolation"])!);
    }

    /// <summary>Reads the catalog state alone, for a source that keeps no history.</summary>
    internal async Task<TargetSnapshot> ReadStateAsync(CancellationToken cancellationToken) =>
        new(false, [], await ReadCatalogAsync(null, cancellationToken).ConfigureAwait(false)) { Traits = sql.Source.Traits };

    /// <summary>Reads both stores of Hasura's record as they are.</summary>
    internal async Task<StateRecord> ReadRecordAsync(CancellationToken cancellationToken)
    {
        var probe = sql.Source.Traits.KeepsHistory ? (await ReadAsync(cancellationToken).ConfigureAwait(false)).Probe : null;
        var table = probe is { HasTableState: true } ? await sql.QueryAsync("SELECT version::text AS version, dirty::text AS dirty FROM hdb_catalog.schema_migrations", cancellationToken).ConfigureAwait(false) : null;
        var settings = table is not null && probe!.HasTableSettings ? await sql.QueryAsync("SELECT setting, value FROM hdb_catalog.migration_settings", cancellationToken).ConfigureAwait(false) : null;
        var (id, state) = sql.Source.IsVersion2 ? await ServerCatalogState.ReadAsync(client, cancellationToken).ConfigureAwait(false) : default;
        return new StateRecord(
            database,
            table is null ? null : HistoryStore.ToTable(table, settings),
            sql.Source.IsVersion2 ? new StateCatalog(id, state as JsonObject ?? []) : null);
    }

    private async Task<StateSnapshot> ReadCatalogAsync(IReadOnlyDictionary<long, bool>? table, CancellationToken cancellationToken)
    {
        var (id, state) = await ServerCatalogState.ReadAsync(client, cancellationToken).ConfigureAwait(false);
        return CatalogStateDocument.Read(state, database, id, table);
    }

    private async Task<JsonObject> QueryAsync(CancellationToken cancellationToken)
    {
        try
        {
            var rows = await sql.QueryAsync(Query(), cancellationToken).ConfigureAwait(false);
            return JsonNode.Parse(rows[0][0])!.AsObject();
        }
        catch (HasuraServerException e) when (HistoryStore.IsLack(e.SqlState))
        {
            throw HistoryStore.Lacking(e.DatabaseMessage, client.Description, e);
        }
        catch (HasuraServerException e) when (e.SqlState == "42501")
        {
            throw new HasuraMigrationException("PermissionMissing", $"While reading history and state through {client.Description}, the database reported {e.SqlState}: {e.DatabaseMessage}.", client.Description, e);
        }
    }

    // A table that may not be there can be read in one trip only by a block that looks first.
    private string Query()
    {
        var columns = string.Join(", ", Enumerable.Range(1, HistoryColumns).Select(i => $"c{i}"));
        var files = string.Join(", ", Enumerable.Range(1, FileStore.Columns).Select(i => $"c{i}"));
        return $"""
            DO $hm$
            DECLARE
                probed record;
                untrusted record;
                history json;
                repeatable json;
                state json;
                mode text;
                serial bigint;
            BEGIN
                -- The path that SQL of files has: that of this statement is ours.
                PERFORM pg_catalog.set_config('hasura_migrations.path', s.reset_val, true) FROM pg_catalog.pg_settings s WHERE s.name = 'search_path';
                SELECT * INTO probed FROM (
            {SqlResource.Probe}
                ) probe;
                SELECT NULL::pg_catalog.text AS history, NULL::pg_catalog.text AS state, NULL::pg_catalog.text AS notice, NULL::pg_catalog.text AS catalog INTO untrusted;
                IF probed.may_be_untrusted THEN
                    SELECT * INTO untrusted FROM (
            {SqlResource.Untrusted}
                    ) code;
                END IF;
                IF untrusted.history IS NULL AND probed.has_history AND probed.has_log AND probed.may_use AND probed.format = 'hasura-migrations format 1' THEN
                    EXECUTE $query$ SELECT pg_catalog.json_agg(pg_catalog.json_build_array({columns})) FROM (
            {SqlResource.ReadHistory}
                    ) history ({columns}) $query$ INTO history USING {OwnStatement.Literal(database)};
                    IF probed.has_repeatable THEN
                        EXECUTE $query$ SELECT pg_catalog.json_agg(pg_catalog.json_build_array({files})) FROM (
            {FileStore.RowsSql(FileKind.Repeatable)}
                        ) repeatable ({files}) $query$ INTO repeatable USING {OwnStatement.Literal(database)};
                    END IF;
                    EXECUTE 'SELECT max(id) FROM hasura_migrations.log WHERE database_name = $1' INTO serial USING {OwnStatement.Literal(database)};
                END IF;
                IF untrusted.state IS NULL AND probed.has_table_state AND probed.may_use_catalog THEN
                    EXECUTE 'SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(version, dirty::text)), ''[]'') FROM hdb_catalog.schema_migrations' INTO state;
                END IF;
                IF untrusted.state IS NULL AND probed.has_table_settings AND probed.may_use_catalog THEN
                    EXECUTE 'SELECT max(value) FROM hdb_catalog.migration_settings WHERE setting = ''migration_mode''' INTO mode;
                END IF;
                PERFORM pg_catalog.set_config('hasura_migrations.read', pg_catalog.json_build_object(
                    'probe', (SELECT pg_catalog.json_agg(value) FROM pg_catalog.json_each_text(pg_catalog.row_to_json(probed))),
                    'untrusted', pg_catalog.json_build_array(untrusted.history, untrusted.state, untrusted.notice, untrusted.catalog),
                    'history', history, 'repeatable', repeatable, 'state', state, 'mode', mode, 'serial', serial,
                    'is_replica', pg_catalog.pg_is_in_recovery(),
                    'isolation', pg_catalog.current_setting('transaction_isolation'))::text, true);
            END $hm$;
            SELECT pg_catalog.current_setting('hasura_migrations.read') AS reading
            """;
    }

    private static string? Text(JsonNode? node) => node?.GetValueKind() == System.Text.Json.JsonValueKind.Null ? null : node?.ToString();

    private static long Number(JsonNode? node) => long.Parse(node!.ToString(), CultureInfo.InvariantCulture);
}
