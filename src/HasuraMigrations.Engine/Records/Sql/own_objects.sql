-- Roles whose code we run, and the objects of this module and of Hasura's catalog that are there.
trusted AS (
    SELECT pg_catalog.array_agg(r.oid) AS roles FROM pg_catalog.pg_roles r
    WHERE r.rolsuper OR r.rolname = CURRENT_USER
        OR r.oid = (SELECT d.datdba FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
), o AS (
    -- One row for a schema without any of these. The log has an index whose name says that it is there.
    SELECT n.nspname, c.relname, c.oid, c.relowner,
        pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS may_use,
        -- That the schema may not be used is reported first.
        NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
            OR pg_catalog.has_table_privilege(c.oid, 'SELECT') AND pg_catalog.has_table_privilege(c.oid, 'INSERT')
            AND (c.relname = 'log' OR pg_catalog.has_table_privilege(c.oid, 'UPDATE') AND pg_catalog.has_table_privilege(c.oid, 'DELETE')) AS may_write,
        n.nspname = 'hasura_migrations' AND n.nspowner <> ALL (trusted.roles)
            OR c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (
                c.relowner <> ALL (trusted.roles) OR c.relkind <> 'r' OR c.relhasrules OR c.relrowsecurity OR c.relhassubclass OR c.relispartition
                OR c.relhastriggers AND n.nspname = 'hasura_migrations'
                OR EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)) AS is_unusual
    FROM trusted, pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
        AND c.relname IN ('history', 'log', 'log_database', 'seed', 'repeatable',
            /*hasura_tables.sql*/)
        AND (n.nspname = 'hasura_migrations') = (c.relname IN ('history', 'log', 'log_database', 'seed', 'repeatable'))
    WHERE n.nspname IN ('hasura_migrations', 'hdb_catalog')
)
