SELECT h.version::text, h.name, h.direction, h.state, h.checksums::text, h.is_checksum_assumed::text,
    pg_catalog.to_char(h.applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    h.applied_by_role || coalesce('@' || h.applied_by_host, ''), h.origin,
    h.finished_statements::text, h.finished_hash, h.is_next_in_doubt::text, (h.step_texts IS NOT NULL)::text,
    h.mirror_kind, h.mirror_source, h.mirror_instance::text
FROM hasura_migrations.history h
WHERE h.database_name = $1
