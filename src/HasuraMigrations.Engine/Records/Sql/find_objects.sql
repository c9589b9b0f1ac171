-- Schemas: '' is the search path of the session, '*' any of the user's. It runs with that path, so every name and operator is qualified.
WITH wanted AS (
    SELECT w.kind, w.schema, w.name, w.owner, w.number
    FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[]), pg_catalog.unnest($3::pg_catalog.text[]), pg_catalog.unnest($4::pg_catalog.text[]))
        WITH ORDINALITY AS w (kind, schema, name, owner, number)
), spaces AS (
    SELECT n.oid, n.nspname::pg_catalog.text AS name,
        n.nspname OPERATOR(pg_catalog.=) ANY (pg_catalog.current_schemas(false)) AS is_in_path,
        NOT (n.nspname::pg_catalog.text OPERATOR(pg_catalog.~~) 'pg\_%' OR n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) 'information_schema') AS is_of_user
    FROM pg_catalog.pg_namespace n
), objects AS (
    SELECT 'relation' AS kind, c.relnamespace AS space, c.relname::pg_catalog.text AS name, '' AS owner FROM pg_catalog.pg_class c
    UNION ALL
    SELECT 'routine', p.pronamespace, p.proname::pg_catalog.text, '' FROM pg_catalog.pg_proc p
    UNION ALL
    SELECT 'type', t.typnamespace, t.typname::pg_catalog.text, '' FROM pg_catalog.pg_type t
    UNION ALL
    SELECT 'enumvalue', t.typnamespace, e.enumlabel::pg_catalog.text, t.typname::pg_catalog.text
    FROM pg_catalog.pg_enum e JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) e.enumtypid
    UNION ALL
    SELECT 'column', c.relnamespace, a.attname::pg_catalog.text, c.relname::pg_catalog.text
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) a.attrelid
    WHERE NOT a.attisdropped
    UNION ALL
    SELECT 'constraint', c.relnamespace, o.conname::pg_catalog.text, c.relname::pg_catalog.text
    FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) o.conrelid
    UNION ALL
    SELECT 'trigger', c.relnamespace, g.tgname::pg_catalog.text, c.relname::pg_catalog.text
    FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) g.tgrelid
    UNION ALL
    SELECT 'policy', c.relnamespace, p.polname::pg_catalog.text, c.relname::pg_catalog.text
    FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) p.polrelid
)
SELECT DISTINCT w.number::pg_catalog.text AS number
FROM wanted w
WHERE EXISTS (
        SELECT FROM objects o JOIN spaces s ON s.oid OPERATOR(pg_catalog.=) o.space
        WHERE o.kind OPERATOR(pg_catalog.=) w.kind AND o.name OPERATOR(pg_catalog.=) w.name AND o.owner OPERATOR(pg_catalog.=) w.owner
            AND CASE WHEN w.schema OPERATOR(pg_catalog.=) '' THEN s.is_in_path WHEN w.schema OPERATOR(pg_catalog.=) '*' THEN s.is_of_user ELSE s.name OPERATOR(pg_catalog.=) w.schema END)
    OR (w.kind OPERATOR(pg_catalog.=) 'schema' AND EXISTS (SELECT FROM spaces s WHERE s.name OPERATOR(pg_catalog.=) w.name))
    OR (w.kind OPERATOR(pg_catalog.=) 'extension' AND EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE e.extname::pg_catalog.text OPERATOR(pg_catalog.=) w.name))
