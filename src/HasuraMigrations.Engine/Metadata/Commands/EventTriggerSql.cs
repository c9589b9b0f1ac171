using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>The functions and SQL triggers that write the events of an event trigger.</summary>
internal static class EventTriggerSql
{
    private const string NewId = "hdb_catalog.gen_hasura_uuid()";

    // Servers before 13 have it from an extension.
    private const string NewIdFunction = """
        DO $hasura$
        DECLARE
          maker pg_catalog.text := 'pg_catalog.gen_random_uuid()';
        BEGIN
          IF pg_catalog.to_regprocedure(maker) IS NULL THEN
            CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA public;
            SELECT pg_catalog.format('%I.gen_random_uuid()', n.nspname) INTO maker FROM pg_catalog.pg_extension x JOIN pg_catalog.pg_namespace n ON n.oid = x.extnamespace WHERE x.extname = 'pgcrypto';
          END IF;
          EXECUTE pg_catalog.format('CREATE OR REPLACE FUNCTION hdb_catalog.gen_hasura_uuid() RETURNS uuid LANGUAGE sql AS %L', 'SELECT ' || maker);
        END
        $hasura$
        """;

    /// <summary>Makes the tables that events are written to, as servers of version 2 do before the first event trigger of a source.</summary>
    internal static IEnumerable<string> Prepare() =>
    [
        "CREATE SCHEMA IF NOT EXISTS hdb_catalog",
        "CREATE TABLE hdb_catalog.hdb_source_catalog_version (version text NOT NULL, upgraded_on timestamptz NOT NULL)",
        "CREATE UNIQUE INDEX hdb_source_catalog_version_one_row ON hdb_catalog.hdb_source_catalog_version ((version IS NOT NULL))",
        "INSERT INTO hdb_catalog.hdb_source_catalog_version (version, upgraded_on) VALUES ('4', pg_catalog.now())",
        NewIdFunction,
        $"CREATE TABLE hdb_catalog.event_log (id text PRIMARY KEY DEFAULT {NewId}, schema_name text NOT NULL, table_name text NOT NULL, trigger_name text NOT NULL, payload jsonb NOT NULL, delivered boolean NOT NULL DEFAULT false, error boolean NOT NULL DEFAULT false, tries integer NOT NULL DEFAULT 0, created_at timestamp DEFAULT pg_catalog.now(), locked timestamptz, next_retry_at timestamp, archived boolean NOT NULL DEFAULT false)",
        "CREATE INDEX ON hdb_catalog.event_log (trigger_name)",
        "CREATE INDEX event_log_fetch_events ON hdb_catalog.event_log (locked NULLS FIRST, next_retry_at NULLS FIRST, created_at) WHERE delivered = 'f' AND error = 'f' AND archived = 'f'",
        $"CREATE TABLE hdb_catalog.event_invocation_logs (id text PRIMARY KEY DEFAULT {NewId}, trigger_name text, event_id text, status integer, request json, response json, created_at timestamp DEFAULT pg_catalog.now())",
        "CREATE INDEX ON hdb_catalog.event_invocation_logs (event_id)",
        $"CREATE TABLE hdb_catalog.hdb_event_log_cleanups (id text PRIMARY KEY DEFAULT {NewId}, trigger_name text NOT NULL, scheduled_at timestamp NOT NULL, deleted_event_logs integer, deleted_event_invocation_logs integer, status text NOT NULL CHECK (status IN ('scheduled', 'paused', 'completed', 'dead')), UNIQUE (trigger_name, scheduled_at))",
        InsertEventLog,
    ];

    /// <summary>Drops what <see cref="Prepare"/> made.</summary>
    internal static IEnumerable<string> Unprepare() =>
    [
        "DROP TABLE IF EXISTS hdb_catalog.hdb_source_catalog_version, hdb_catalog.event_invocation_logs, hdb_catalog.event_log, hdb_catalog.hdb_event_log_cleanups",
        "DROP FUNCTION IF EXISTS hdb_catalog.insert_event_log(text, text, text, text, json)",
    ];

    /// <summary>The function that writes an event.</summary>
    internal const string InsertEventLog = """
        CREATE OR REPLACE FUNCTION hdb_catalog.insert_event_log(schema_name text, table_name text, trigger_name text, op text, row_data json) RETURNS text LANGUAGE plpgsql AS $hasura$
        DECLARE
          id text;
          payload json;
        BEGIN
          payload := pg_catalog.json_build_object('op', op, 'data', row_data,
            'session_variables', NULLIF(pg_catalog.current_setting('hasura.user', true), '')::pg_catalog.json,
            'trace_context', NULLIF(pg_catalog.current_setting('hasura.tracecontext', true), '')::pg_catalog.json);
          INSERT INTO hdb_catalog.event_log AS l (schema_name, table_name, trigger_name, payload) VALUES (schema_name, table_name, trigger_name, payload) RETURNING l.id INTO id;
          RETURN id;
        END;
        $hasura$
        """;

    /// <summary>Drops what an event trigger left, and closes its events.</summary>
    /// <param name="era">The line of servers that is spoken for.</param>
    /// <param name="name">Its name.</param>
    /// <param name="hasCleanups">The database has the table of cleanups.</param>
    internal static IEnumerable<string> Drop(MetadataEra era, string name, bool hasCleanups) =>
    [
        .. DropFunctions(era, name, EventTriggerRules.Operations),
        $"UPDATE hdb_catalog.event_log SET archived = true WHERE trigger_name = {Literal(name)}",
        .. hasCleanups ? [$"DELETE FROM hdb_catalog.hdb_event_log_cleanups WHERE trigger_name = {Literal(name)} AND status = 'scheduled'"] : Array.Empty<string>(),
    ];

