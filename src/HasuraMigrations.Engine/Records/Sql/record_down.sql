WITH timed AS (
    SELECT pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) coalesce(
        nullif(pg_catalog.current_setting('hasura_migrations.started', true), '')::pg_catalog.timestamptz,
        pg_catalog.transaction_timestamp()) AS duration
)
INSERT INTO hasura_migrations.log AS l (attempt_id, database_name, version, name, direction, outcome, duration, applied_by_host, tool_version)
SELECT $1, $2, $3, $4, 'down', $7, timed.duration, $5, $6 FROM timed
RETURNING l.attempt_id::pg_catalog.text AS hasura_migrations_attempt,
    (extract(epoch FROM l.duration) OPERATOR(pg_catalog.*) 1000)::pg_catalog.float8::pg_catalog.text AS milliseconds
