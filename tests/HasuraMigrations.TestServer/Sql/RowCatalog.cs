namespace HasuraMigrations.TestServer.Sql;

/// <summary>Catalogs of servers of version 1: the tables that hold metadata, without the views servers read them through.</summary>
public static class RowCatalog
{
    private const string Common = """
        CREATE SCHEMA hdb_catalog;
        CREATE SCHEMA hdb_views;
        CREATE EXTENSION pgcrypto;
        CREATE TABLE hdb_catalog.hdb_version (hasura_uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(), version text NOT NULL, upgraded_on timestamptz NOT NULL, cli_state jsonb NOT NULL DEFAULT '{}', console_state jsonb NOT NULL DEFAULT '{}');
        CREATE UNIQUE INDEX hdb_version_one_row ON hdb_catalog.hdb_version ((version IS NOT NULL));
        CREATE TABLE hdb_catalog.hdb_table (table_schema name, table_name name, configuration jsonb, is_system_defined boolean DEFAULT false, is_enum boolean NOT NULL DEFAULT false, PRIMARY KEY (table_schema, table_name));
        CREATE TABLE hdb_catalog.hdb_relationship (table_schema name, table_name name, rel_name text, rel_type text CHECK (rel_type IN ('object', 'array')), rel_def jsonb NOT NULL, comment text, is_system_defined boolean DEFAULT false, PRIMARY KEY (table_schema, table_name, rel_name), FOREIGN KEY (table_schema, table_name) REFERENCES hdb_catalog.hdb_table ON UPDATE CASCADE);
        CREATE TABLE hdb_catalog.hdb_permission (table_schema name, table_name name, role_name text, perm_type text CHECK (perm_type IN ('insert', 'select', 'update', 'delete')), perm_def jsonb NOT NULL, comment text, is_system_defined boolean DEFAULT false, PRIMARY KEY (table_schema, table_name, role_name, perm_type), FOREIGN KEY (table_schema, table_name) REFERENCES hdb_catalog.hdb_table ON UPDATE CASCADE);
        CREATE TABLE hdb_catalog.hdb_computed_field (table_schema text, table_name text, computed_field_name text, definition jsonb NOT NULL, comment text, PRIMARY KEY (table_schema, table_name, computed_field_name));
        CREATE TABLE hdb_catalog.event_log (id text PRIMARY KEY DEFAULT gen_random_uuid(), schema_name text NOT NULL, table_name text NOT NULL, trigger_name text NOT NULL, payload jsonb NOT NULL, delivered boolean NOT NULL DEFAULT false, error boolean NOT NULL DEFAULT false, tries integer NOT NULL DEFAULT 0, created_at timestamp DEFAULT now(), locked boolean NOT NULL DEFAULT false, next_retry_at timestamp, archived boolean NOT NULL DEFAULT false);
        CREATE TABLE hdb_catalog.event_invocation_logs (id text PRIMARY KEY DEFAULT gen_random_uuid(), event_id text REFERENCES hdb_catalog.event_log, status integer, request json, response json, created_at timestamp DEFAULT now());
        CREATE TABLE hdb_catalog.hdb_function (function_schema text, function_name text, configuration jsonb NOT NULL DEFAULT '{}', is_system_defined boolean DEFAULT false, PRIMARY KEY (function_schema, function_name));
        CREATE TABLE hdb_catalog.remote_schemas (id bigserial PRIMARY KEY, name text UNIQUE, definition json, comment text);
        CREATE TABLE hdb_catalog.hdb_query_collection (collection_name text PRIMARY KEY, collection_defn jsonb NOT NULL, comment text, is_system_defined boolean DEFAULT false);
        CREATE TABLE hdb_catalog.hdb_allowlist (collection_name text UNIQUE REFERENCES hdb_catalog.hdb_query_collection);
        INSERT INTO hdb_catalog.hdb_table (table_schema, table_name, is_system_defined) VALUES ('hdb_catalog', 'hdb_version', true);
        INSERT INTO hdb_catalog.hdb_permission (table_schema, table_name, role_name, perm_type, perm_def, is_system_defined) VALUES ('hdb_catalog', 'hdb_version', 'r', 'select', '{}', true);
        """;

