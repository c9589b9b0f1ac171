INSERT INTO hdb_catalog.hdb_schema_update_event (instance_id, occurred_at)
VALUES ($1, pg_catalog.clock_timestamp())
ON CONFLICT ((occurred_at IS NOT NULL))
DO UPDATE SET instance_id = excluded.instance_id, occurred_at = excluded.occurred_at
