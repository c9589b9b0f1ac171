namespace HasuraMigrations.Engine.Catalog;

/// <summary>
/// What is asked of a database. Every value comes as text; lists are joined by the unit separator. All names are written with the
/// schema of the system, those of operators too, so that nothing on a search path is taken for them.
/// </summary>
internal static class CatalogQueries
{
    /// <summary>What joins the parts of a list.</summary>
    internal const char Separator = '\u001f';

    // Schemas to leave out are few where those to look into can be thousands. They have to be a list: joined with the schemas,
    // thousands of rows of the system meet their types before they are left out.
    private const string NotTemporary = "OPERATOR(pg_catalog.<>) ALL (ARRAY(SELECT s.oid FROM pg_catalog.pg_namespace s WHERE s.nspname OPERATOR(pg_catalog.~) '^pg_(toast|temp)'))";
    private const string NotSystem = "OPERATOR(pg_catalog.<>) ALL (ARRAY(SELECT s.oid FROM pg_catalog.pg_namespace s WHERE s.nspname OPERATOR(pg_catalog.~) '^pg_' OR s.nspname OPERATOR(pg_catalog.=) 'information_schema'))";
    private const string HasRows = "OPERATOR(pg_catalog.=) ANY ('{r,v,m,f,p}'::pg_catalog.\"char\"[])";
    private const string IsView = "OPERATOR(pg_catalog.=) ANY ('{v,m}'::pg_catalog.\"char\"[])";

    internal static readonly string Schemas = $"SELECT n.nspname::pg_catalog.text, {Comment("n.oid", "pg_namespace")} FROM pg_catalog.pg_namespace n WHERE n.oid {NotSystem} ORDER BY 1";

    /// <summary>Tables and views.</summary>
    /// <param name="withSystem">Those of the system, too.</param>
    /// <param name="withText">With comments.</param>
    internal static string Tables(bool withSystem, bool withText) => $"""
        SELECT c.oid::pg_catalog.text, n.nspname::pg_catalog.text, c.relname::pg_catalog.text, c.relkind::pg_catalog.text, c.relispartition::pg_catalog.text,
          {(withText ? Comment("c.oid", "pg_class") : "NULL")},
          CASE WHEN c.relkind {IsView} THEN pg_catalog.pg_relation_is_updatable(c.oid, true)::pg_catalog.text END
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        WHERE c.relkind {HasRows} AND c.relnamespace {(withSystem ? NotTemporary : NotSystem)}
        ORDER BY n.nspname, c.relname
        """;

    /// <summary>Columns of tables and views. The type under a domain may be a domain again only in theory: servers look one step down, too.</summary>
    /// <param name="withSystem">Those of the system, too.</param>
    /// <param name="withText">With comments, and with what they are made with, as SQL.</param>
    internal static string Columns(bool withSystem, bool withText) => $"""
        SELECT a.attrelid::pg_catalog.text, a.attname::pg_catalog.text, a.attnum::pg_catalog.text,
          CASE WHEN t.typtype OPERATOR(pg_catalog.=) 'd' THEN b.typname::pg_catalog.text
               WHEN t.typcategory OPERATOR(pg_catalog.=) 'A' AND t.typelem OPERATOR(pg_catalog.<>) 0::pg_catalog.oid THEN pg_catalog.concat(e.typname, '[]')
               ELSE t.typname::pg_catalog.text END,
          t.typname::pg_catalog.text, t.typtype::pg_catalog.text, pg_catalog.format_type(a.atttypid, a.atttypmod),
          (NOT a.attnotnull)::pg_catalog.text, a.attidentity::pg_catalog.text, (a.attgenerated OPERATOR(pg_catalog.<>) '')::pg_catalog.text,
          {(withText ? "(SELECT pg_catalog.pg_get_expr(f.adbin, f.adrelid) FROM pg_catalog.pg_attrdef f WHERE f.adrelid OPERATOR(pg_catalog.=) a.attrelid AND f.adnum OPERATOR(pg_catalog.=) a.attnum)" : "NULL")},
          {(withText ? Comment("a.attrelid", "pg_class", "a.attnum") : "NULL")}
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) a.attrelid
        JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
        LEFT JOIN pg_catalog.pg_type b ON b.oid OPERATOR(pg_catalog.=) t.typbasetype
        LEFT JOIN pg_catalog.pg_type e ON e.oid OPERATOR(pg_catalog.=) t.typelem
        WHERE c.relkind {HasRows} AND c.relnamespace {(withSystem ? NotTemporary : NotSystem)} AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
        ORDER BY a.attrelid, a.attnum
        """;

    /// <summary>Indexes; without their text, those that are keys.</summary>
    internal static string Indexes(bool withText) => $"""
        SELECT i.indrelid::pg_catalog.text, x.relname::pg_catalog.text, x.oid::pg_catalog.text, i.indisprimary::pg_catalog.text, i.indisunique::pg_catalog.text,
          {ColumnNames("i.indrelid", "i.indkey::pg_catalog.int2[]")},
          {(withText ? "pg_catalog.pg_get_indexdef(i.indexrelid)" : "''")}
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class x ON x.oid OPERATOR(pg_catalog.=) i.indexrelid
        WHERE x.relnamespace {NotSystem}{(withText ? "" : " AND i.indisunique")}
        ORDER BY x.relname
        """;

