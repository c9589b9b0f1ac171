using System.Data;
using System.Globalization;
using Npgsql;

namespace HasuraMigrations.Engine.Catalog;

/// <summary>
/// Reads what needs what in a database: <c>pg_depend</c>, with the rules of views, defaults and constraints counted for the things
/// they belong to (PostgreSQL manual, Dependency Tracking). Bodies of functions that are plain text are not recorded there.
/// </summary>
internal static class CatalogLinksReader
{
    // These numbers are the same in every version (PostgreSQL sources, CATALOG declarations).
    private const uint OfClass = 1259;
    private const uint OfProc = 1255;
    private const uint OfType = 1247;
    private const uint OfConstraint = 2606;
    private const uint OfRewrite = 2618;
    private const uint OfDefault = 2604;
    private const uint OfTrigger = 2620;
    private const uint OfPolicy = 3256;

    /// <summary>The first oid that is not of the system (PostgreSQL sources, FirstNormalObjectId).</summary>
    private const string FirstOid = "16384::pg_catalog.oid";
    private const string InSystem = "OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT s.oid FROM pg_catalog.pg_namespace s WHERE s.nspname OPERATOR(pg_catalog.~) '^pg_' OR s.nspname OPERATOR(pg_catalog.=) 'information_schema'))";

    /// <summary>Asks for them.</summary>
    internal const string Query = $"""
        SELECT 'depend'::pg_catalog.text, d.classid::pg_catalog.text, d.objid::pg_catalog.text, d.objsubid::pg_catalog.text, d.refclassid::pg_catalog.text, d.refobjid::pg_catalog.text, d.refobjsubid::pg_catalog.text
        FROM pg_catalog.pg_depend d WHERE d.objid OPERATOR(pg_catalog.>=) {FirstOid} AND d.refobjid OPERATOR(pg_catalog.>=) {FirstOid}
        UNION ALL SELECT 'class', c.oid::pg_catalog.text, n.nspname::pg_catalog.text, c.relname::pg_catalog.text, c.relkind::pg_catalog.text, (SELECT i.indrelid::pg_catalog.text FROM pg_catalog.pg_index i WHERE i.indexrelid OPERATOR(pg_catalog.=) c.oid), NULL
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace WHERE NOT c.relnamespace {InSystem}
        UNION ALL SELECT 'column', a.attrelid::pg_catalog.text, a.attnum::pg_catalog.text, a.attname::pg_catalog.text, a.atttypid::pg_catalog.text, NULL, NULL
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) a.attrelid WHERE NOT c.relnamespace {InSystem} AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
        UNION ALL SELECT 'proc', p.oid::pg_catalog.text, n.nspname::pg_catalog.text, p.proname::pg_catalog.text, p.prorettype::pg_catalog.text, pg_catalog.array_to_string(COALESCE(p.proallargtypes, p.proargtypes::pg_catalog.oid[]), ' '), NULL
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace WHERE NOT p.pronamespace {InSystem}
        UNION ALL SELECT 'type', t.oid::pg_catalog.text, n.nspname::pg_catalog.text, t.typname::pg_catalog.text, t.typrelid::pg_catalog.text, t.typelem::pg_catalog.text, t.typcategory::pg_catalog.text
        FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace WHERE NOT t.typnamespace {InSystem}
        UNION ALL SELECT 'constraint', k.oid::pg_catalog.text, k.conname::pg_catalog.text, k.conrelid::pg_catalog.text, k.contypid::pg_catalog.text, k.contype::pg_catalog.text, k.conindid::pg_catalog.text FROM pg_catalog.pg_constraint k WHERE NOT k.connamespace {InSystem}
        UNION ALL SELECT 'rule', r.oid::pg_catalog.text, r.ev_class::pg_catalog.text, NULL, NULL, NULL, NULL FROM pg_catalog.pg_rewrite r WHERE r.oid OPERATOR(pg_catalog.>=) {FirstOid}
        UNION ALL SELECT 'default', f.oid::pg_catalog.text, f.adrelid::pg_catalog.text, f.adnum::pg_catalog.text, NULL, NULL, NULL FROM pg_catalog.pg_attrdef f
        UNION ALL SELECT 'trigger', g.oid::pg_catalog.text, g.tgname::pg_catalog.text, g.tgrelid::pg_catalog.text, g.tgisinternal::pg_catalog.text, NULL, NULL FROM pg_catalog.pg_trigger g
        UNION ALL SELECT 'policy', o.oid::pg_catalog.text, o.polname::pg_catalog.text, o.polrelid::pg_catalog.text, NULL, NULL, NULL FROM pg_catalog.pg_policy o
        """;

