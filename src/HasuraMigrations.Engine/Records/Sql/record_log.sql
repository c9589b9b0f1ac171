INSERT INTO hasura_migrations.log AS l (attempt_id, database_name, version, name, direction, outcome, duration, applied_by_host, tool_version)
VALUES ($1, $2, $3, $4, $5, $6, /*duration.sql*/, $7, $8)
RETURNING l.attempt_id::pg_catalog.text AS hasura_migrations_attempt,
    (extract(epoch FROM l.duration) OPERATOR(pg_catalog.*) 1000)::pg_catalog.float8::pg_catalog.text AS milliseconds
