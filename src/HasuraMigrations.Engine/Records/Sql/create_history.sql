CREATE TABLE hasura_migrations.history (
    database_name pg_catalog.text NOT NULL,
    version bigint NOT NULL,
    name pg_catalog.text NOT NULL,
    direction pg_catalog.text NOT NULL CHECK (direction IN ('up', 'down')),
    state pg_catalog.text NOT NULL CHECK (state IN ('applied', 'running')),
    checksums pg_catalog.jsonb NOT NULL DEFAULT '{}',
    is_checksum_assumed boolean NOT NULL DEFAULT false,
    attempt_id pg_catalog.uuid NOT NULL,
    applied_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
    duration interval,
    applied_by_role pg_catalog.text NOT NULL DEFAULT session_user,
    applied_by_host pg_catalog.text,
    tool_version pg_catalog.text NOT NULL,
    origin pg_catalog.text NOT NULL CHECK (origin IN ('module', 'hasura', 'baseline')),
    finished_statements integer NOT NULL DEFAULT 0,
    finished_hash pg_catalog.text,
    is_next_in_doubt boolean NOT NULL DEFAULT false,
    mirror_kind pg_catalog.text,
    mirror_source pg_catalog.text,
    mirror_instance pg_catalog.uuid,
    step_texts pg_catalog.bytea,
    PRIMARY KEY (database_name, version)
);

COMMENT ON TABLE hasura_migrations.history IS 'hasura-migrations format 1';

CREATE TABLE hasura_migrations.log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    attempt_id pg_catalog.uuid NOT NULL,
    database_name pg_catalog.text NOT NULL,
    version bigint NOT NULL,
    name pg_catalog.text NOT NULL,
    direction pg_catalog.text NOT NULL CHECK (direction IN ('up', 'down')),
    outcome pg_catalog.text NOT NULL,
    logged_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    duration interval,
    applied_by_role pg_catalog.text NOT NULL DEFAULT session_user,
    applied_by_host pg_catalog.text,
    tool_version pg_catalog.text NOT NULL,
    sqlstate pg_catalog.text,
    error pg_catalog.text
);
