CREATE TABLE hdb_catalog.schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);
CREATE TABLE hdb_catalog.migration_settings (setting pg_catalog.text NOT NULL PRIMARY KEY, value pg_catalog.text NOT NULL);
INSERT INTO hdb_catalog.migration_settings (setting, value) VALUES ('migration_mode', 'true');
