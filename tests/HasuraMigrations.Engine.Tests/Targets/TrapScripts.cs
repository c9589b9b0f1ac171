namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>SQL that lays traps in the search path, for the tests of the engine and of the commands.</summary>
internal static class TrapScripts
{
    private const string Types = "'text', 'name', 'oid', 'int2', 'int4', 'int8', 'bool', '\"char\"', 'regclass', 'jsonb', 'uuid', 'timestamptz', 'interval', 'numeric', 'text[]', 'name[]', 'oid[]', 'uuid[]'";

    private const string Names = "'=', '<>', '<', '>', '<=', '>=', '||', '+', '-', '*', '|', '<<', '!~', '~~', '->', '#>'";

    // CREATE OPERATOR would take a minute. The functions take no arguments, so one serves all of them.
    internal static string Operators(string owner) => $"""
        SET search_path = pg_catalog;
        INSERT INTO pg_operator (oid, oprname, oprnamespace, oprowner, oprkind, oprcanmerge, oprcanhash, oprleft, oprright, oprresult, oprcom, oprnegate, oprcode, oprrest, oprjoin)
        SELECT 100000000 + row_number() OVER (), o.name, s.name::regnamespace, '{owner}'::regrole, 'b', false, false, l.type::regtype, r.type::regtype,
            f.result::regtype, 0, 0, f.name::regprocedure, 0, 0
        FROM unnest(ARRAY[{Names}]) o(name), unnest(ARRAY['evil', 'public']) s(name), unnest(ARRAY[{Types}]) l(type), unnest(ARRAY[{Types}]) r(type),
            LATERAL (SELECT CASE WHEN o.name IN ('||', '+', '-', '*', '|', '<<', '->', '#>') THEN 'text' ELSE 'bool' END) k(result),
            LATERAL (SELECT k.result, CASE k.result WHEN 'text' THEN 'evil.text_hit()' ELSE 'evil.hit()' END) f(result, name)
        WHERE (s.name = 'public') = NOT EXISTS (SELECT FROM pg_operator c WHERE c.oprnamespace = 'pg_catalog'::regnamespace AND c.oprname = o.name AND c.oprleft = l.type::regtype AND c.oprright = r.type::regtype);
        SELECT (SELECT count(*) FROM pg_operator o WHERE o.oprnamespace IN ('evil'::regnamespace, 'public'::regnamespace))
            + (SELECT count(*) FROM pg_proc f WHERE f.pronamespace = 'evil'::regnamespace AND f.proname NOT IN ('hit', 'text_hit'))
            + (SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'evil'::regnamespace AND c.relkind = 'v')
            + (SELECT count(*) FROM pg_type t WHERE t.typnamespace = 'evil'::regnamespace AND t.typtype = 'd')
        """;

    internal const string Lay = """
        SET search_path = pg_catalog;
        CREATE SEQUENCE evil.sprung;
        GRANT ALL ON SEQUENCE evil.sprung TO public;
        DO $lay$
        DECLARE
            l text;
            p record;
            body text;
        BEGIN
            -- A counter outlives the transaction that is rolled back; one that only reads fails at the counter itself.
            body := format($f$BEGIN PERFORM pg_catalog.nextval('evil.sprung'); RAISE EXCEPTION 'TRAP %%', %L USING ERRCODE = 'XX999'; END$f$, 'sprung');
            EXECUTE format('CREATE FUNCTION evil.hit() RETURNS bool LANGUAGE plpgsql AS %L', body);
            EXECUTE format('CREATE FUNCTION evil.text_hit() RETURNS text LANGUAGE plpgsql AS %L', body);
            FOR p IN
                SELECT f.proname AS name, oidvectortypes(f.proargtypes) AS arguments, format_type(f.prorettype, NULL) AS result, f.proretset AS is_set
                FROM pg_proc f
                WHERE f.pronamespace = 'pg_catalog'::regnamespace AND f.pronargs < 5 AND f.proname !~ '(in|out|recv|send|_support|sel|trans|final|_ops?)$'
                    AND f.prorettype <> 'internal'::regtype AND NOT 'internal'::regtype = ANY (f.proargtypes::oid[]) AND NOT 'cstring'::regtype = ANY (f.proargtypes::oid[])
                    AND f.proname = ANY (regexp_split_to_array('now clock_timestamp transaction_timestamp set_config current_setting format_type unnest to_regclass to_regprocedure obj_description has_schema_privilege has_table_privilege has_database_privilege row_to_json json_build_object json_build_array json_agg json_each_text json_array_elements jsonb_set jsonb_object_keys array_to_json pg_try_advisory_lock pg_try_advisory_xact_lock pg_advisory_unlock pg_backend_pid pg_blocking_pids pg_cancel_backend pg_is_in_recovery pg_get_expr pg_get_indexdef pg_get_constraintdef pg_get_triggerdef pg_get_userbyid pg_relation_is_updatable current_database current_schemas current_user session_user string_agg array_agg max min count sum concat_ws to_char format left length octet_length encode decode chr make_interval extract date_part timezone text name bool host quote_ident quote_literal pg_stat_get_xact_tuples_inserted pg_stat_get_xact_tuples_updated pg_stat_get_xact_tuples_deleted gen_random_uuid array_length cardinality upper lower', ' '))
            LOOP
                body := format($f$BEGIN PERFORM pg_catalog.nextval('evil.sprung'); RAISE EXCEPTION 'TRAP function %%', %L USING ERRCODE = 'XX999'; END$f$, p.name || ' ' || p.arguments);
                BEGIN
                    EXECUTE format('CREATE FUNCTION evil.%I(%s) RETURNS %s %s LANGUAGE plpgsql AS %L', p.name, p.arguments, CASE WHEN p.is_set THEN 'SETOF' ELSE '' END, p.result, body);
                EXCEPTION WHEN invalid_function_definition OR syntax_error OR undefined_object OR duplicate_function OR feature_not_supported THEN
                    NULL;
                END;
            END LOOP;
            FOREACH l IN ARRAY ARRAY['text', 'name', 'oid', 'int2', 'int4', 'int8', 'bool', 'float8', 'regclass', 'jsonb', 'json', 'uuid', 'bytea', 'timestamptz', 'varchar'] LOOP
                EXECUTE format('CREATE DOMAIN evil.%I AS pg_catalog.%I CHECK (evil.hit())', l, l);
            END LOOP;
            FOREACH l IN ARRAY ARRAY['pg_class', 'pg_namespace', 'pg_proc', 'pg_type', 'pg_attribute', 'pg_locks', 'pg_stat_activity', 'pg_settings', 'pg_database', 'pg_index'] LOOP
                EXECUTE format('CREATE VIEW evil.%I AS SELECT 1 AS trap WHERE evil.hit()', l);
                EXECUTE format('GRANT SELECT ON evil.%I TO public', l);
            END LOOP;
        END
        $lay$;
        """;
}
