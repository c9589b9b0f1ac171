-- Schemas and extension are what a server makes first; finding hdb_catalog without hdb_version it makes the rest itself.
CREATE SCHEMA IF NOT EXISTS hdb_catalog;
CREATE SCHEMA IF NOT EXISTS hdb_views;
CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA public;
