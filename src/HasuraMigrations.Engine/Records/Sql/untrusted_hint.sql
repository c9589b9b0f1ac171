-- True where there may be code of roles we do not trust in our tables or those of Hasura's catalog. Whether there is takes a look
-- that costs several times as much, and almost no database has functions, operators and types of more than one such role.
(WITH trusted AS (
    SELECT pg_catalog.array_agg(r.oid) AS roles FROM pg_catalog.pg_roles r
    WHERE r.rolsuper OR r.rolname = CURRENT_USER
        OR r.oid = (SELECT d.datdba FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
)
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = 'hasura_migrations' AND n.nspowner <> ALL (trusted.roles))
    OR EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('hasura_migrations', 'hdb_catalog') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND (c.relowner <> ALL (trusted.roles) OR c.relkind <> 'r' OR c.relhasrules OR c.relrowsecurity OR c.relhassubclass OR c.relispartition
                OR (c.relhastriggers AND n.nspname = 'hasura_migrations')))
    OR EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('hasura_migrations', 'hdb_catalog'))
    OR EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.proowner <> ALL (trusted.roles))
    OR EXISTS (SELECT FROM pg_catalog.pg_operator o WHERE o.oprowner <> ALL (trusted.roles))
    OR EXISTS (SELECT FROM pg_catalog.pg_opclass o WHERE o.opcowner <> ALL (trusted.roles))
    -- Rows of tables and lists of them are no code.
    OR EXISTS (SELECT FROM pg_catalog.pg_type y WHERE y.typtype <> 'c' AND y.typelem = 0 AND y.typowner <> ALL (trusted.roles))
FROM trusted)
