WITH bumped AS (
    UPDATE hdb_catalog.hdb_metadata SET resource_version = resource_version + 1 WHERE id = 1 RETURNING resource_version
)
INSERT INTO hdb_catalog.hdb_schema_notifications (id, notification, resource_version, instance_id)
SELECT 1, pg_catalog.json_build_object('metadata', true, 'remote_schemas', pg_catalog.array_to_json($3::text[]), 'sources', pg_catalog.array_to_json($1::text[]), 'data_connectors', '[]'::json),
    bumped.resource_version, $2
FROM bumped
ON CONFLICT (id) DO UPDATE SET notification = excluded.notification, resource_version = excluded.resource_version, instance_id = excluded.instance_id
