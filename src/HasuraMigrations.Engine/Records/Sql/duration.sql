pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) coalesce(nullif(pg_catalog.current_setting('hasura_migrations.started', true), '')::pg_catalog.timestamptz, pg_catalog.transaction_timestamp())
