namespace HasuraMigrations.Engine.Tests.ApiCases;

/// <summary>SQL that removes what a case left.</summary>
internal static class ApiCaseSql
{
    /// <summary>The stored document.</summary>
    internal const string Document = "SELECT metadata::text FROM hdb_catalog.hdb_metadata";

    /// <summary>The document of a server that was just started.</summary>
    internal const string FirstDocument = """{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[],"configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"}}}}]}""";

    /// <summary>Drops everything but the catalog of the server and the extensions.</summary>
    internal const string Clean = """
        DO $clean$
        DECLARE statements text;
        BEGIN
          SELECT string_agg(s, '; ') INTO statements FROM (
            SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace WHERE nspname !~ '^(pg_|hdb_)' AND nspname NOT IN ('information_schema', 'public')
            UNION ALL
            SELECT format('DROP %s IF EXISTS %s CASCADE', CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, oid::regclass)
              FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND (d.deptype = 'e' OR relkind = 'S' AND d.deptype IN ('a', 'i')))
            UNION ALL
            SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure)
              FROM pg_proc p WHERE (pronamespace = 'public'::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')) OR proname LIKE 'notify_hasura_%'
            UNION ALL
            SELECT format('DROP TYPE IF EXISTS %s CASCADE', oid::regtype) FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
          ) AS all_of_them (s);
          IF statements IS NOT NULL THEN EXECUTE statements; END IF;
        END $clean$;
        """;

    /// <summary>Empties what servers of version 2 keep beside the document.</summary>
    internal const string CleanDocument = """
        DELETE FROM hdb_catalog.hdb_scheduled_events;
        DELETE FROM hdb_catalog.hdb_cron_events;
        DELETE FROM hdb_catalog.hdb_action_log;
        UPDATE hdb_catalog.hdb_version SET cli_state = '{}', console_state = '{}';
        DROP FUNCTION IF EXISTS hdb_catalog.insert_event_log(text, text, text, text, json);
        DROP TABLE IF EXISTS hdb_catalog.hdb_source_catalog_version, hdb_catalog.event_invocation_logs, hdb_catalog.event_log, hdb_catalog.hdb_event_log_cleanups CASCADE;
        """;

    /// <summary>Empties the catalog of servers of version 1.</summary>
    internal const string CleanRows = """
        DELETE FROM hdb_catalog.event_invocation_logs;
        DELETE FROM hdb_catalog.event_log;
        DELETE FROM hdb_catalog.event_triggers;
        DELETE FROM hdb_catalog.hdb_function;
        DELETE FROM hdb_catalog.hdb_permission WHERE NOT is_system_defined;
        DELETE FROM hdb_catalog.hdb_relationship WHERE NOT is_system_defined;
        DELETE FROM hdb_catalog.hdb_remote_relationship;
        DELETE FROM hdb_catalog.hdb_computed_field;
        DELETE FROM hdb_catalog.hdb_table WHERE NOT is_system_defined;
        DELETE FROM hdb_catalog.remote_schemas;
        DELETE FROM hdb_catalog.hdb_allowlist;
        DELETE FROM hdb_catalog.hdb_query_collection;
        DELETE FROM hdb_catalog.hdb_action_permission;
        DELETE FROM hdb_catalog.hdb_action;
        DELETE FROM hdb_catalog.hdb_custom_types;
        DELETE FROM hdb_catalog.hdb_cron_triggers;
        DELETE FROM hdb_catalog.hdb_scheduled_events;
        DELETE FROM hdb_catalog.hdb_action_log;
        """;

    /// <summary>Stores a document as the first version.</summary>
    internal static string Store(string document) => $"UPDATE hdb_catalog.hdb_metadata SET metadata = '{document.Replace("'", "''", StringComparison.Ordinal)}', resource_version = 1";
}
