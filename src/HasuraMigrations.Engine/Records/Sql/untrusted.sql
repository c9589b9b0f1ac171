WITH /*untrusted_code.sql*/
SELECT
    (SELECT pg_catalog.min(x.reason) FROM untrusted x WHERE x.nspname = 'hasura_migrations') AS history,
    (SELECT pg_catalog.min(x.reason) FROM untrusted x WHERE x.nspname = 'hdb_catalog' AND x.relname IN ('schema_migrations', 'migration_settings', 'hdb_version')) AS state,
    (SELECT pg_catalog.min(x.reason) FROM untrusted x WHERE x.nspname = 'hdb_catalog' AND x.relname IN ('hdb_metadata', 'hdb_schema_notifications', 'hdb_schema_update_event')) AS notice,
    (SELECT pg_catalog.min(x.reason) FROM untrusted x WHERE x.nspname = 'hdb_catalog') AS catalog
