-- Catalog 47: servers of 2.0 take it as it is, newer ones upgrade it.
CREATE SCHEMA IF NOT EXISTS hdb_catalog;
CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA public;
-- Servers before 13 have it from the extension. A database with event triggers of a server that has its metadata elsewhere has the function.
DO $hm$
BEGIN
    EXECUTE pg_catalog.format('CREATE OR REPLACE FUNCTION hdb_catalog.gen_hasura_uuid() RETURNS pg_catalog.uuid LANGUAGE sql AS %L',
        'SELECT ' || CASE WHEN pg_catalog.to_regprocedure('pg_catalog.gen_random_uuid()') IS NULL THEN 'public' ELSE 'pg_catalog' END || '.gen_random_uuid()');
END
$hm$;
CREATE TABLE hdb_catalog.hdb_version (
    hasura_uuid pg_catalog.uuid PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid(),
    version pg_catalog.text NOT NULL,
    upgraded_on pg_catalog.timestamptz NOT NULL,
    cli_state pg_catalog.jsonb NOT NULL DEFAULT '{}',
    console_state pg_catalog.jsonb NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX hdb_version_one_row ON hdb_catalog.hdb_version ((version IS NOT NULL));
CREATE TABLE hdb_catalog.hdb_metadata (
    id integer PRIMARY KEY,
    metadata pg_catalog.json NOT NULL,
    resource_version integer NOT NULL DEFAULT 1 UNIQUE
);
CREATE TABLE hdb_catalog.hdb_schema_notifications (
    id integer PRIMARY KEY CHECK (id = 1),
    notification pg_catalog.json NOT NULL,
    resource_version integer NOT NULL DEFAULT 1,
    instance_id pg_catalog.uuid NOT NULL,
    updated_at pg_catalog.timestamptz DEFAULT pg_catalog.now()
);
CREATE TABLE hdb_catalog.hdb_action_log (
    id pg_catalog.uuid PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid(),
    action_name pg_catalog.text,
    input_payload pg_catalog.jsonb NOT NULL,
    request_headers pg_catalog.jsonb NOT NULL,
    session_variables pg_catalog.jsonb NOT NULL,
    response_payload pg_catalog.jsonb,
    errors pg_catalog.jsonb,
    created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
    response_received_at pg_catalog.timestamptz,
    status pg_catalog.text NOT NULL CHECK (status IN ('created', 'processing', 'completed', 'error'))
);
CREATE TABLE hdb_catalog.hdb_cron_events (
    id pg_catalog.text PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid(),
    trigger_name pg_catalog.text NOT NULL,
    scheduled_time pg_catalog.timestamptz NOT NULL,
    status pg_catalog.text NOT NULL DEFAULT 'scheduled',
    tries integer NOT NULL DEFAULT 0,
    created_at pg_catalog.timestamptz DEFAULT pg_catalog.now(),
    next_retry_at pg_catalog.timestamptz,
    CONSTRAINT valid_status CHECK (status IN ('scheduled', 'locked', 'delivered', 'error', 'dead'))
);
CREATE INDEX hdb_cron_event_status ON hdb_catalog.hdb_cron_events (status);
CREATE UNIQUE INDEX hdb_cron_events_unique_scheduled ON hdb_catalog.hdb_cron_events (trigger_name, scheduled_time) WHERE status = 'scheduled';
CREATE TABLE hdb_catalog.hdb_cron_event_invocation_logs (
    id pg_catalog.text PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid(),
    event_id pg_catalog.text REFERENCES hdb_catalog.hdb_cron_events (id) ON UPDATE CASCADE ON DELETE CASCADE,
    status integer,
    request pg_catalog.json,
    response pg_catalog.json,
    created_at pg_catalog.timestamptz DEFAULT pg_catalog.now()
);
CREATE INDEX hdb_cron_event_invocation_event_id ON hdb_catalog.hdb_cron_event_invocation_logs (event_id);
CREATE TABLE hdb_catalog.hdb_scheduled_events (
    id pg_catalog.text PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid(),
    webhook_conf pg_catalog.json NOT NULL,
    scheduled_time pg_catalog.timestamptz NOT NULL,
    retry_conf pg_catalog.json,
    payload pg_catalog.json,
    header_conf pg_catalog.json,
    status pg_catalog.text NOT NULL DEFAULT 'scheduled',
    tries integer NOT NULL DEFAULT 0,
    created_at pg_catalog.timestamptz DEFAULT pg_catalog.now(),
    next_retry_at pg_catalog.timestamptz,
    comment pg_catalog.text,
    CONSTRAINT valid_status CHECK (status IN ('scheduled', 'locked', 'delivered', 'error', 'dead'))
);
CREATE INDEX hdb_scheduled_event_status ON hdb_catalog.hdb_scheduled_events (status);
CREATE TABLE hdb_catalog.hdb_scheduled_event_invocation_logs (
    id pg_catalog.text PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid(),
    event_id pg_catalog.text REFERENCES hdb_catalog.hdb_scheduled_events (id) ON UPDATE CASCADE ON DELETE CASCADE,
    status integer,
    request pg_catalog.json,
    response pg_catalog.json,
    created_at pg_catalog.timestamptz DEFAULT pg_catalog.now()
);
INSERT INTO hdb_catalog.hdb_version (version, upgraded_on) VALUES ('47', pg_catalog.now());
INSERT INTO hdb_catalog.hdb_metadata (id, metadata) VALUES (1, '{"version": 3, "sources": []}');
