using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>A statement that changed the catalog of a source.</summary>
/// <param name="Statement">The statement.</param>
/// <param name="Source">The source.</param>
/// <param name="Before">The catalog before it.</param>
/// <param name="After">The catalog after it.</param>
internal sealed record ChangeStep(ChangeStatement Statement, string Source, DatabaseCatalog Before, DatabaseCatalog After)
{
    private IReadOnlyList<CatalogChange>? _changes;

    /// <summary>What it did.</summary>
    internal IReadOnlyList<CatalogChange> Changes => _changes ??= CatalogChange.Between(Source, Before, After);

    /// <summary>True where anything of a table was changed that shows in a schema.</summary>
    internal bool Touches(ObjectId table)
    {
        if (Changes.Any(c => c.Before.IsWithin(table) || c.After?.IsWithin(table) == true))
        {
            return true;
        }

        var (old, now) = (Before.FindTable(table.Table.Schema, table.Table.Name), After.FindTable(table.Table.Schema, table.Table.Name));
        return old is not null && now is not null && !ReferenceEquals(old, now)
            && (old.Writes != now.Writes || !old.Columns.SequenceEqual(now.Columns) || !Keys(old).SetEquals(Keys(now)) || !ForeignKeys(old).SetEquals(ForeignKeys(now)));
    }

    /// <summary>The keys of a table before and after it, and the columns of the primary key; null where it is not on both sides.</summary>
    internal ((IEnumerable<string> Row, HashSet<string> All) Old, (IEnumerable<string> Row, HashSet<string> All) Now)? KeysOf(ObjectId table)
    {
        var (old, now) = (Before.FindTable(table.Table.Schema, table.Table.Name), After.FindTable(table.Table.Schema, table.Table.Name));
        return old is null || now is null ? null : ((Columns(old), Keys(old)), (Columns(now), Keys(now)));
    }

    private static IEnumerable<string> Columns(CatalogTable table) => table.PrimaryKey?.Columns ?? [];

    private static HashSet<string> Keys(CatalogTable table) =>
        [.. table.UniqueKeys.Concat(table.PrimaryKey is { } primary ? [primary] : []).Select(k => $"{k.Name}\0{k.IsPrimary}\0{string.Join('\0', k.Columns)}")];

    private static HashSet<string> ForeignKeys(CatalogTable table) =>
        [.. table.ForeignKeys.Select(k => $"{k.Name}\0{k.Target}\0{string.Join('\0', k.Columns)}\0{string.Join('\0', k.TargetColumns)}")];
}

/// <summary>The statements of a change, and what each did.</summary>
/// <param name="Steps">Those that changed a catalog, in their order.</param>
/// <param name="Statements">All of them.</param>
internal sealed record ChangeTrace(IReadOnlyList<ChangeStep> Steps, IReadOnlyList<ChangeStatement> Statements)
{
    /// <summary>Nothing was run.</summary>
    internal static readonly ChangeTrace None = new([], []);

    /// <summary>The trace of statements that were tried out.</summary>
    /// <param name="known">The catalogs before all of them, by source; of others nothing is told.</param>
    /// <param name="snapshots">The catalog after each statement that changed it, in their order.</param>
    /// <param name="statements">All statements.</param>
    internal static ChangeTrace Of(IReadOnlyDictionary<string, DatabaseCatalog> known, IEnumerable<(string Source, ChangeStatement Cause, DatabaseCatalog Catalog)> snapshots, IReadOnlyList<ChangeStatement> statements)
    {
        var last = new Dictionary<string, DatabaseCatalog>(known, StringComparer.Ordinal);
        var steps = new List<ChangeStep>();
        foreach (var (source, cause, catalog) in snapshots.Where(s => known.ContainsKey(s.Source)))
        {
            steps.Add(new ChangeStep(cause, source, last[source], catalog));
            last[source] = catalog;
        }

        return new ChangeTrace(steps, statements);
    }
}
