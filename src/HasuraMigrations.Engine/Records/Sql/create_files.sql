CREATE TABLE hasura_migrations./*table*/ (
    database_name pg_catalog.text NOT NULL,
    path pg_catalog.text NOT NULL,
    checksum pg_catalog.text NOT NULL,
    state pg_catalog.text NOT NULL CHECK (state IN ('applied', 'running')),
    attempt_id pg_catalog.uuid NOT NULL,
    applied_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
    duration interval,
    applied_by_role pg_catalog.text NOT NULL DEFAULT session_user,
    applied_by_host pg_catalog.text,
    tool_version pg_catalog.text NOT NULL,
    finished_statements integer NOT NULL DEFAULT 0,
    finished_hash pg_catalog.text,
    is_next_in_doubt boolean NOT NULL DEFAULT false,
    PRIMARY KEY (database_name, path)
);

COMMENT ON TABLE hasura_migrations./*table*/ IS 'hasura-migrations format 1';
