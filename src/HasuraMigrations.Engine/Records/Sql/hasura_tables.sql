'schema_migrations', 'migration_settings', 'hdb_version', 'hdb_metadata', 'hdb_schema_notifications', 'hdb_schema_update_event',
            'event_log', 'event_invocation_logs', 'hdb_source_catalog_version', 'hdb_event_log_cleanups',
            'hdb_cron_events', 'hdb_cron_event_invocation_logs', 'hdb_scheduled_events', 'hdb_scheduled_event_invocation_logs',
            'hdb_table', 'hdb_relationship', 'hdb_computed_field', 'hdb_remote_relationship', 'hdb_permission', 'event_triggers', 'hdb_function',
            'remote_schemas', 'hdb_query_collection', 'hdb_allowlist', 'hdb_custom_types', 'hdb_action', 'hdb_action_permission', 'hdb_action_log', 'hdb_cron_triggers'
