namespace HasuraMigrations.Engine.Catalog;

/// <summary>What is asked of a database. Every value comes as text; lists are joined by the unit separator.</summary>
internal static class CatalogQueries
{
    /// <summary>What joins the parts of a list.</summary>
    internal const char Separator = '\u001f';

    private const string NotTemporary = "n.nspname !~ '^pg_(toast|temp)'";
    private const string NotSystem = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

    internal const string Schemas = $"SELECT n.nspname::text, pg_catalog.obj_description(n.oid, 'pg_namespace') FROM pg_catalog.pg_namespace n WHERE {NotSystem} ORDER BY 1";

    /// <summary>Tables and views.</summary>
    /// <param name="withSystem">Those of the system, too.</param>
    internal static string Tables(bool withSystem) => $"""
        SELECT c.oid::text, n.nspname::text, c.relname::text, c.relkind::text, c.relispartition::text, d.description,
          CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_relation_is_updatable(c.oid, true)::text END
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
        WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND {(withSystem ? NotTemporary : NotSystem)}
        ORDER BY n.nspname, c.relname
        """;

    /// <summary>Columns of tables and views. The type under a domain may be a domain again only in theory: servers look one step down, too.</summary>
    /// <param name="withSystem">Those of the system, too.</param>
    /// <param name="withText">What they are made with, as SQL.</param>
    internal static string Columns(bool withSystem, bool withText) => $"""
        SELECT a.attrelid::text, a.attname::text, a.attnum::text,
          CASE WHEN t.typtype = 'd' THEN b.typname::text
               WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN e.typname::text || '[]'
               ELSE t.typname::text END,
          t.typname::text, t.typtype::text, pg_catalog.format_type(a.atttypid, a.atttypmod),
          (NOT a.attnotnull)::text, a.attidentity::text, (a.attgenerated <> '')::text,
          {(withText ? "CASE WHEN a.atthasdef THEN pg_catalog.pg_get_expr(def.adbin, def.adrelid) END" : "NULL")}, d.description
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
        LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
        LEFT JOIN pg_catalog.pg_attrdef def ON def.adrelid = a.attrelid AND def.adnum = a.attnum
        LEFT JOIN pg_catalog.pg_description d ON d.objoid = a.attrelid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = a.attnum
        WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND {(withSystem ? NotTemporary : NotSystem)} AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attrelid, a.attnum
        """;

    /// <summary>Indexes; without their text, those that are keys.</summary>
    internal static string Indexes(bool withText) => $"""
        SELECT i.indrelid::text, x.relname::text, x.oid::text, i.indisprimary::text, i.indisunique::text,
          (SELECT pg_catalog.string_agg(a.attname, chr(31) ORDER BY k.place) FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number),
          {(withText ? "pg_catalog.pg_get_indexdef(i.indexrelid)" : "''")}
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
        JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE {NotSystem}{(withText ? "" : " AND i.indisunique")}
        ORDER BY x.relname
        """;

    /// <summary>Constraints; without their text, foreign keys.</summary>
    internal static string Constraints(bool withText) => $"""
        SELECT k.conrelid::text, k.conname::text, k.oid::text, k.contype::text, tn.nspname::text, t.relname::text,
          (SELECT pg_catalog.string_agg(a.attname, chr(31) ORDER BY u.place) FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u(number, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number),
          (SELECT pg_catalog.string_agg(a.attname, chr(31) ORDER BY u.place) FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u(number, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number),
          {(withText ? "pg_catalog.pg_get_constraintdef(k.oid)" : "''")}
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_class t ON t.oid = k.confrelid
        LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
        WHERE k.contype IN ({(withText ? "'f', 'c'" : "'f'")}) AND {NotSystem}
        ORDER BY k.conname
        """;

    internal const string Triggers = $"""
        SELECT g.tgrelid::text, g.tgname::text, pg_catalog.pg_get_triggerdef(g.oid)
        FROM pg_catalog.pg_trigger g
        JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT g.tgisinternal AND {NotSystem}
        ORDER BY g.tgname
        """;

    internal const string Functions = $"""
        SELECT p.oid::text, n.nspname::text, p.proname::text, p.provolatile::text, rn.nspname::text, r.typname::text, r.typtype::text,
          p.proretset::text, (p.provariadic <> 0)::text, p.pronargdefaults::text,
          (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(chr(30), COALESCE(p.proargnames[u.place], ''), an.nspname, t.typname, t.typtype), chr(31) ORDER BY u.place)
             FROM pg_catalog.unnest(COALESCE(p.proallargtypes, p.proargtypes::oid[])) WITH ORDINALITY AS u(type, place)
             JOIN pg_catalog.pg_type t ON t.oid = u.type JOIN pg_catalog.pg_namespace an ON an.oid = t.typnamespace),
          pg_catalog.obj_description(p.oid, 'pg_proc')
        FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        JOIN pg_catalog.pg_type r ON r.oid = p.prorettype
        JOIN pg_catalog.pg_namespace rn ON rn.oid = r.typnamespace
        WHERE p.prokind <> 'a' AND {NotSystem}
        ORDER BY n.nspname, p.proname, p.oid
        """;

    internal const string Types = $"""
        SELECT n.nspname::text, t.typname::text, t.typtype::text, b.typname::text,
          (SELECT pg_catalog.string_agg(e.enumlabel, chr(31) ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid),
          pg_catalog.obj_description(t.oid, 'pg_type')
        FROM pg_catalog.pg_type t
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
        LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
        WHERE (t.typtype = 'b' AND {NotTemporary}) OR (({NotSystem}) AND (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c')))
        ORDER BY n.nspname, t.typname
        """;

    internal const string Extensions = "SELECT x.extname::text, x.extversion, n.nspname::text FROM pg_catalog.pg_extension x JOIN pg_catalog.pg_namespace n ON n.oid = x.extnamespace ORDER BY 1";
}
