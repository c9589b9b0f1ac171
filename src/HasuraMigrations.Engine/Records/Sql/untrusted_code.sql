-- Code of roles we do not trust that reading or writing our tables, or those of Hasura's catalog, would run with our rights.
trusted AS (
    SELECT r.oid FROM pg_catalog.pg_roles r
    WHERE r.rolsuper OR r.rolname = CURRENT_USER
        OR r.oid = (SELECT d.datdba FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
), used AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relowner, c.relrowsecurity, c.relhasrules, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (
        n.nspname = 'hasura_migrations' AND c.relname IN ('history', 'log', 'seed', 'repeatable')
        OR n.nspname = 'hdb_catalog' AND c.relname IN (
            /*hasura_tables.sql*/))
), parts AS (
    SELECT u.oid AS relation, 'pg_catalog.pg_class'::pg_catalog.regclass AS class, u.oid AS object FROM used u
    UNION ALL
    -- The row of hdb_version is only ever updated here, which computes no default.
    SELECT u.oid, 'pg_catalog.pg_attrdef'::pg_catalog.regclass, f.oid FROM used u
    JOIN pg_catalog.pg_attrdef f ON f.adrelid = u.oid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
    WHERE u.relname <> 'hdb_version' OR a.attgenerated <> ''
    UNION ALL
    SELECT u.oid, 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid FROM used u JOIN pg_catalog.pg_constraint k ON k.conrelid = u.oid
    UNION ALL
    SELECT u.oid, 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid FROM used u JOIN pg_catalog.pg_index i ON i.indrelid = u.oid
    UNION ALL
    SELECT u.oid, 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, s.oid FROM used u JOIN pg_catalog.pg_statistic_ext s ON s.stxrelid = u.oid
    UNION ALL
    SELECT u.oid, 'pg_catalog.pg_policy'::pg_catalog.regclass, y.oid FROM used u JOIN pg_catalog.pg_policy y ON y.polrelid = u.oid
    UNION ALL
    SELECT u.oid, 'pg_catalog.pg_trigger'::pg_catalog.regclass, g.oid FROM used u JOIN pg_catalog.pg_trigger g ON g.tgrelid = u.oid AND NOT g.tgisinternal
), code AS (
    -- Each by its key: there are thousands of them.
    SELECT p.relation,
        CASE d.refclassid
            WHEN 'pg_catalog.pg_proc'::pg_catalog.regclass THEN (SELECT pg_catalog.format('the function %I', f.proname) FROM pg_catalog.pg_proc f WHERE f.oid = d.refobjid)
            WHEN 'pg_catalog.pg_operator'::pg_catalog.regclass THEN (SELECT pg_catalog.format('the operator %s', o.oprname) FROM pg_catalog.pg_operator o WHERE o.oid = d.refobjid)
            WHEN 'pg_catalog.pg_type'::pg_catalog.regclass THEN (SELECT pg_catalog.format('the type %I', y.typname) FROM pg_catalog.pg_type y WHERE y.oid = d.refobjid)
            ELSE (SELECT pg_catalog.format('the operator class %I', c.opcname) FROM pg_catalog.pg_opclass c WHERE c.oid = d.refobjid)
        END AS name,
        CASE d.refclassid
            WHEN 'pg_catalog.pg_proc'::pg_catalog.regclass THEN (SELECT f.proowner FROM pg_catalog.pg_proc f WHERE f.oid = d.refobjid)
            WHEN 'pg_catalog.pg_operator'::pg_catalog.regclass THEN (SELECT o.oprowner FROM pg_catalog.pg_operator o WHERE o.oid = d.refobjid)
            WHEN 'pg_catalog.pg_type'::pg_catalog.regclass THEN (SELECT y.typowner FROM pg_catalog.pg_type y WHERE y.oid = d.refobjid)
            ELSE (SELECT c.opcowner FROM pg_catalog.pg_opclass c WHERE c.oid = d.refobjid)
        END AS owner
    FROM parts p JOIN pg_catalog.pg_depend d ON d.classid = p.class AND d.objid = p.object
    WHERE d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass, 'pg_catalog.pg_opclass'::pg_catalog.regclass)
), untrusted AS (
    SELECT n.nspname, NULL::pg_catalog.name AS relname, pg_catalog.format('the schema belongs to role %I', pg_catalog.pg_get_userbyid(n.nspowner)) AS reason
    FROM pg_catalog.pg_namespace n WHERE n.nspname = 'hasura_migrations' AND n.nspowner NOT IN (SELECT t.oid FROM trusted t)
    UNION ALL
    SELECT u.nspname, u.relname, pg_catalog.format('%s is no plain table', u.name) FROM used u WHERE u.relkind <> 'r'
    UNION ALL
    SELECT u.nspname, u.relname, pg_catalog.format('%s belongs to role %I', u.name, pg_catalog.pg_get_userbyid(u.relowner))
    FROM used u WHERE u.nspname = 'hasura_migrations' AND u.relowner NOT IN (SELECT t.oid FROM trusted t)
    UNION ALL
    SELECT u.nspname, u.relname, pg_catalog.format('%s has a parent or a child', u.name)
    FROM used u WHERE EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE u.oid IN (i.inhrelid, i.inhparent))
    UNION ALL
    SELECT u.nspname, u.relname, pg_catalog.format('%s has a rule', u.name)
    FROM used u WHERE u.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_rewrite w WHERE w.ev_class = u.oid)
    UNION ALL
    SELECT u.nspname, u.relname, pg_catalog.format('%s has row security', u.name) FROM used u WHERE u.nspname = 'hasura_migrations' AND u.relrowsecurity
    UNION ALL
    SELECT u.nspname, u.relname, pg_catalog.format('%s has the trigger %I', u.name, g.tgname)
    FROM used u JOIN pg_catalog.pg_trigger g ON g.tgrelid = u.oid AND NOT g.tgisinternal WHERE u.nspname = 'hasura_migrations'
    UNION ALL
    SELECT u.nspname, u.relname, pg_catalog.format('%s runs %s of role %I', u.name, c.name, pg_catalog.pg_get_userbyid(c.owner))
    FROM code c JOIN used u ON u.oid = c.relation
    WHERE c.owner NOT IN (SELECT t.oid FROM trusted t)
    UNION ALL
    SELECT n.nspname, p.proname, pg_catalog.format('the function %I.%I belongs to role %I', n.nspname, p.proname, pg_catalog.pg_get_userbyid(p.proowner))
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'hdb_catalog' AND p.proname = 'insert_event_log' AND p.proowner NOT IN (SELECT t.oid FROM trusted t)
)
