CREATE SCHEMA IF NOT EXISTS hasura_migrations;

CREATE TABLE hasura_migrations.history (
    database_name text NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    state text NOT NULL CHECK (state IN ('applied', 'running')),
    checksums jsonb NOT NULL DEFAULT '{}',
    is_checksum_assumed boolean NOT NULL DEFAULT false,
    attempt_id uuid NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    duration interval,
    applied_by_role text NOT NULL DEFAULT session_user,
    applied_by_host text,
    tool_version text NOT NULL,
    origin text NOT NULL CHECK (origin IN ('module', 'hasura', 'baseline')),
    finished_statements integer NOT NULL DEFAULT 0,
    finished_hash text,
    is_next_in_doubt boolean NOT NULL DEFAULT false,
    mirror_kind text,
    mirror_source text,
    mirror_instance uuid,
    step_texts bytea,
    PRIMARY KEY (database_name, version)
);

COMMENT ON TABLE hasura_migrations.history IS 'hasura-migrations format 1';

CREATE TABLE hasura_migrations.log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    attempt_id uuid NOT NULL,
    database_name text NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    outcome text NOT NULL,
    logged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    duration interval,
    applied_by_role text NOT NULL DEFAULT session_user,
    applied_by_host text,
    tool_version text NOT NULL,
    sqlstate text,
    error text
);

CREATE INDEX log_attempt ON hasura_migrations.log (attempt_id);
CREATE INDEX log_database ON hasura_migrations.log (database_name, id);
