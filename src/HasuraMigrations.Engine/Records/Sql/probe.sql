-- Looked up by name in the catalog: to_regclass fails where the schema may not be used, and the user would not be told what to grant.
-- A new session reads what a query names into its caches first, so this names few catalogs and functions, each once. NULL stands for false.
WITH /*own_objects.sql*/
SELECT
    pg_catalog.bool_or(o.relname = 'history') AS has_history,
    pg_catalog.bool_or(o.relname = 'log') AS has_log,
    pg_catalog.bool_or(o.nspname = 'hasura_migrations') AS has_schema,
    pg_catalog.obj_description(pg_catalog.max(o.oid) FILTER (WHERE o.relname = 'history'), 'pg_class') AS format,
    coalesce(pg_catalog.bool_and(o.may_use) FILTER (WHERE o.nspname = 'hasura_migrations'), true) AS may_use,
    pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS may_create,
    pg_catalog.bool_or(o.nspname = 'hdb_catalog') AS has_catalog_schema,
    coalesce(pg_catalog.bool_and(o.may_use) FILTER (WHERE o.nspname = 'hdb_catalog'), true) AS may_use_catalog,
    pg_catalog.bool_or(o.relname = 'schema_migrations') AS has_table_state,
    pg_catalog.bool_or(o.relname = 'migration_settings') AS has_table_settings,
    EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = pg_catalog.max(o.oid) FILTER (WHERE o.relname = 'hdb_version') AND a.attname = 'cli_state') AS has_catalog_state,
    pg_catalog.bool_or(o.relname = 'hdb_metadata') AS has_metadata,
    pg_catalog.bool_or(o.relname = 'hdb_schema_notifications') AS has_notifications,
    pg_catalog.bool_or(o.relname = 'hdb_schema_update_event') AS has_update_event,
    pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on' AS is_read_only,
    CURRENT_USER AS role_name,
    coalesce(pg_catalog.bool_and(o.may_write) FILTER (WHERE o.relname IN ('history', 'log')), true) AS may_write_history,
    coalesce(pg_catalog.bool_and(o.may_write) FILTER (WHERE o.relname = 'schema_migrations'), true) AS may_write_table_state,
    -- Servers before 1.1 have the table without this column.
    EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = pg_catalog.max(o.oid) FILTER (WHERE o.relname = 'hdb_schema_update_event') AND a.attname = 'invalidations') AS has_invalidations,
    pg_catalog.version() AS server_version,
    -- Who else may create objects where the SQL of files looks up names; asked where that SQL may do anything.
    CASE WHEN pg_catalog.current_setting('is_superuser') = 'on' THEN (
        SELECT pg_catalog.string_agg(DISTINCT pg_catalog.concat('schema ', pg_catalog.quote_ident(n.nspname), ' by ', coalesce('role ' || pg_catalog.quote_ident(r.rolname), 'every role')), ', ')
        FROM pg_catalog.unnest(pg_catalog.string_to_array(pg_catalog.current_setting('hasura_migrations.path'), ',')) p(part),
            pg_catalog.pg_namespace n,
            pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) a
            LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
        WHERE n.nspname = CASE pg_catalog.btrim(p.part, ' "') WHEN '$user' THEN SESSION_USER ELSE pg_catalog.btrim(p.part, ' "') END
            AND a.privilege_type = 'CREATE' AND r.rolsuper IS NOT TRUE AND r.rolname IS DISTINCT FROM 'pg_database_owner'
            AND a.grantee <> (SELECT b.datdba FROM pg_catalog.pg_database b WHERE b.datname = pg_catalog.current_database())
    ) END AS open_schemas,
    -- Histories of early versions of this module; only the owner may mend that.
    pg_catalog.bool_or(o.relname = 'log' AND pg_catalog.pg_has_role(o.relowner, 'USAGE')) AND NOT pg_catalog.bool_or(o.relname = 'log_database') AS lacks_log_index,
    pg_catalog.bool_or(o.relname = 'seed') AS has_seed,
    coalesce(pg_catalog.bool_and(o.may_write) FILTER (WHERE o.relname = 'seed'), true) AS may_write_seed,
    pg_catalog.bool_or(o.relname = 'repeatable') AS has_repeatable,
    coalesce(pg_catalog.bool_and(o.may_write) FILTER (WHERE o.relname = 'repeatable'), true) AS may_write_repeatable,
    /*untrusted_hint.sql*/ AS may_be_untrusted
FROM o
