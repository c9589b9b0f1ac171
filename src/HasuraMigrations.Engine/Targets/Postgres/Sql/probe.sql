SELECT
    pg_catalog.to_regclass('hasura_migrations.history') IS NOT NULL AS has_history,
    pg_catalog.to_regclass('hasura_migrations.log') IS NOT NULL AS has_log,
    EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'hasura_migrations') AS has_schema,
    pg_catalog.obj_description(pg_catalog.to_regclass('hasura_migrations.history'), 'pg_class') AS format,
    CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'hasura_migrations')
        THEN pg_catalog.has_schema_privilege('hasura_migrations', 'USAGE') ELSE true END AS may_use,
    pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS may_create,
    EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'hdb_catalog') AS has_catalog_schema,
    CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'hdb_catalog')
        THEN pg_catalog.has_schema_privilege('hdb_catalog', 'USAGE') ELSE true END AS may_use_catalog,
    pg_catalog.to_regclass('hdb_catalog.schema_migrations') IS NOT NULL AS has_table_state,
    pg_catalog.to_regclass('hdb_catalog.migration_settings') IS NOT NULL AS has_table_settings,
    EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass('hdb_catalog.hdb_version') AND attname = 'cli_state') AS has_catalog_state,
    pg_catalog.to_regclass('hdb_catalog.hdb_metadata') IS NOT NULL AS has_metadata,
    pg_catalog.to_regclass('hdb_catalog.hdb_schema_notifications') IS NOT NULL AS has_notifications,
    EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass('hdb_catalog.hdb_schema_update_event') AND attname = 'invalidations') AS has_update_event,
    pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on' AS is_read_only,
    CURRENT_USER AS role_name,
    CASE WHEN pg_catalog.to_regclass('hasura_migrations.history') IS NULL OR pg_catalog.to_regclass('hasura_migrations.log') IS NULL
            OR NOT pg_catalog.has_schema_privilege('hasura_migrations', 'USAGE') THEN true
        ELSE pg_catalog.has_table_privilege('hasura_migrations.history', 'SELECT') AND pg_catalog.has_table_privilege('hasura_migrations.history', 'INSERT')
            AND pg_catalog.has_table_privilege('hasura_migrations.history', 'UPDATE') AND pg_catalog.has_table_privilege('hasura_migrations.history', 'DELETE')
            AND pg_catalog.has_table_privilege('hasura_migrations.log', 'SELECT') AND pg_catalog.has_table_privilege('hasura_migrations.log', 'INSERT') END AS may_write_history,
    CASE WHEN pg_catalog.to_regclass('hdb_catalog.schema_migrations') IS NULL OR NOT pg_catalog.has_schema_privilege('hdb_catalog', 'USAGE') THEN true
        ELSE pg_catalog.has_table_privilege('hdb_catalog.schema_migrations', 'SELECT') AND pg_catalog.has_table_privilege('hdb_catalog.schema_migrations', 'INSERT')
            AND pg_catalog.has_table_privilege('hdb_catalog.schema_migrations', 'UPDATE') AND pg_catalog.has_table_privilege('hdb_catalog.schema_migrations', 'DELETE') END AS may_write_table_state
