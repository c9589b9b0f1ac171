UPDATE hdb_catalog.hdb_version
SET cli_state = pg_catalog.jsonb_set(
        pg_catalog.jsonb_set(
            pg_catalog.jsonb_set(
                '{"settings": {"migration_mode": "true"}}'::pg_catalog.jsonb OPERATOR(pg_catalog.||) coalesce(cli_state, '{}'),
                '{isStateCopyCompleted}', 'true'),
            '{migrations}', coalesce(cli_state OPERATOR(pg_catalog.->) 'migrations', '{}')),
        ARRAY['migrations', $1::pg_catalog.text],
        coalesce(cli_state OPERATOR(pg_catalog.#>) ARRAY['migrations', $1::pg_catalog.text], '{}') OPERATOR(pg_catalog.||) $2::pg_catalog.jsonb)
