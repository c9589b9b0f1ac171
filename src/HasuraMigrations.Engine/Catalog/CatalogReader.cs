using System.Data;
using System.Globalization;
using Npgsql;

namespace HasuraMigrations.Engine.Catalog;

/// <summary>Reads the catalog of PostgreSQL 12 to 18 in one trip.</summary>
internal static class CatalogReader
{
    /// <summary>Everything there is, as the transaction of the session sees it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="withSystem">The tables and views of the system, too, which servers of version 1 can track.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    internal static async Task<DatabaseCatalog> ReadAsync(NpgsqlConnection session, bool withSystem, CancellationToken cancellationToken)
    {
        await using var batch = Batch(session, CatalogQueries.Schemas, CatalogQueries.Tables(withSystem, withText: true), CatalogQueries.Columns(withSystem, withText: true), CatalogQueries.Indexes(withText: true), CatalogQueries.Constraints(withText: true), CatalogQueries.Triggers, CatalogQueries.Functions(withText: true), CatalogQueries.Types(withText: true), CatalogQueries.Extensions);
        await using var reader = await batch.ReadAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        var schemas = await ListAsync(reader, r => (r[0]!, r[1]), cancellationToken).ConfigureAwait(false);
        var tables = await ListAsync(reader, Table, cancellationToken).ConfigureAwait(false);
        var byOid = tables.ToDictionary(t => t.Oid);
        await PartsAsync(reader, byOid, cancellationToken).ConfigureAwait(false);
        foreach (var r in await ListAsync(reader, r => r, cancellationToken).ConfigureAwait(false))
        {
            byOid.GetValueOrDefault(Oid(r[0]))?.AddTrigger(new CatalogPart(r[1]!, r[2]!));
        }

        var functions = await ListAsync(reader, Function, cancellationToken).ConfigureAwait(false);
        var types = await ListAsync(reader, Type, cancellationToken).ConfigureAwait(false);
        var extensions = await ListAsync(reader, r => new CatalogExtension(r[0]!, r[1]!, r[2]!), cancellationToken).ConfigureAwait(false);
        return new DatabaseCatalog(new CatalogParts { Schemas = schemas, Tables = tables, Functions = functions, Types = types, Extensions = extensions });
    }

    /// <summary>
    /// What metadata can rest on: tables, columns, keys, functions, types, without any text of SQL. It takes a part of the time of
    /// the whole, and nothing in it fails where somebody drops a table meanwhile.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="withSystem">The tables and views of the system, too.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    internal static async Task<DatabaseCatalog> ReadFactsAsync(NpgsqlConnection session, bool withSystem, CancellationToken cancellationToken)
    {
        await using var batch = Batch(session, CatalogQueries.Tables(withSystem, withText: false), CatalogQueries.Columns(withSystem, withText: false), CatalogQueries.Indexes(withText: false), CatalogQueries.Constraints(withText: false), CatalogQueries.Functions(withText: false), CatalogQueries.Types(withText: false));
        await using var reader = await batch.ReadAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        var tables = await ListAsync(reader, Table, cancellationToken).ConfigureAwait(false);
        await PartsAsync(reader, tables.ToDictionary(t => t.Oid), cancellationToken).ConfigureAwait(false);
        var functions = await ListAsync(reader, Function, cancellationToken).ConfigureAwait(false);
        var types = await ListAsync(reader, Type, cancellationToken).ConfigureAwait(false);
        return new DatabaseCatalog(new CatalogParts { Schemas = [], Tables = tables, Functions = functions, Types = types, Extensions = [] });
    }

    /// <summary>The rows of tables that are, or are to be, enum tables.</summary>
    /// <param name="session">The session.</param>
    /// <param name="catalog">The catalog, which tells the columns.</param>
    /// <param name="names">The tables; what is no table with a key of one column is left out.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    internal static async Task<DatabaseCatalog> WithEnumRowsAsync(NpgsqlConnection session, DatabaseCatalog catalog, IEnumerable<CatalogName> names, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<CatalogName, EnumRows>();
        foreach (var name in names.Distinct())
        {
            if (catalog.FindTable(name.Schema, name.Name) is { PrimaryKey.Columns: [var key] } table)
            {
                rows[name] = await EnumRowsAsync(session, table, key, cancellationToken).ConfigureAwait(false);
            }
        }

