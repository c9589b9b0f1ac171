using HasuraMigrations.Engine.Sql;
using Npgsql;

namespace HasuraMigrations.Engine.Catalog;

/// <summary>Reads the rows of tables that are, or are to be, enum tables.</summary>
internal static class EnumRowsReader
{
    /// <summary>A catalog with the rows.</summary>
    /// <param name="session">The session, in a transaction.</param>
    /// <param name="catalog">The catalog, which tells the columns.</param>
    /// <param name="names">The tables; what is no table with a key of one column is left out.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    internal static async Task<DatabaseCatalog> ReadAsync(NpgsqlConnection session, DatabaseCatalog catalog, IEnumerable<CatalogName> names, CancellationToken cancellationToken)
    {
        var tables = Readable(catalog, names).ToList();
        if (tables.Count == 0)
        {
            return catalog;
        }

        try
        {
            return catalog.With(await RowsAsync(session, tables, cancellationToken).ConfigureAwait(false));
        }
        catch (PostgresException e) when (IsRefusal(e))
        {
            // Which one it is has to be found out.
        }

        var rows = new Dictionary<CatalogName, EnumRows>();
        foreach (var table in tables)
        {
            try
            {
                rows[table.Name] = (await RowsAsync(session, [table], cancellationToken).ConfigureAwait(false))[table.Name];
            }
            catch (PostgresException e) when (IsRefusal(e))
            {
                rows[table.Name] = new EnumRows([], e.MessageText, IsOutdated: e.SqlState != PostgresErrorCodes.InsufficientPrivilege);
            }
        }

        return catalog.With(rows);
    }

    /// <summary>The tables whose rows are read.</summary>
    internal static IEnumerable<CatalogTable> Readable(DatabaseCatalog catalog, IEnumerable<CatalogName> names) =>
        names.Distinct().Select(n => catalog.FindTable(n.Schema, n.Name)).Where(t => t?.PrimaryKey?.Columns.Count == 1).OfType<CatalogTable>();

    /// <summary>Asks for the rows of tables.</summary>
    internal static string Query(IReadOnlyList<CatalogTable> tables) => string.Join(" UNION ALL ", tables.Select((t, i) => $"({Query(t, i)})"));

    /// <summary>What <see cref="Query(IReadOnlyList{CatalogTable})"/> answered.</summary>
    internal static Dictionary<CatalogName, EnumRows> Of(IReadOnlyList<CatalogTable> tables, IEnumerable<string?[]> rows)
    {
        var values = rows.ToLookup(r => r[0]!, r => (r[1]!, r[2]));
        return tables.Select((t, i) => (t.Name, Rows: new EnumRows([.. values[$"{i}"]], null))).ToDictionary(t => t.Name, t => t.Rows);
    }

    // No right to read it, or somebody changed it meanwhile.
    private static bool IsRefusal(PostgresException error) => error.SqlState.StartsWith("42", StringComparison.Ordinal);

    private static async Task<Dictionary<CatalogName, EnumRows>> RowsAsync(NpgsqlConnection session, List<CatalogTable> tables, CancellationToken cancellationToken) =>
        Of(tables, await new SavepointQuery(session, IsRefusal).ReadAsync(Query(tables), null, null, cancellationToken).ConfigureAwait(false));

    private static string Query(CatalogTable table, int number)
    {
        var key = table.PrimaryKey!.Columns[0];
        var comment = table.Columns.Where(c => c.Name != key).ToList() is [var only] ? $"{SqlName.Quote(only.Name)}::pg_catalog.text" : "NULL::pg_catalog.text";
        return $"SELECT '{number}'::pg_catalog.text, {SqlName.Quote(key)}::pg_catalog.text, {comment} FROM {SqlName.Quote(table.Name.Schema)}.{SqlName.Quote(table.Name.Name)} ORDER BY 2";
    }
}
