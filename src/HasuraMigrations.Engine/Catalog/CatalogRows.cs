using System.Globalization;

namespace HasuraMigrations.Engine.Catalog;

/// <summary>A table or view as its own row tells of it.</summary>
internal readonly record struct TableRow(uint Oid, CatalogName Name, bool IsPartition, int? Writes);

/// <summary>A unique index, with the numbers of its columns.</summary>
internal readonly record struct KeyRow(uint Table, string Name, uint Oid, bool IsPrimary, string Numbers);

/// <summary>A foreign key, with the numbers of its columns.</summary>
internal readonly record struct ForeignKeyRow(uint Table, string Name, uint Oid, uint Target, string Numbers, string TargetNumbers);

/// <summary>
/// The rows that tables are made of. They name columns by number and tables by oid, so that a new name changes no other list.
/// </summary>
internal sealed class CatalogRows
{
    private readonly Lazy<Dictionary<uint, TableRow>> _byOid;

    public CatalogRows() => _byOid = new(() => Tables!.ToDictionary(t => t.Oid));

    /// <summary>Tables and views.</summary>
    internal required IReadOnlyList<TableRow> Tables { get; init; }

    /// <summary>Columns by oid of the table.</summary>
    internal required IReadOnlyDictionary<uint, IReadOnlyList<CatalogColumn>> Columns { get; init; }

    /// <summary>Unique indexes by oid of the table.</summary>
    internal required ILookup<uint, KeyRow> Keys { get; init; }

    /// <summary>Foreign keys by oid of the table.</summary>
    internal required ILookup<uint, ForeignKeyRow> ForeignKeys { get; init; }

    /// <summary>The tables that the rows make.</summary>
    /// <param name="known">A table that the same rows made earlier, by oid; a new one is made where it is null.</param>
    internal List<CatalogTable> Build(Func<uint, CatalogTable?> known) => [.. Tables.Select(t => known(t.Oid) ?? Build(t))];

    /// <summary>True where other rows make the same table.</summary>
    internal bool MakesSame(uint table, CatalogRows other) =>
        IsSame(table, other)
        && ForeignKeys[table].SequenceEqual(other.ForeignKeys[table])
        && ForeignKeys[table].All(k => IsSame(k.Target, other));

    private bool IsSame(uint table, CatalogRows other) =>
        (ReferenceEquals(Tables, other.Tables) || Find(table) == other.Find(table))
        && ColumnsOf(table).SequenceEqual(other.ColumnsOf(table))
        && Keys[table].SequenceEqual(other.Keys[table]);

    private CatalogTable Build(TableRow row)
    {
        var table = new CatalogTable(row.Oid, row.Name) { IsPartition = row.IsPartition, Writes = row.Writes };
        foreach (var column in ColumnsOf(row.Oid))
        {
            table.Add(column);
        }

        foreach (var key in Keys[row.Oid])
        {
            table.Add(new CatalogKey(key.Name, key.Oid, key.IsPrimary, Names(row.Oid, key.Numbers)));
        }

        foreach (var key in ForeignKeys[row.Oid])
        {
            if (Find(key.Target) is not { } target)
            {
                continue;
            }

            table.Add(new CatalogForeignKey(key.Name, key.Oid, target.Name, Names(row.Oid, key.Numbers), Names(key.Target, key.TargetNumbers)));
        }

        return table;
    }

    private TableRow? Find(uint oid) => _byOid.Value.TryGetValue(oid, out var row) ? row : null;

    private IReadOnlyList<CatalogColumn> ColumnsOf(uint table) => Columns.GetValueOrDefault(table) ?? [];

    // What is computed in an index has no column.
    private List<string> Names(uint table, string numbers)
    {
        var columns = ColumnsOf(table);
        return [.. numbers.Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).Select(n => columns.FirstOrDefault(c => c.Position == n)?.Name).OfType<string>()];
    }
}