    /// <summary>Constraints; without their text, foreign keys.</summary>
    internal static string Constraints(bool withText) => $"""
        SELECT k.conrelid::pg_catalog.text, k.conname::pg_catalog.text, k.oid::pg_catalog.text, k.contype::pg_catalog.text, tn.nspname::pg_catalog.text, t.relname::pg_catalog.text,
          {ColumnNames("k.conrelid", "k.conkey")},
          {ColumnNames("k.confrelid", "k.confkey")},
          {(withText ? "pg_catalog.pg_get_constraintdef(k.oid)" : "''")}
        FROM pg_catalog.pg_constraint k
        LEFT JOIN pg_catalog.pg_class t ON t.oid OPERATOR(pg_catalog.=) k.confrelid
        LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid OPERATOR(pg_catalog.=) t.relnamespace
        WHERE k.contype OPERATOR(pg_catalog.=) ANY ('{(withText ? "{f,c}" : "{f}")}'::pg_catalog."char"[]) AND k.connamespace {NotSystem}
        ORDER BY k.conname
        """;

    internal const string Triggers = $"""
        SELECT g.tgrelid::pg_catalog.text, g.tgname::pg_catalog.text, pg_catalog.pg_get_triggerdef(g.oid)
        FROM pg_catalog.pg_trigger g
        JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) g.tgrelid
        WHERE NOT g.tgisinternal AND c.relnamespace {NotSystem}
        ORDER BY g.tgname
        """;

    /// <summary>Functions.</summary>
    /// <param name="withText">With comments.</param>
    internal static string Functions(bool withText) => $"""
        SELECT p.oid::pg_catalog.text, n.nspname::pg_catalog.text, p.proname::pg_catalog.text, p.provolatile::pg_catalog.text, rn.nspname::pg_catalog.text, r.typname::pg_catalog.text, r.typtype::pg_catalog.text,
          p.proretset::pg_catalog.text, (p.provariadic OPERATOR(pg_catalog.<>) 0::pg_catalog.oid)::pg_catalog.text, p.pronargdefaults::pg_catalog.text,
          (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(pg_catalog.chr(30), COALESCE(p.proargnames[u.place], ''),
               (SELECT pg_catalog.concat_ws(pg_catalog.chr(30), an.nspname, t.typname, t.typtype) FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace an ON an.oid OPERATOR(pg_catalog.=) t.typnamespace WHERE t.oid OPERATOR(pg_catalog.=) u.type)),
             pg_catalog.chr(31) ORDER BY u.place)
             FROM pg_catalog.unnest(COALESCE(p.proallargtypes, p.proargtypes::pg_catalog.oid[])) WITH ORDINALITY AS u(type, place)),
          {(withText ? Comment("p.oid", "pg_proc") : "NULL")}
        FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
        JOIN pg_catalog.pg_type r ON r.oid OPERATOR(pg_catalog.=) p.prorettype
        JOIN pg_catalog.pg_namespace rn ON rn.oid OPERATOR(pg_catalog.=) r.typnamespace
        WHERE p.prokind OPERATOR(pg_catalog.<>) 'a' AND p.pronamespace {NotSystem}
        ORDER BY n.nspname, p.proname, p.oid
        """;

    /// <summary>Base types, and types that somebody made; without their text, names of base types.</summary>
    internal static string Types(bool withText) => withText
        ? $"""
        SELECT n.nspname::pg_catalog.text, t.typname::pg_catalog.text, t.typtype::pg_catalog.text, b.typname::pg_catalog.text,
          CASE WHEN t.typtype OPERATOR(pg_catalog.=) 'e' THEN
            (SELECT pg_catalog.string_agg(e.enumlabel, pg_catalog.chr(31) ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid OPERATOR(pg_catalog.=) t.oid) END,
          CASE WHEN t.typnamespace {NotSystem} THEN {Comment("t.oid", "pg_type")} END
        FROM pg_catalog.pg_type t
        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
        LEFT JOIN pg_catalog.pg_type b ON b.oid OPERATOR(pg_catalog.=) t.typbasetype
        LEFT JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) t.typrelid
        WHERE t.typnamespace {NotTemporary} AND (t.typtype OPERATOR(pg_catalog.=) 'b'
          OR (t.typnamespace {NotSystem} AND (t.typtype OPERATOR(pg_catalog.=) ANY ('{"{e,d,r}"}'::pg_catalog."char"[]) OR c.relkind OPERATOR(pg_catalog.=) 'c')))
        ORDER BY n.nspname, t.typname
        """
        : $"SELECT ''::pg_catalog.text, t.typname::pg_catalog.text, 'b'::pg_catalog.text, NULL, NULL, NULL FROM pg_catalog.pg_type t WHERE t.typtype OPERATOR(pg_catalog.=) 'b' AND t.typnamespace {NotTemporary}";

    internal const string Extensions = "SELECT x.extname::pg_catalog.text, x.extversion, n.nspname::pg_catalog.text FROM pg_catalog.pg_extension x JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) x.extnamespace ORDER BY 1";

    // The functions for it are written in SQL, which is slow for thousands, and minds the search path up to PostgreSQL 13.
    private static string Comment(string oid, string catalog, string part = "0") =>
        $"(SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid OPERATOR(pg_catalog.=) {oid} AND d.classoid OPERATOR(pg_catalog.=) 'pg_catalog.{catalog}'::pg_catalog.regclass::pg_catalog.oid AND d.objsubid OPERATOR(pg_catalog.=) {part})";

    private static string ColumnNames(string relation, string numbers) =>
        $"(SELECT pg_catalog.string_agg((SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_attribute a WHERE a.attrelid OPERATOR(pg_catalog.=) {relation} AND a.attnum OPERATOR(pg_catalog.=) u.number), pg_catalog.chr(31) ORDER BY u.place) FROM pg_catalog.unnest({numbers}) WITH ORDINALITY AS u(number, place))";
}