    /// <summary>Drops the functions of operations, and with them the SQL triggers.</summary>
    internal static IEnumerable<string> DropFunctions(MetadataEra era, string name, IEnumerable<string> operations) =>
        operations.Select(o => $"DROP FUNCTION IF EXISTS {Schema(era)}.{Identifier(name, o)}() CASCADE");

    /// <summary>Makes functions and SQL triggers as an event trigger defines them, in place of those that are there.</summary>
    internal static IEnumerable<string> Create(MetadataEra era, TableInfo table, JsonObject trigger) =>
        EventTriggerRules.Operations.SelectMany(o => Listens(trigger, o) is { } listens
            ? Triggers(era, table, trigger, o).Prepend(Function(era, table, trigger, o, listens))
            : DropFunctions(era, NameOf(trigger), [o]));

    /// <summary>What is to be done where an event trigger, or its table, is not what it was. SQL triggers stay on a table that got another name.</summary>
    internal static IEnumerable<string> Change(MetadataEra era, TableInfo oldTable, JsonObject old, TableInfo table, JsonObject trigger)
    {
        if (ReferenceEquals(oldTable.Facts, table.Facts) && old["definition"].SameAs(trigger["definition"]) && IsAlways(old) == IsAlways(trigger))
        {
            yield break;
        }

        foreach (var operation in EventTriggerRules.Operations)
        {
            if (Listens(trigger, operation) is not { } listens)
            {
                if (Listens(old, operation) is not null)
                {
                    yield return DropFunctions(era, NameOf(trigger), [operation]).Single();
                }

                continue;
            }

            var function = Function(era, table, trigger, operation, listens);
            var known = Listens(old, operation) is { } listened ? Function(era, oldTable, old, operation, listened) : null;
            if (function != known)
            {
                yield return function;
            }

            foreach (var statement in known is null || IsAlways(old) != IsAlways(trigger) ? Triggers(era, table, trigger, operation) : [])
            {
                yield return statement;
            }
        }
    }

    private static IEnumerable<string> Triggers(MetadataEra era, TableInfo table, JsonObject trigger, string operation)
    {
        var (on, identifier) = ($"{SqlName.Quote(table.Name.Schema)}.{SqlName.Quote(table.Name.Name)}", Identifier(NameOf(trigger), operation));
        yield return $"DROP TRIGGER IF EXISTS {identifier} ON {on}";
        yield return $"CREATE TRIGGER {identifier} AFTER {operation.ToUpperInvariant()} ON {on} FOR EACH ROW EXECUTE PROCEDURE {Schema(era)}.{identifier}()";
        if (IsAlways(trigger))
        {
            yield return $"ALTER TABLE {on} ENABLE ALWAYS TRIGGER {identifier}";
        }
    }

    private static string NameOf(JsonObject trigger) => trigger["name"].AsText() ?? "";

    private static JsonObject? Listens(JsonObject trigger, string operation) => trigger["definition"].Get(operation) as JsonObject;

    private static bool IsAlways(JsonObject trigger) => trigger["trigger_on_replication"] is JsonValue flag && flag.TryGetValue<bool>(out var isAlways) && isAlways;

    private static string Function(MetadataEra era, TableInfo table, JsonObject trigger, string operation, JsonObject listens)
    {
        var name = NameOf(trigger);
        var payload = Columns(table, listens["payload"]);
        string Row(string row, IEnumerable<string> columns) => $"pg_catalog.row_to_json((SELECT \"_e\" FROM (SELECT {string.Join(", ", columns.Select(c => $"{row}.{SqlName.Quote(c)} AS {SqlName.Quote(c)}"))}) AS \"_e\"))";
        var old = operation == "insert" ? "NULL" : Row("OLD", payload);
        var next = operation == "delete" ? "NULL" : Row("NEW", payload);
        var write = $"PERFORM hdb_catalog.insert_event_log(CAST({Literal(table.Name.Schema)} AS pg_catalog.text), CAST({Literal(table.Name.Name)} AS pg_catalog.text), CAST({Literal(name)} AS pg_catalog.text), TG_OP, pg_catalog.json_build_object('old', {old}, 'new', {next}));";
        var compared = operation == "update" ? Columns(table, listens["columns"]) : [];
        string Compared(string row) => $"ROW({string.Join(", ", compared.Select(c => $"{row}.{SqlName.Quote(c)}"))})";
        var body = operation == "update" ? $"""
            BEGIN
              IF {Compared("OLD")} <> {Compared("NEW")} THEN
                {write}
              END IF;
            EXCEPTION WHEN undefined_function THEN
              IF {Compared("OLD")} *<> {Compared("NEW")} THEN
                {write}
              END IF;
            END;
            """ : write;
        return $"CREATE OR REPLACE FUNCTION {Schema(era)}.{Identifier(name, operation)}() RETURNS trigger LANGUAGE plpgsql AS $hasura$\nBEGIN\n{body}\nRETURN NULL;\nEND;\n$hasura$";
    }

    private static List<string> Columns(TableInfo table, JsonNode? listed) => MetadataTree.ColumnList(listed)?.ToList() ?? [.. table.Facts.Columns.Select(c => c.Name)];

    private static string Schema(MetadataEra era) => era.IsVersion1 ? "hdb_views" : "hdb_catalog";

    private static string Identifier(string name, string operation) => SqlName.Quote($"notify_hasura_{name}_{operation.ToUpperInvariant()}");

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
