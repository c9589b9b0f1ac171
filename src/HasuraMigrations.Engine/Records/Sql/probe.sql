-- Looked up by name in the catalog: to_regclass fails where the schema may not be used, and the user would not be told what to grant.
WITH t AS (
    SELECT
        pg_catalog.max(c.oid) FILTER (WHERE n.nspname = 'hasura_migrations' AND c.relname = 'history') AS history,
        pg_catalog.max(c.oid) FILTER (WHERE n.nspname = 'hasura_migrations' AND c.relname = 'log') AS log,
        pg_catalog.max(c.oid) FILTER (WHERE n.nspname = 'hasura_migrations' AND c.relname = 'seed') AS seed,
        pg_catalog.max(c.oid) FILTER (WHERE n.nspname = 'hasura_migrations' AND c.relname = 'repeatable') AS repeatable,
        pg_catalog.max(c.oid) FILTER (WHERE n.nspname = 'hdb_catalog' AND c.relname = 'schema_migrations') AS schema_migrations,
        pg_catalog.max(c.oid) FILTER (WHERE n.nspname = 'hdb_catalog' AND c.relname = 'migration_settings') AS migration_settings,
        pg_catalog.max(c.oid) FILTER (WHERE n.nspname = 'hdb_catalog' AND c.relname = 'hdb_version') AS hdb_version,
        pg_catalog.max(c.oid) FILTER (WHERE n.nspname = 'hdb_catalog' AND c.relname = 'hdb_metadata') AS hdb_metadata,
        pg_catalog.max(c.oid) FILTER (WHERE n.nspname = 'hdb_catalog' AND c.relname = 'hdb_schema_notifications') AS hdb_schema_notifications,
        pg_catalog.max(c.oid) FILTER (WHERE n.nspname = 'hdb_catalog' AND c.relname = 'hdb_schema_update_event') AS hdb_schema_update_event
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('hasura_migrations', 'hdb_catalog')
)
SELECT
    t.history IS NOT NULL AS has_history,
    t.log IS NOT NULL AS has_log,
    EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'hasura_migrations') AS has_schema,
    pg_catalog.obj_description(t.history, 'pg_class') AS format,
    CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'hasura_migrations')
        THEN pg_catalog.has_schema_privilege('hasura_migrations', 'USAGE') ELSE true END AS may_use,
    pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS may_create,
    EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'hdb_catalog') AS has_catalog_schema,
    CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'hdb_catalog')
        THEN pg_catalog.has_schema_privilege('hdb_catalog', 'USAGE') ELSE true END AS may_use_catalog,
    t.schema_migrations IS NOT NULL AS has_table_state,
    t.migration_settings IS NOT NULL AS has_table_settings,
    EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = t.hdb_version AND attname = 'cli_state') AS has_catalog_state,
    t.hdb_metadata IS NOT NULL AS has_metadata,
    t.hdb_schema_notifications IS NOT NULL AS has_notifications,
    t.hdb_schema_update_event IS NOT NULL AS has_update_event,
    pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on' AS is_read_only,
    CURRENT_USER AS role_name,
    CASE WHEN t.history IS NULL OR t.log IS NULL
            OR NOT pg_catalog.has_schema_privilege('hasura_migrations', 'USAGE') THEN true
        ELSE pg_catalog.has_table_privilege(t.history, 'SELECT') AND pg_catalog.has_table_privilege(t.history, 'INSERT')
            AND pg_catalog.has_table_privilege(t.history, 'UPDATE') AND pg_catalog.has_table_privilege(t.history, 'DELETE')
            AND pg_catalog.has_table_privilege(t.log, 'SELECT') AND pg_catalog.has_table_privilege(t.log, 'INSERT') END AS may_write_history,
    CASE WHEN t.schema_migrations IS NULL OR NOT pg_catalog.has_schema_privilege('hdb_catalog', 'USAGE') THEN true
        ELSE pg_catalog.has_table_privilege(t.schema_migrations, 'SELECT') AND pg_catalog.has_table_privilege(t.schema_migrations, 'INSERT')
            AND pg_catalog.has_table_privilege(t.schema_migrations, 'UPDATE') AND pg_catalog.has_table_privilege(t.schema_migrations, 'DELETE') END AS may_write_table_state,
    -- Servers before 1.1 have the table without this column.
    EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = t.hdb_schema_update_event AND attname = 'invalidations') AS has_invalidations,
    pg_catalog.version() AS server_version,
    -- Who else may create objects where the SQL of files looks up names; asked where that SQL may do anything.
    CASE WHEN (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = CURRENT_USER) THEN (
        SELECT pg_catalog.string_agg(DISTINCT pg_catalog.concat('schema ', pg_catalog.quote_ident(n.nspname), ' by ', coalesce('role ' || pg_catalog.quote_ident(r.rolname), 'every role')), ', ')
        FROM pg_catalog.pg_settings s,
            pg_catalog.unnest(pg_catalog.string_to_array(s.reset_val, ',')) p(part),
            pg_catalog.pg_namespace n,
            pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) a
            LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
        WHERE s.name = 'search_path' AND n.nspname = CASE pg_catalog.btrim(p.part, ' "') WHEN '$user' THEN SESSION_USER ELSE pg_catalog.btrim(p.part, ' "') END
            AND a.privilege_type = 'CREATE' AND r.rolsuper IS NOT TRUE AND r.rolname IS DISTINCT FROM 'pg_database_owner'
            AND a.grantee <> (SELECT b.datdba FROM pg_catalog.pg_database b WHERE b.datname = pg_catalog.current_database())
    ) END AS open_schemas,
    -- Histories of early versions of this module; only the owner may mend that.
    CASE WHEN t.log IS NULL THEN false ELSE (
        SELECT pg_catalog.pg_has_role(c.relowner, 'USAGE') FROM pg_catalog.pg_class c
        WHERE c.oid = t.log AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND x.relname = 'log_database')
    ) IS TRUE END AS lacks_log_index,
    t.seed IS NOT NULL AS has_seed,
    CASE WHEN t.seed IS NULL OR NOT pg_catalog.has_schema_privilege('hasura_migrations', 'USAGE') THEN true
        ELSE pg_catalog.has_table_privilege(t.seed, 'SELECT') AND pg_catalog.has_table_privilege(t.seed, 'INSERT')
            AND pg_catalog.has_table_privilege(t.seed, 'UPDATE') AND pg_catalog.has_table_privilege(t.seed, 'DELETE') END AS may_write_seed,
    t.repeatable IS NOT NULL AS has_repeatable,
    CASE WHEN t.repeatable IS NULL OR NOT pg_catalog.has_schema_privilege('hasura_migrations', 'USAGE') THEN true
        ELSE pg_catalog.has_table_privilege(t.repeatable, 'SELECT') AND pg_catalog.has_table_privilege(t.repeatable, 'INSERT')
            AND pg_catalog.has_table_privilege(t.repeatable, 'UPDATE') AND pg_catalog.has_table_privilege(t.repeatable, 'DELETE') END AS may_write_repeatable,
    /*untrusted_hint.sql*/ AS may_be_untrusted
FROM t
