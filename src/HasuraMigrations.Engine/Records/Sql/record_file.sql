INSERT INTO hasura_migrations./*table*/ (database_name, path, checksum, state, attempt_id, applied_at, duration, applied_by_host, tool_version)
VALUES ($1, $2, $3, 'applied', $4, pg_catalog.clock_timestamp(), /*duration.sql*/, $5, $6)
