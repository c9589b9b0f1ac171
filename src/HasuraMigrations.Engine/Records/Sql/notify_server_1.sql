INSERT INTO hdb_catalog.hdb_schema_update_event (instance_id, occurred_at, invalidations)
VALUES ($1, pg_catalog.clock_timestamp(), pg_catalog.json_build_object('metadata', true, 'remote_schemas', pg_catalog.array_to_json($2::text[])))
ON CONFLICT ((occurred_at IS NOT NULL))
DO UPDATE SET instance_id = excluded.instance_id, occurred_at = excluded.occurred_at, invalidations = excluded.invalidations
