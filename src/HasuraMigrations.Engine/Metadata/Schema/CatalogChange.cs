using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>What became of a thing in a database.</summary>
internal enum CatalogChangeKind
{
    Dropped,
    Renamed,
    Retyped,
    NullabilityChanged,
    WritabilityChanged,
    Added,
}

/// <summary>A thing in a database that changed.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Before">The thing, by the name it had; of a new one, by the name that it has.</param>
/// <param name="After">The thing, by the name it has; null where it is gone.</param>
/// <param name="Old">The old type; null where it is not about types.</param>
/// <param name="New">The new type.</param>
internal sealed record CatalogChange(CatalogChangeKind Kind, ObjectId Before, ObjectId? After, string? Old = null, string? New = null)
{
    /// <summary>What happened, to follow the name of the thing.</summary>
    internal string Sentence => Kind switch
    {
        CatalogChangeKind.Dropped => "was dropped",
        CatalogChangeKind.Renamed => $"was renamed to '{ObjectNames.Text(After!.Value)}'",
        CatalogChangeKind.Retyped => $"changed its type from {Old} to {New}",
        CatalogChangeKind.NullabilityChanged => $"became {New}",
        CatalogChangeKind.WritabilityChanged => "accepts other writes than before",
        _ => "was added",
    };

    /// <summary>What differs between two catalogs of one database. Things are followed by their numbers, which renames keep; what was dropped and made again under the same name is the same thing.</summary>
    /// <param name="source">The source.</param>
    /// <param name="before">The catalog as it was.</param>
    /// <param name="after">The catalog as it is.</param>
    internal static IReadOnlyList<CatalogChange> Between(string source, DatabaseCatalog before, DatabaseCatalog after) => [.. new Differences(source, before, after).All()];

    private sealed class Differences(string source, DatabaseCatalog before, DatabaseCatalog after)
    {
        internal IEnumerable<CatalogChange> All()
        {
            var met = new HashSet<uint>();
            foreach (var table in before.Tables)
            {
                var now = after.FindTable(table.Oid) ?? Again(table);
                if (now is not null)
                {
                    met.Add(now.Oid);
                }

                foreach (var change in OfTable(table, now))
                {
                    yield return change;
                }
            }

            foreach (var table in after.Tables.Where(t => !met.Contains(t.Oid)))
            {
                yield return Added(Id(table));
            }

            foreach (var change in OfFunctions())
            {
                yield return change;
            }
        }

        private CatalogTable? Again(CatalogTable table) =>
            after.FindTable(table.Name.Schema, table.Name.Name) is { } same && before.FindTable(same.Oid) is null ? same : null;

        private IEnumerable<CatalogChange> OfTable(CatalogTable table, CatalogTable? now)
        {
            var id = Id(table);
            if (now is null)
            {
                yield return new CatalogChange(CatalogChangeKind.Dropped, id, null);
                yield break;
            }

            if (now.Name != table.Name)
            {
                yield return new CatalogChange(CatalogChangeKind.Renamed, id, Id(now));
            }

            // A view can be defined anew, or lose the trigger that writes for it.
            if ((now.IsInsertable, now.IsUpdatable, now.IsDeletable) != (table.IsInsertable, table.IsUpdatable, table.IsDeletable))
            {
                yield return new CatalogChange(CatalogChangeKind.WritabilityChanged, id, Id(now));
            }

            foreach (var change in OfColumns(id, table, now).Concat(OfKeys(id, table, now)))
            {
                yield return change;
            }
        }

        private static IEnumerable<CatalogChange> OfColumns(ObjectId id, CatalogTable table, CatalogTable now)
        {
            var isSame = table.Oid == now.Oid;
            var met = new HashSet<int>();
            foreach (var column in table.Columns)
            {
                var next = (isSame ? now.Columns.FirstOrDefault(c => c.Position == column.Position) : null)
                    ?? (now.FindColumn(column.Name) is { } again && (!isSame || table.Columns.All(c => c.Position != again.Position)) ? again : null);
                var from = id with { Kind = ObjectKind.Column, Name = column.Name };
                if (next is null)
                {
                    yield return new CatalogChange(CatalogChangeKind.Dropped, from, null);
                    continue;
                }

                met.Add(next.Position);
                var to = Id(now, id.Source) with { Kind = ObjectKind.Column, Name = next.Name };
                if (next.Name != column.Name)
                {
                    yield return new CatalogChange(CatalogChangeKind.Renamed, from, to);
                }

                if ((next.Type, next.TypeKind) != (column.Type, column.TypeKind))
                {
                    yield return new CatalogChange(CatalogChangeKind.Retyped, from, to, column.Type, next.Type);
                }

                if (next.IsNullable != column.IsNullable)
                {
                    yield return new CatalogChange(CatalogChangeKind.NullabilityChanged, from, to, column.IsNullable ? "nullable" : "not null", next.IsNullable ? "nullable" : "not null");
                }

                if (next.IsWritable != column.IsWritable)
                {
                    yield return new CatalogChange(CatalogChangeKind.WritabilityChanged, from, to);
                }
            }

            foreach (var column in now.Columns.Where(c => !met.Contains(c.Position)))
            {
                yield return Added(Id(now, id.Source) with { Kind = ObjectKind.Column, Name = column.Name });
            }
        }

