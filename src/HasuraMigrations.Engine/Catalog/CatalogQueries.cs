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
    private const string Changed = "OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT x.attrelid FROM pg_catalog.pg_attribute x WHERE pg_catalog.age(x.xmin) OPERATOR(pg_catalog.<=) pg_catalog.age($1::pg_catalog.text::pg_catalog.xid)))";
    private const string IsView = "OPERATOR(pg_catalog.=) ANY ('{v,m}'::pg_catalog.\"char\"[])";

    /// <summary>Tables and views.</summary>
    /// <param name="withSystem">Those of the system, too.</param>
    internal static string Tables(bool withSystem) => $"""
        SELECT c.oid::pg_catalog.text, n.nspname::pg_catalog.text, c.relname::pg_catalog.text, c.relispartition::pg_catalog.text,
          CASE WHEN c.relkind {IsView} THEN pg_catalog.pg_relation_is_updatable(c.oid, true)::pg_catalog.text END
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        WHERE c.relkind {HasRows} AND c.relnamespace {(withSystem ? NotTemporary : NotSystem)}
        ORDER BY n.nspname, c.relname
        """;

    /// <summary>Columns of tables and views. The type under a domain may be a domain again only in theory: servers look one step down, too.</summary>
    /// <param name="withSystem">Those of the system, too.</param>
    /// <param name="ofChanged">Of whatever has a row in the catalog of columns that is no older than the transaction of the first parameter.</param>
    internal static string Columns(bool withSystem, bool ofChanged = false) => $"""
        SELECT a.attrelid::pg_catalog.text, a.attname::pg_catalog.text, a.attnum::pg_catalog.text,
          CASE WHEN t.typtype OPERATOR(pg_catalog.=) 'd' THEN (SELECT b.typname::pg_catalog.text FROM pg_catalog.pg_type b WHERE b.oid OPERATOR(pg_catalog.=) t.typbasetype)
               WHEN t.typcategory OPERATOR(pg_catalog.=) 'A' AND t.typelem OPERATOR(pg_catalog.<>) 0::pg_catalog.oid THEN
                 (SELECT pg_catalog.concat(e.typname, '[]') FROM pg_catalog.pg_type e WHERE e.oid OPERATOR(pg_catalog.=) t.typelem)
               ELSE t.typname::pg_catalog.text END,
          t.typname::pg_catalog.text, t.typtype::pg_catalog.text,
          (NOT a.attnotnull)::pg_catalog.text, a.attidentity::pg_catalog.text, (a.attgenerated OPERATOR(pg_catalog.<>) '')::pg_catalog.text
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
    internal const string ForeignKeys = $"""
        SELECT k.conrelid::pg_catalog.text, k.conname::pg_catalog.text, k.oid::pg_catalog.text, k.confrelid::pg_catalog.text,
          pg_catalog.array_to_string(k.conkey, ' '), pg_catalog.array_to_string(k.confkey, ' ')
        FROM pg_catalog.pg_constraint k
        WHERE k.contype OPERATOR(pg_catalog.=) 'f' AND k.connamespace {NotSystem}
        ORDER BY k.conname
        """;

    /// <summary>Functions.</summary>
    internal const string Functions = $"""
        SELECT p.oid::pg_catalog.text, n.nspname::pg_catalog.text, p.proname::pg_catalog.text, p.provolatile::pg_catalog.text, rn.nspname::pg_catalog.text, r.typname::pg_catalog.text, r.typtype::pg_catalog.text,
          p.proretset::pg_catalog.text, (p.provariadic OPERATOR(pg_catalog.<>) 0::pg_catalog.oid)::pg_catalog.text,
          (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(pg_catalog.chr(30), COALESCE(p.proargnames[u.place], ''),
               (SELECT pg_catalog.concat_ws(pg_catalog.chr(30), an.nspname, t.typname, t.typtype) FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace an ON an.oid OPERATOR(pg_catalog.=) t.typnamespace WHERE t.oid OPERATOR(pg_catalog.=) u.type)),
             pg_catalog.chr(31) ORDER BY u.place)
             FROM pg_catalog.unnest(COALESCE(p.proallargtypes, p.proargtypes::pg_catalog.oid[])) WITH ORDINALITY AS u(type, place))
        FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
        JOIN pg_catalog.pg_type r ON r.oid OPERATOR(pg_catalog.=) p.prorettype
        JOIN pg_catalog.pg_namespace rn ON rn.oid OPERATOR(pg_catalog.=) r.typnamespace
        WHERE p.prokind OPERATOR(pg_catalog.<>) 'a' AND p.pronamespace {NotSystem}
        ORDER BY n.nspname, p.proname, p.oid
        """;

    /// <summary>Names of base types.</summary>
    internal const string BaseTypes = $"SELECT t.typname::pg_catalog.text FROM pg_catalog.pg_type t WHERE t.typtype OPERATOR(pg_catalog.=) 'b' AND t.typnamespace {NotTemporary}";

    /// <summary>Lists of what metadata can rest on, without any text, as one statement: each row begins with what it is.</summary>
    /// <param name="lists">Which ones.</param>
    /// <param name="withSystem">Tables and views of the system, too.</param>
    internal static string Facts(CatalogLists lists, bool withSystem)
    {
        (CatalogLists List, string Name, int Width, string Query)[] all =
        [
            (CatalogLists.Columns, "snapshot", 1, "SELECT pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot())::pg_catalog.text"),
            (CatalogLists.Tables, "table", 5, Tables(withSystem)),
            (CatalogLists.ChangedColumns, "column", 9, Columns(withSystem, ofChanged: true)),
            (CatalogLists.Columns, "column", 9, Columns(withSystem)),
            (CatalogLists.Keys, "key", 5, Keys),
            (CatalogLists.ForeignKeys, "foreign key", 6, ForeignKeys),
            (CatalogLists.Functions, "function", 10, Functions),
            (CatalogLists.Types, "type", 1, BaseTypes),
        ];
        var chosen = all.Where(l => lists.HasFlag(l.List)).ToList();
        var width = chosen.Max(l => l.Width);
        return string.Join("\nUNION ALL\n", chosen.Select(l => $"SELECT '{l.Name}'::pg_catalog.text, q.*{string.Concat(Enumerable.Repeat(", NULL::pg_catalog.text", width - l.Width))} FROM ({l.Query}) AS q"));
    }
}
