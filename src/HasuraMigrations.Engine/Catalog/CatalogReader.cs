using System.Data;
using Npgsql;

namespace HasuraMigrations.Engine.Catalog;

/// <summary>Reads the whole catalog of PostgreSQL 12 to 18, with all its texts, in one trip.</summary>
internal static class CatalogReader
{
    /// <summary>Everything there is, as the transaction of the session sees it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="withSystem">The tables and views of the system, too, which servers of version 1 can track.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    internal static async Task<DatabaseCatalog> ReadAsync(NpgsqlConnection session, bool withSystem, CancellationToken cancellationToken)
    {
        await using var batch = new OwnBatch(session);
        foreach (var query in new[] { CatalogQueries.Tables(withSystem, withText: true), CatalogQueries.Columns(withSystem, withText: true), CatalogQueries.Keys, CatalogQueries.ForeignKeys(withText: true), CatalogQueries.Texts, CatalogQueries.Functions(withText: true), CatalogQueries.Types, CatalogQueries.Schemas, CatalogQueries.Extensions })
        {
            batch.Add(new NpgsqlBatchCommand(query));
        }

        await using var reader = await batch.ReadAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        Task<List<T>> ListAsync<T>(Func<string?[], T> read) => CatalogRead.ListAsync(reader, read, cancellationToken);
        var rows = new CatalogRows
        {
            Tables = await ListAsync(CatalogRead.Table).ConfigureAwait(false),
            Columns = CatalogRead.ByTable(await ListAsync(CatalogRead.Column).ConfigureAwait(false)),
            Keys = (await ListAsync(CatalogRead.Key).ConfigureAwait(false)).ToLookup(k => k.Table),
            ForeignKeys = (await ListAsync(CatalogRead.ForeignKey).ConfigureAwait(false)).ToLookup(k => k.Table),
        };
        var tables = rows.Build(_ => null);
        var byOid = tables.ToDictionary(t => t.Oid);
        foreach (var (oid, add) in await ListAsync(Text).ConfigureAwait(false))
        {
            // Each query sees what is committed when it begins: a table may have come since the first.
            if (byOid.TryGetValue(oid, out var table))
            {
                add(table);
            }
        }

        return new DatabaseCatalog(new CatalogParts
        {
            Tables = tables,
            Functions = await ListAsync(CatalogRead.Function).ConfigureAwait(false),
            Types = await ListAsync(CatalogRead.Type).ConfigureAwait(false),
            Schemas = await ListAsync(r => (r[0]!, r[1])).ConfigureAwait(false),
            Extensions = await ListAsync(r => new CatalogExtension(r[0]!, r[1]!, r[2]!)).ConfigureAwait(false),
        });
    }

    private static (uint Table, Action<CatalogTable> Add) Text(string?[] r)
    {
        // There is none where somebody dropped it meanwhile.
        var part = new CatalogPart(r[2]!, r[3] ?? "");
        return (CatalogRead.Oid(r[0]), r[1] switch
        {
            "index" => t => t.AddIndex(part),
            "check" => t => t.AddCheck(part),
            _ => t => t.AddTrigger(part),
        });
    }
}