        // A key that was made again with the same target and columns is the same key. What servers need of it is its columns.
        private IEnumerable<CatalogChange> OfKeys(ObjectId id, CatalogTable table, CatalogTable now)
        {
            foreach (var key in table.ForeignKeys.Where(k => now.ForeignKeys.All(n => n.Oid != k.Oid && !IsSame(k, n))))
            {
                yield return new CatalogChange(CatalogChangeKind.Dropped, id with { Kind = ObjectKind.ForeignKey, Name = key.Name }, null);
            }

            foreach (var key in now.ForeignKeys.Where(n => table.ForeignKeys.All(k => n.Oid != k.Oid && !IsSame(k, n))))
            {
                yield return Added(Id(now) with { Kind = ObjectKind.ForeignKey, Name = key.Name });
            }

            if (table.PrimaryKey is { } primary && (now.PrimaryKey is null || !primary.Columns.SequenceEqual(now.PrimaryKey.Columns)))
            {
                yield return new CatalogChange(CatalogChangeKind.Dropped, id with { Kind = ObjectKind.Constraint, Name = primary.Name }, null);
            }
        }

        private static bool IsSame(CatalogForeignKey one, CatalogForeignKey other) =>
            one.Target == other.Target && one.Columns.Zip(one.TargetColumns).ToHashSet().SetEquals(other.Columns.Zip(other.TargetColumns));

        private IEnumerable<CatalogChange> OfFunctions()
        {
            foreach (var function in before.Facts.Functions)
            {
                var id = ObjectId.OfFunction(source, new QualifiedName(function.Name.Schema, function.Name.Name));
                var now = after.FindFunction(function.Oid);
                if (now is null)
                {
                    if (!after.FindFunctions(function.Name.Schema, function.Name.Name).Any())
                    {
                        yield return new CatalogChange(CatalogChangeKind.Dropped, id, null);
                        continue;
                    }

                    now = after.FindFunctions(function.Name.Schema, function.Name.Name).First();
                }

                if (now.Name != function.Name)
                {
                    yield return new CatalogChange(CatalogChangeKind.Renamed, id, ObjectId.OfFunction(source, new QualifiedName(now.Name.Schema, now.Name.Name)));
                }

                if (now.Returns != Moved(function.Returns) || !now.Arguments.SequenceEqual(function.Arguments.Select(Moved)) || now.Volatility != function.Volatility)
                {
                    yield return new CatalogChange(CatalogChangeKind.Retyped, id, id, Signature(function), Signature(now));
                }
            }
        }

        // A row type has the name of its table, which is no change of the function.
        private CatalogName Moved(CatalogName type) => before.FindTable(type.Schema, type.Name) is { } table && after.FindTable(table.Oid) is { } now ? now.Name : type;

        private CatalogArgument Moved(CatalogArgument argument)
        {
            var type = Moved(new CatalogName(argument.TypeSchema, argument.Type));
            return argument with { TypeSchema = type.Schema, Type = type.Name };
        }

        private static string Signature(CatalogFunction function) =>
            $"({string.Join(", ", function.Arguments.Select(a => $"{a.Name} {a.Type}".Trim()))}) returns {(function.ReturnsSet ? "setof " : "")}{function.Returns.Name}{(function.Volatility == 'v' ? " volatile" : "")}";

        private static CatalogChange Added(ObjectId id) => new(CatalogChangeKind.Added, id, id);

        private ObjectId Id(CatalogTable table) => Id(table, source);

        private static ObjectId Id(CatalogTable table, string source) => ObjectId.OfTable(source, new QualifiedName(table.Name.Schema, table.Name.Name));
    }
}