        return rows.Count == 0 ? catalog : catalog.With(rows);
    }

    private static async Task<EnumRows> EnumRowsAsync(NpgsqlConnection session, CatalogTable table, string key, CancellationToken cancellationToken)
    {
        // An error would end the transaction.
        if (!await MayReadAsync(session, table, cancellationToken).ConfigureAwait(false))
        {
            return new EnumRows([], $"permission denied for table {table.Name.Name}");
        }

        var comment = table.Columns.Where(c => c.Name != key).ToList() is [var only] ? $"{Quote(only.Name)}::pg_catalog.text" : "NULL::pg_catalog.text";
        await using var batch = Batch(session, $"SELECT {Quote(key)}::pg_catalog.text, {comment} FROM {Quote(table.Name.Schema)}.{Quote(table.Name.Name)} ORDER BY 1");
        await using var reader = await batch.ReadAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        var values = new List<(string, string?)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            values.Add((reader.GetString(0), await reader.IsDBNullAsync(1, cancellationToken).ConfigureAwait(false) ? null : reader.GetString(1)));
        }

        return new EnumRows(values, null);
    }

    private static async Task<bool> MayReadAsync(NpgsqlConnection session, CatalogTable table, CancellationToken cancellationToken)
    {
        await using var batch = Batch(session, $"SELECT pg_catalog.has_table_privilege({table.Oid.ToString(CultureInfo.InvariantCulture)}::pg_catalog.oid, 'SELECT')");
        await using var reader = await batch.ReadAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) && !reader.IsDBNull(0) && reader.GetBoolean(0);
    }

    private static async Task PartsAsync(NpgsqlDataReader reader, Dictionary<uint, CatalogTable> tables, CancellationToken cancellationToken)
    {
        foreach (var r in await ListAsync(reader, r => r, cancellationToken).ConfigureAwait(false))
        {
            // Each query sees what is committed when it begins: a table may have come since the first.
            tables.GetValueOrDefault(Oid(r[0]))?.Add(new CatalogColumn(r[1]!, Number(r[2]), r[3]!, r[4]!, r[5]![0], r[6]!, Flag(r[7]), r[8]!, Flag(r[9]), r[10], r[11]));
        }

        foreach (var r in await ListAsync(reader, r => r, cancellationToken).ConfigureAwait(false))
        {
            var table = tables.GetValueOrDefault(Oid(r[0]));
            table?.AddIndex(new CatalogPart(r[1]!, r[6]!));
            if (Flag(r[4]))
            {
                table?.Add(new CatalogKey(r[1]!, Oid(r[2]), Flag(r[3]), Parts(r[5])));
            }
        }

        foreach (var r in await ListAsync(reader, r => r, cancellationToken).ConfigureAwait(false))
        {
            var table = tables.GetValueOrDefault(Oid(r[0]));
            if (r[3] == "f")
            {
                table?.Add(new CatalogForeignKey(r[1]!, Oid(r[2]), new CatalogName(r[4]!, r[5]!), Parts(r[6]), Parts(r[7]), r[8]!));
            }
            else
            {
                table?.AddCheck(new CatalogPart(r[1]!, r[8]!));
            }
        }
    }

    private static OwnBatch Batch(NpgsqlConnection session, params string[] queries)
    {
        var batch = new OwnBatch(session);
        foreach (var query in queries)
        {
            batch.Add(new NpgsqlBatchCommand(query));
        }

        return batch;
    }

    private static CatalogType Type(string?[] r) => new(new CatalogName(r[0]!, r[1]!), r[2]![0], r[3], Parts(r[4]), r[5]);

    private static CatalogTable Table(string?[] r) => new(Oid(r[0]), new CatalogName(r[1]!, r[2]!), Kind(r[3]!))
    {
        IsPartition = Flag(r[4]),
        Comment = r[5],
        Writes = r[6] is null ? null : Number(r[6]),
    };

    private static CatalogFunction Function(string?[] r) => new()
    {
        Oid = Oid(r[0]),
        Name = new CatalogName(r[1]!, r[2]!),
        Volatility = r[3]![0],
        Returns = new CatalogName(r[4]!, r[5]!),
        ReturnKind = r[6]![0],
        ReturnsSet = Flag(r[7]),
        IsVariadic = Flag(r[8]),
        Defaults = Number(r[9]),
        Arguments = [.. Parts(r[10]).Select(p => p.Split('\u001e')).Select(p => new CatalogArgument(p[0], p[1], p[2], p[3][0]))],
        Comment = r[11],
    };

    private static RelationKind Kind(string relkind) => relkind switch
    {
        "r" => RelationKind.Table,
        "p" => RelationKind.PartitionedTable,
        "v" => RelationKind.View,
        "m" => RelationKind.MaterializedView,
        _ => RelationKind.ForeignTable,
    };

    private static async Task<List<T>> ListAsync<T>(NpgsqlDataReader reader, Func<string?[], T> read, CancellationToken cancellationToken)
    {
        var list = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var row = new string?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
            }

            list.Add(read(row));
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return list;
    }

    private static string[] Parts(string? list) => list is null ? [] : list.Split(CatalogQueries.Separator);

    private static uint Oid(string? text) => uint.Parse(text!, CultureInfo.InvariantCulture);

    private static int Number(string? text) => int.Parse(text!, CultureInfo.InvariantCulture);

    private static bool Flag(string? text) => text == "true";

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
