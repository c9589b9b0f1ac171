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
    private const string IsMade = "OPERATOR(pg_catalog.=) ANY ('{e,d,r}'::pg_catalog.\"char\"[])";
    private const string Default = "(SELECT pg_catalog.pg_get_expr(f.adbin, f.adrelid) FROM pg_catalog.pg_attrdef f WHERE f.adrelid OPERATOR(pg_catalog.=) a.attrelid AND f.adnum OPERATOR(pg_catalog.=) a.attnum)";
    private const string Changed = "OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT x.attrelid FROM pg_catalog.pg_attribute x WHERE pg_catalog.age(x.xmin) OPERATOR(pg_catalog.<=) pg_catalog.age($1::pg_catalog.text::pg_catalog.xid)))";
    private const string IsView = "OPERATOR(pg_catalog.=) ANY ('{v,m}'::pg_catalog.\"char\"[])";

    internal static readonly string Schemas = $"SELECT n.nspname::pg_catalog.text, {Comment("n.oid", "pg_namespace")} FROM pg_catalog.pg_namespace n WHERE n.oid {NotSystem} ORDER BY 1";

    /// <summary>Tables and views.</summary>
    /// <param name="withSystem">Those of the system, too.</param>
    /// <param name="withText">With comments.</param>
    internal static string Tables(bool withSystem, bool withText) => $"""
        SELECT c.oid::pg_catalog.text, n.nspname::pg_catalog.text, c.relname::pg_catalog.text, c.relkind::pg_catalog.text, c.relispartition::pg_catalog.text,
          CASE WHEN c.relkind {IsView} THEN pg_catalog.pg_relation_is_updatable(c.oid, true)::pg_catalog.text END{(withText ? $", {Comment("c.oid", "pg_class")}" : "")}
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        WHERE c.relkind {HasRows} AND c.relnamespace {(withSystem ? NotTemporary : NotSystem)}
        ORDER BY n.nspname, c.relname
        """;

    /// <summary>Columns of tables and views. The type under a domain may be a domain again only in theory: servers look one step down, too.</summary>
    /// <param name="withSystem">Those of the system, too.</param>
    /// <param name="withText">With comments, and with what they are made with, as SQL.</param>
    /// <param name="ofChanged">Of whatever has a row in the catalog of columns that is no older than the transaction of the first parameter.</param>
    internal static string Columns(bool withSystem, bool withText, bool ofChanged = false) => $"""
        SELECT a.attrelid::pg_catalog.text, a.attname::pg_catalog.text, a.attnum::pg_catalog.text,
          CASE WHEN t.typtype OPERATOR(pg_catalog.=) 'd' THEN (SELECT b.typname::pg_catalog.text FROM pg_catalog.pg_type b WHERE b.oid OPERATOR(pg_catalog.=) t.typbasetype)
               WHEN t.typcategory OPERATOR(pg_catalog.=) 'A' AND t.typelem OPERATOR(pg_catalog.<>) 0::pg_catalog.oid THEN
                 (SELECT pg_catalog.concat(e.typname, '[]') FROM pg_catalog.pg_type e WHERE e.oid OPERATOR(pg_catalog.=) t.typelem)
               ELSE t.typname::pg_catalog.text END,
          t.typname::pg_catalog.text, t.typtype::pg_catalog.text,
          (NOT a.attnotnull)::pg_catalog.text, a.attidentity::pg_catalog.text, (a.attgenerated OPERATOR(pg_catalog.<>) '')::pg_catalog.text{(withText ? $", pg_catalog.format_type(a.atttypid, a.atttypmod), {Default}, {Comment("a.attrelid", "pg_class", "a.attnum")}" : "")}
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
        {(ofChanged ? $"WHERE a.attrelid {Changed}" : $"JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) a.attrelid WHERE c.relkind {HasRows} AND c.relnamespace {(withSystem ? NotTemporary : NotSystem)}")}
          AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
        ORDER BY a.attrelid, a.attnum
        """;

    /// <summary>Unique indexes, with the numbers of their columns.</summary>
    internal const string Keys = $"""
        SELECT i.indrelid::pg_catalog.text, x.relname::pg_catalog.text, x.oid::pg_catalog.text, i.indisprimary::pg_catalog.text, i.indkey::pg_catalog.text
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class x ON x.oid OPERATOR(pg_catalog.=) i.indexrelid
        WHERE i.indisunique AND x.relnamespace {NotSystem}
        ORDER BY x.relname
        """;

    /// <summary>Foreign keys, with the numbers of their columns.</summary>
    /// <param name="withText">As SQL writes them, too.</param>
    internal static string ForeignKeys(bool withText) => $"""
        SELECT k.conrelid::pg_catalog.text, k.conname::pg_catalog.text, k.oid::pg_catalog.text, k.confrelid::pg_catalog.text,
          pg_catalog.array_to_string(k.conkey, ' '), pg_catalog.array_to_string(k.confkey, ' '){(withText ? ", pg_catalog.pg_get_constraintdef(k.oid)" : "")}
        FROM pg_catalog.pg_constraint k
        WHERE k.contype OPERATOR(pg_catalog.=) 'f' AND k.connamespace {NotSystem}
        ORDER BY k.conname
        """;

    /// <summary>Indexes, checks and triggers of tables, as SQL writes them.</summary>
    internal const string Texts = $"""
        SELECT t.relation::pg_catalog.text, t.kind, t.name::pg_catalog.text, t.definition FROM (
          SELECT i.indrelid, 'index'::pg_catalog.text, x.relname, pg_catalog.pg_get_indexdef(i.indexrelid), x.relnamespace
          FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid OPERATOR(pg_catalog.=) i.indexrelid
          UNION ALL
          SELECT k.conrelid, 'check', k.conname, pg_catalog.pg_get_constraintdef(k.oid), k.connamespace
          FROM pg_catalog.pg_constraint k WHERE k.contype OPERATOR(pg_catalog.=) 'c'
          UNION ALL
          SELECT g.tgrelid, 'trigger', g.tgname, pg_catalog.pg_get_triggerdef(g.oid), c.relnamespace
          FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) g.tgrelid WHERE NOT g.tgisinternal
        ) AS t(relation, kind, name, definition, namespace)
        WHERE t.namespace {NotSystem}
        ORDER BY t.name
        """;

    /// <summary>Functions.</summary>
    /// <param name="withText">With comments.</param>
    internal static string Functions(bool withText) => $"""
        SELECT p.oid::pg_catalog.text, n.nspname::pg_catalog.text, p.proname::pg_catalog.text, p.provolatile::pg_catalog.text, rn.nspname::pg_catalog.text, r.typname::pg_catalog.text, r.typtype::pg_catalog.text,
          p.proretset::pg_catalog.text, (p.provariadic OPERATOR(pg_catalog.<>) 0::pg_catalog.oid)::pg_catalog.text, p.pronargdefaults::pg_catalog.text,
          (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(pg_catalog.chr(30), COALESCE(p.proargnames[u.place], ''),
               (SELECT pg_catalog.concat_ws(pg_catalog.chr(30), an.nspname, t.typname, t.typtype) FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace an ON an.oid OPERATOR(pg_catalog.=) t.typnamespace WHERE t.oid OPERATOR(pg_catalog.=) u.type)),
             pg_catalog.chr(31) ORDER BY u.place)
             FROM pg_catalog.unnest(COALESCE(p.proallargtypes, p.proargtypes::pg_catalog.oid[])) WITH ORDINALITY AS u(type, place)){(withText ? $", {Comment("p.oid", "pg_proc")}" : "")}
        FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
        JOIN pg_catalog.pg_type r ON r.oid OPERATOR(pg_catalog.=) p.prorettype
        JOIN pg_catalog.pg_namespace rn ON rn.oid OPERATOR(pg_catalog.=) r.typnamespace
        WHERE p.prokind OPERATOR(pg_catalog.<>) 'a' AND p.pronamespace {NotSystem}
        ORDER BY n.nspname, p.proname, p.oid
        """;

    /// <summary>Base types, and types that somebody made.</summary>
    internal static readonly string Types = $"""
        SELECT n.nspname::pg_catalog.text, t.typname::pg_catalog.text, t.typtype::pg_catalog.text, b.typname::pg_catalog.text,
          CASE WHEN t.typtype OPERATOR(pg_catalog.=) 'e' THEN
            (SELECT pg_catalog.string_agg(e.enumlabel, pg_catalog.chr(31) ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid OPERATOR(pg_catalog.=) t.oid) END,
          CASE WHEN t.typnamespace {NotSystem} THEN {Comment("t.oid", "pg_type")} END
        FROM pg_catalog.pg_type t
        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
        LEFT JOIN pg_catalog.pg_type b ON b.oid OPERATOR(pg_catalog.=) t.typbasetype
        LEFT JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) t.typrelid
        WHERE t.typnamespace {NotTemporary} AND (t.typtype OPERATOR(pg_catalog.=) 'b'
          OR (t.typnamespace {NotSystem} AND (t.typtype {IsMade} OR c.relkind OPERATOR(pg_catalog.=) 'c')))
        ORDER BY n.nspname, t.typname
        """;

    /// <summary>Names of base types.</summary>
    internal const string BaseTypes = $"SELECT t.typname::pg_catalog.text FROM pg_catalog.pg_type t WHERE t.typtype OPERATOR(pg_catalog.=) 'b' AND t.typnamespace {NotTemporary}";

    internal const string Extensions = "SELECT x.extname::pg_catalog.text, x.extversion, n.nspname::pg_catalog.text FROM pg_catalog.pg_extension x JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) x.extnamespace ORDER BY 1";

    /// <summary>Lists of what metadata can rest on, without any text, as one statement: each row begins with what it is.</summary>
    /// <param name="lists">Which ones.</param>
    /// <param name="withSystem">Tables and views of the system, too.</param>
    internal static string Facts(CatalogLists lists, bool withSystem)
    {
        (CatalogLists List, string Name, int Width, string Query)[] all =
        [
            (CatalogLists.Columns, "snapshot", 1, "SELECT pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot())::pg_catalog.text"),
            (CatalogLists.Tables, "table", 6, Tables(withSystem, withText: false)),
            (CatalogLists.ChangedColumns, "column", 9, Columns(withSystem, withText: false, ofChanged: true)),
            (CatalogLists.Columns, "column", 9, Columns(withSystem, withText: false)),
            (CatalogLists.Keys, "key", 5, Keys),
            (CatalogLists.ForeignKeys, "foreign key", 6, ForeignKeys(withText: false)),
            (CatalogLists.Functions, "function", 11, Functions(withText: false)),
            (CatalogLists.Types, "type", 1, BaseTypes),
        ];
        var chosen = all.Where(l => lists.HasFlag(l.List)).ToList();
        var width = chosen.Max(l => l.Width);
        return string.Join("\nUNION ALL\n", chosen.Select(l => $"SELECT '{l.Name}'::pg_catalog.text, q.*{string.Concat(Enumerable.Repeat(", NULL::pg_catalog.text", width - l.Width))} FROM ({l.Query}) AS q"));
    }

    // The functions for it are written in SQL, which is slow for thousands, and minds the search path up to PostgreSQL 13.
    private static string Comment(string oid, string catalog, string part = "0") =>
        $"(SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid OPERATOR(pg_catalog.=) {oid} AND d.classoid OPERATOR(pg_catalog.=) 'pg_catalog.{catalog}'::pg_catalog.regclass::pg_catalog.oid AND d.objsubid OPERATOR(pg_catalog.=) {part})";
}
