-- Every guard looks for an attempt and for the newest row.
CREATE INDEX IF NOT EXISTS log_attempt ON hasura_migrations.log (attempt_id);
CREATE INDEX IF NOT EXISTS log_database ON hasura_migrations.log (database_name, id);
