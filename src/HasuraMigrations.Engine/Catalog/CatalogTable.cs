namespace HasuraMigrations.Engine.Catalog;

/// <summary>A table or view with all its parts.</summary>
internal sealed class CatalogTable
{
    private readonly Dictionary<string, CatalogColumn> _byName = new(StringComparer.Ordinal);
    private readonly List<CatalogColumn> _columns = [];
    private readonly List<CatalogKey> _keys = [];
    private readonly List<CatalogForeignKey> _foreignKeys = [];

    internal CatalogTable(uint oid, CatalogName name)
    {
        Oid = oid;
        Name = name;
    }

    /// <summary>oid, which a rename keeps.</summary>
    internal uint Oid { get; }

    /// <summary>Name.</summary>
    internal CatalogName Name { get; }

    /// <summary>It is a partition of another table.</summary>
    internal bool IsPartition { get; init; }

    /// <summary>What <c>pg_relation_is_updatable</c> says of a view; null for what is none.</summary>
    internal int? Writes { get; init; }

    /// <summary>Rows can be inserted, as servers judge it: what is no view is always taken for one that can be written.</summary>
    internal bool IsInsertable => Writes is not { } bits || (bits & 8) != 0;

    /// <summary>Rows can be updated.</summary>
    internal bool IsUpdatable => Writes is not { } bits || (bits & 4) != 0;

    /// <summary>Rows can be deleted.</summary>
    internal bool IsDeletable => Writes is not { } bits || (bits & 16) != 0;

    /// <summary>Columns in their order.</summary>
    internal IReadOnlyList<CatalogColumn> Columns => _columns;

    /// <summary>The primary key; null where there is none.</summary>
    internal CatalogKey? PrimaryKey => _keys.Find(k => k.IsPrimary);

    /// <summary>The other unique indexes.</summary>
    internal IEnumerable<CatalogKey> UniqueKeys => _keys.Where(k => !k.IsPrimary);

    /// <summary>Foreign keys of this table.</summary>
    internal IReadOnlyList<CatalogForeignKey> ForeignKeys => _foreignKeys;

    /// <summary>A column; null where there is none of that name.</summary>
    internal CatalogColumn? FindColumn(string name) => _byName.GetValueOrDefault(name);

    internal void Add(CatalogColumn column)
    {
        _columns.Add(column);
        _byName[column.Name] = column;
    }

    internal void Add(CatalogKey key) => _keys.Add(key);

    internal void Add(CatalogForeignKey key) => _foreignKeys.Add(key);
}
