INSERT INTO hasura_migrations.history (attempt_id, database_name, version, name, direction, state, checksums, duration, applied_at,
    applied_by_host, tool_version, origin, is_checksum_assumed, step_texts, mirror_kind, mirror_source, mirror_instance)
VALUES ($1, $2, $3, $4, 'up', 'applied', $5::pg_catalog.jsonb, /*duration.sql*/, pg_catalog.clock_timestamp(),
    $6, $7, $8, $9, $10, $11, $12, $13)
