WITH timed AS (
    SELECT pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) coalesce(
        nullif(pg_catalog.current_setting('hasura_migrations.started', true), '')::pg_catalog.timestamptz,
        pg_catalog.transaction_timestamp()) AS duration
), logged AS (
    INSERT INTO hasura_migrations.log (attempt_id, database_name, version, name, direction, outcome, duration, applied_by_host, tool_version)
    SELECT $1, $2, $3, $4, 'up', $10, timed.duration, $6, $7 FROM timed
)
INSERT INTO hasura_migrations.history AS h (attempt_id, database_name, version, name, direction, state, checksums, duration, applied_at,
    applied_by_host, tool_version, origin, is_checksum_assumed, step_texts, mirror_kind, mirror_source, mirror_instance)
SELECT $1, $2, $3, $4, 'up', 'applied', $5::pg_catalog.jsonb, timed.duration, pg_catalog.clock_timestamp(), $6, $7, $8, $11, $9, $12, $13, $14
FROM timed
RETURNING h.attempt_id::pg_catalog.text AS hasura_migrations_attempt,
    (extract(epoch FROM h.duration) OPERATOR(pg_catalog.*) 1000)::pg_catalog.float8::pg_catalog.text AS milliseconds
