WITH RECURSIVE named AS (
    SELECT n.place, n.schema_name, n.table_name, c.oid, c.relkind
    FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY n(schema_name, table_name, place)
    JOIN pg_catalog.pg_namespace s ON s.nspname = n.schema_name
    JOIN pg_catalog.pg_class c ON c.relnamespace = s.oid AND c.relname = n.table_name AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
), tree AS (
    SELECT d.place, d.schema_name, d.table_name, d.oid, d.relkind FROM named d
    UNION ALL
    SELECT t.place, t.schema_name, t.table_name, c.oid, c.relkind
    FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
    WHERE t.relkind = 'p'
)
SELECT t.schema_name, t.table_name, s.nspname::pg_catalog.text AS schema_found, c.relname::pg_catalog.text AS table_found, c.relkind::pg_catalog.text AS kind
FROM tree t JOIN pg_catalog.pg_class c ON c.oid = t.oid JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
ORDER BY t.place, (s.nspname = t.schema_name AND c.relname = t.table_name) DESC, s.nspname, c.relname