    /// <summary>Reads them, as the transaction of the session sees them.</summary>
    internal static async Task<IReadOnlyList<CatalogLink>> ReadAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var batch = new OwnBatch(session).Add(new NpgsqlBatchCommand(Query));
        await using var reader = await batch.ReadAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        return Of(await CatalogRead.ListAsync(reader, r => r, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>What <see cref="Query"/> answered.</summary>
    internal static IReadOnlyList<CatalogLink> Of(IEnumerable<string?[]> rows) => new Resolving(rows.ToLookup(r => r[0]!, StringComparer.Ordinal)).Links();

    // Rows name things by their numbers; most belong to a relation, which is what users know.
    private sealed class Resolving
    {
        private readonly ILookup<string, string?[]> _rows;
        private readonly Dictionary<uint, string?[]> _classes;
        private readonly Dictionary<(uint Table, int Number), string?[]> _columns;
        private readonly Dictionary<uint, string?[]> _functions;
        private readonly Dictionary<uint, string?[]> _types;
        private readonly Dictionary<uint, string?[]> _constraints;
        private readonly Dictionary<uint, uint> _rules;
        private readonly Dictionary<uint, (uint Table, int Number)> _defaults;
        private readonly Dictionary<uint, string?[]> _triggers;
        private readonly Dictionary<uint, string?[]> _policies;
        private readonly Dictionary<uint, uint> _constraintIndexes = [];

        internal Resolving(ILookup<string, string?[]> rows)
        {
            _rows = rows;
            Dictionary<uint, string?[]> ByOid(string kind) => rows[kind].ToDictionary(r => CatalogRead.Oid(r[1]));
            (_classes, _functions, _types, _constraints, _triggers, _policies) = (ByOid("class"), ByOid("proc"), ByOid("type"), ByOid("constraint"), ByOid("trigger"), ByOid("policy"));
            _columns = rows["column"].ToDictionary(r => (CatalogRead.Oid(r[1]), Number(r[2])));
            // The index of a key is part of the key; that of a foreign key belongs to the other table.
            foreach (var (oid, row) in _constraints.Where(c => c.Value[5] is "p" or "u" or "x"))
            {
                _constraintIndexes[CatalogRead.Oid(row[6])] = oid;
            }

            _rules = rows["rule"].ToDictionary(r => CatalogRead.Oid(r[1]), r => CatalogRead.Oid(r[2]));
            _defaults = rows["default"].ToDictionary(r => CatalogRead.Oid(r[1]), r => (CatalogRead.Oid(r[2]), Number(r[3])));
        }

        internal IReadOnlyList<CatalogLink> Links()
        {
            var links = new HashSet<CatalogLink>();
            void Add(CatalogObject? from, CatalogObject? to, CatalogLinkKind kind)
            {
                // A view needs its own columns, and a column its own table: that is no news.
                if (from is { } one && to is { } other && one != other && !(one.Owner == other.Owner && one.Kind is CatalogObjectKind.Table or CatalogObjectKind.Column && other.Kind is CatalogObjectKind.Table))
                {
                    links.Add(new CatalogLink(one, other, kind));
                }
            }

            foreach (var row in _rows["depend"])
            {
                var (from, to) = ((CatalogRead.Oid(row[1]), CatalogRead.Oid(row[2]), Number(row[3])), (CatalogRead.Oid(row[4]), CatalogRead.Oid(row[5]), Number(row[6])));
                Add(Find(from.Item1, from.Item2, from.Item3), Find(to.Item1, to.Item2, to.Item3), KindOf(from.Item1, from.Item2, to.Item1));
            }

            foreach (var function in _functions)
            {
                var from = Find(OfProc, function.Key, 0);
                Add(from, OfRowType(CatalogRead.Oid(function.Value[4])), CatalogLinkKind.Returns);
                foreach (var argument in (function.Value[5] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    Add(from, OfRowType(CatalogRead.Oid(argument)), CatalogLinkKind.Type);
                }
            }

            foreach (var (place, column) in _columns.Where(c => IsRelation(c.Key.Table)))
            {
                Add(Find(OfClass, place.Table, place.Number), OfRowType(CatalogRead.Oid(column[4])), CatalogLinkKind.Type);
            }

            return [.. links];
        }

        private CatalogLinkKind KindOf(uint @class, uint oid, uint target) => (@class, target) switch
        {
            (OfRewrite, _) => CatalogLinkKind.View,
            (OfDefault, _) => CatalogLinkKind.Default,
            (OfTrigger or OfPolicy, OfProc) => CatalogLinkKind.Calls,
            (OfConstraint, _) => _constraints.GetValueOrDefault(oid)?[5] == "f" ? CatalogLinkKind.ForeignKey : CatalogLinkKind.Constraint,
            (OfClass, OfType) => CatalogLinkKind.Type,
            (OfClass, _) when _classes.GetValueOrDefault(oid)?[5] is not null => CatalogLinkKind.Constraint,
            _ => CatalogLinkKind.Uses,
        };

        private bool IsRelation(uint oid) => _classes.GetValueOrDefault(oid)?[4] is "r" or "v" or "m" or "f" or "p";

        private CatalogObject? OfRowType(uint type) => _types.ContainsKey(type) ? Find(OfType, type, 0) : null;

        private CatalogObject? Find(uint @class, uint oid, int number) => @class switch
        {
            OfClass => Relation(oid, number),
            OfProc => _functions.GetValueOrDefault(oid) is { } function ? new CatalogObject(CatalogObjectKind.Function, Name(function)) : null,
            OfType => Type(oid),
            OfConstraint => Constraint(oid),
            OfRewrite => _rules.TryGetValue(oid, out var view) ? Relation(view, 0) : null,
            OfDefault => _defaults.TryGetValue(oid, out var place) ? Relation(place.Table, place.Number) : null,
            // Triggers of constraints are part of them.
            OfTrigger => _triggers.GetValueOrDefault(oid) is { } trigger && trigger[4] == "false" ? Member(CatalogObjectKind.Trigger, trigger[3], trigger[2]!) : null,
            OfPolicy => _policies.GetValueOrDefault(oid) is { } policy ? Member(CatalogObjectKind.Policy, policy[3], policy[2]!) : null,
            _ => null,
        };

        private CatalogObject? Relation(uint oid, int number)
        {
            if (_classes.GetValueOrDefault(oid) is not { } row)
            {
                return null;
            }

            return row[4] switch
            {
                _ when _constraintIndexes.TryGetValue(oid, out var constraint) => Constraint(constraint),
                _ when row[5] is { } table => Member(CatalogObjectKind.Index, table, row[3]!),
                "S" => new CatalogObject(CatalogObjectKind.Sequence, Name(row)),
                "c" => new CatalogObject(CatalogObjectKind.Type, Name(row)),
                "r" or "v" or "m" or "f" or "p" => number == 0 ? new CatalogObject(CatalogObjectKind.Table, Name(row))
                    : _columns.GetValueOrDefault((oid, number)) is { } column ? new CatalogObject(CatalogObjectKind.Column, Name(row), column[3]!) : null,
                _ => null,
            };
        }

        // The row type of a table is the table, and an array is its elements.
        private CatalogObject? Type(uint oid)
        {
            if (_types.GetValueOrDefault(oid) is not { } row)
            {
                return null;
            }

            var relation = CatalogRead.Oid(row[4]);
            return relation != 0 && IsRelation(relation) ? Relation(relation, 0)
                : row[6] == "A" && CatalogRead.Oid(row[5]) is var element and not 0 ? Type(element)
                : new CatalogObject(CatalogObjectKind.Type, Name(row));
        }

        private CatalogObject? Constraint(uint oid)
        {
            if (_constraints.GetValueOrDefault(oid) is not { } row)
            {
                return null;
            }

            // A constraint of a domain is part of the type.
            return CatalogRead.Oid(row[3]) == 0 ? Type(CatalogRead.Oid(row[4])) : Member(row[5] == "f" ? CatalogObjectKind.ForeignKey : CatalogObjectKind.Constraint, row[3], row[2]!);
        }

        private CatalogObject? Member(CatalogObjectKind kind, string? table, string name) =>
            _classes.GetValueOrDefault(CatalogRead.Oid(table)) is { } row ? new CatalogObject(kind, Name(row), name) : null;

        private static CatalogName Name(string?[] row) => new(row[2]!, row[3]!);

        private static int Number(string? text) => int.Parse(text!, CultureInfo.InvariantCulture);
    }
}
