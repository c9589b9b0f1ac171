-- Schemas and extension are what a server makes first; finding hdb_catalog without hdb_version it makes the rest itself.
CREATE SCHEMA IF NOT EXISTS hdb_catalog;
CREATE SCHEMA IF NOT EXISTS hdb_views;
CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA public;
CREATE TABLE hdb_catalog.schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);
CREATE TABLE hdb_catalog.migration_settings (setting text NOT NULL PRIMARY KEY, value text NOT NULL);
INSERT INTO hdb_catalog.migration_settings (setting, value) VALUES ('migration_mode', 'true');