    /// <summary>Version 40, of servers 1.3.3 and 1.3.4.</summary>
    public const string Version40 = Common + """
        CREATE TABLE hdb_catalog.event_triggers (name text PRIMARY KEY, type text NOT NULL, schema_name text NOT NULL, table_name text NOT NULL, configuration json, comment text);
        CREATE TABLE hdb_catalog.hdb_schema_update_event (instance_id uuid NOT NULL, occurred_at timestamptz NOT NULL DEFAULT now(), invalidations json NOT NULL);
        CREATE UNIQUE INDEX hdb_schema_update_event_one_row ON hdb_catalog.hdb_schema_update_event ((occurred_at IS NOT NULL));
        CREATE TABLE hdb_catalog.hdb_remote_relationship (remote_relationship_name text NOT NULL, table_schema name NOT NULL, table_name name NOT NULL, definition jsonb NOT NULL, PRIMARY KEY (remote_relationship_name, table_schema, table_name), FOREIGN KEY (table_schema, table_name) REFERENCES hdb_catalog.hdb_table ON UPDATE CASCADE);
        CREATE TABLE hdb_catalog.hdb_action (action_name text PRIMARY KEY, action_defn jsonb NOT NULL, comment text, is_system_defined boolean DEFAULT false);
        CREATE TABLE hdb_catalog.hdb_action_permission (action_name text NOT NULL REFERENCES hdb_catalog.hdb_action ON UPDATE CASCADE, role_name text NOT NULL, definition jsonb NOT NULL DEFAULT '{}', comment text, PRIMARY KEY (action_name, role_name));
        CREATE TABLE hdb_catalog.hdb_custom_types (custom_types jsonb NOT NULL);
        CREATE TABLE hdb_catalog.hdb_cron_triggers (name text PRIMARY KEY, webhook_conf json NOT NULL, cron_schedule text NOT NULL, payload json, retry_conf json, header_conf json, include_in_metadata boolean NOT NULL DEFAULT false, comment text);
        CREATE TABLE hdb_catalog.hdb_cron_events (id text PRIMARY KEY DEFAULT gen_random_uuid(), trigger_name text NOT NULL REFERENCES hdb_catalog.hdb_cron_triggers ON UPDATE CASCADE ON DELETE CASCADE, scheduled_time timestamptz NOT NULL, status text NOT NULL DEFAULT 'scheduled', tries integer NOT NULL DEFAULT 0);
        CREATE TABLE hdb_catalog.hdb_scheduled_events (id text PRIMARY KEY DEFAULT gen_random_uuid(), webhook_conf json NOT NULL, scheduled_time timestamptz NOT NULL, retry_conf json, payload json, header_conf json, status text NOT NULL DEFAULT 'scheduled', tries integer NOT NULL DEFAULT 0, created_at timestamptz DEFAULT now(), next_retry_at timestamptz, comment text);
        CREATE TABLE hdb_catalog.hdb_action_log (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), action_name text, input_payload jsonb NOT NULL, request_headers jsonb NOT NULL, session_variables jsonb NOT NULL, response_payload jsonb, errors jsonb, created_at timestamptz NOT NULL DEFAULT now(), response_received_at timestamptz, status text NOT NULL);
        INSERT INTO hdb_catalog.hdb_version (version, upgraded_on) VALUES ('40', now());
        """;

    /// <summary>Version 28, of servers 1.0.</summary>
    public const string Version28 = Common + """
        CREATE TABLE hdb_catalog.event_triggers (name text PRIMARY KEY, type text NOT NULL, schema_name text NOT NULL, table_name text NOT NULL, configuration json, comment text);
        CREATE TABLE hdb_catalog.hdb_schema_update_event (instance_id uuid NOT NULL, occurred_at timestamptz NOT NULL DEFAULT now());
        CREATE UNIQUE INDEX hdb_schema_update_event_one_row ON hdb_catalog.hdb_schema_update_event ((occurred_at IS NOT NULL));
        ALTER TABLE hdb_catalog.hdb_permission DROP CONSTRAINT hdb_permission_table_schema_table_name_fkey;
        ALTER TABLE hdb_catalog.hdb_relationship DROP CONSTRAINT hdb_relationship_table_schema_table_name_fkey;
        ALTER TABLE hdb_catalog.hdb_table ALTER table_schema TYPE text, ALTER table_name TYPE text;
        ALTER TABLE hdb_catalog.hdb_permission ALTER table_schema TYPE text, ALTER table_name TYPE text, ADD FOREIGN KEY (table_schema, table_name) REFERENCES hdb_catalog.hdb_table ON UPDATE CASCADE;
        ALTER TABLE hdb_catalog.hdb_relationship ALTER table_schema TYPE text, ALTER table_name TYPE text, ADD FOREIGN KEY (table_schema, table_name) REFERENCES hdb_catalog.hdb_table ON UPDATE CASCADE;
        ALTER TABLE hdb_catalog.event_triggers ADD FOREIGN KEY (schema_name, table_name) REFERENCES hdb_catalog.hdb_table ON UPDATE CASCADE;
        INSERT INTO hdb_catalog.hdb_version (version, upgraded_on) VALUES ('28', now());
        """;
}
