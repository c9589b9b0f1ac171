SELECT
    EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'hdb_catalog') AS has_schema,
    CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'hdb_catalog')
        THEN pg_catalog.has_schema_privilege('hdb_catalog', 'USAGE') ELSE true END AS may_use,
    CURRENT_USER::text AS role_name,
    (pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on')::text AS is_read_only,
    (SELECT pg_catalog.string_agg(relname, ',') FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'hdb_catalog' AND c.relkind IN ('r', 'p', 'v')) AS relations,
    (SELECT pg_catalog.string_agg(c.relname || '.' || a.attname, ',') FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE n.nspname = 'hdb_catalog' AND c.relkind = 'r' AND c.relname IN ('hdb_metadata', 'hdb_schema_update_event')) AS columns,
    (WITH /*own_objects.sql*/ SELECT /*untrusted_hint.sql*/ FROM o)::text AS may_be_untrusted
