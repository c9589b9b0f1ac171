-- True where there may be code of roles we do not trust in our tables or those of Hasura's catalog. Whether there is takes a look
-- that costs several times as much, and almost no database has functions, operators and types of more than one such role. Owners are
-- looked up where PostgreSQL keeps them for DROP OWNED: what a server is made with, which belongs to a superuser, is not listed there.
(pg_catalog.bool_or(o.is_unusual) IS TRUE OR EXISTS (
    SELECT FROM trusted, pg_catalog.pg_shdepend s
    WHERE s.dbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
        AND s.classid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass, 'pg_catalog.pg_opclass'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass)
        AND s.deptype = 'o' AND s.refobjid <> ALL (trusted.roles)))
