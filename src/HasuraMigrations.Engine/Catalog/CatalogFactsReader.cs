using System.Data;
using System.Globalization;
using Npgsql;

namespace HasuraMigrations.Engine.Catalog;

/// <summary>
/// Reads what metadata can rest on: tables, columns, keys, functions, types. All of it is one statement, so it is of one moment,
/// whatever others create and drop meanwhile, and nothing in it fails where they do.
/// </summary>
internal static class CatalogFactsReader
{
    private const CatalogLists Whole = CatalogLists.All & ~CatalogLists.ChangedColumns;

    private static readonly CatalogRows NoRows = new()
    {
        Tables = [],
        Columns = new Dictionary<uint, IReadOnlyList<CatalogColumn>>(),
        Keys = Array.Empty<KeyRow>().ToLookup(k => k.Table),
        ForeignKeys = Array.Empty<ForeignKeyRow>().ToLookup(k => k.Table),
    };

    /// <summary>All of it, as the transaction of the session sees it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="withSystem">The tables and views of the system, too, which servers of version 1 can track.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    internal static async Task<DatabaseCatalog> ReadAsync(NpgsqlConnection session, bool withSystem, CancellationToken cancellationToken)
    {
        var mark = await CatalogMark.ReadAsync(session, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(session, Empty(mark, withSystem), Whole, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks for all of it without the tables of the system, for a session that belongs to somebody else.</summary>
    internal static string Query => CatalogQueries.Facts(Whole, withSystem: false);

    /// <summary>What <see cref="Query"/> answered.</summary>
    internal static DatabaseCatalog Of(IEnumerable<string?[]> rows) => Make(CatalogLines.Of(rows), Empty(CatalogMark.Unknown, withSystem: false), Whole, null);

    /// <summary>The same after the transaction went on; what it did not change, and nobody else, is not read again.</summary>
    /// <param name="session">The session.</param>
    /// <param name="before">What was read earlier; it comes back where the transaction has changed nothing of it.</param>
    /// <param name="since">Up to where it is known to hold; null for the moment when it was read.</param>
    /// <param name="now">What is written now; null where it is to be asked for.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    internal static async Task<DatabaseCatalog> RefreshAsync(NpgsqlConnection session, DatabaseCatalog before, CatalogMark? since, CatalogMark? now, CancellationToken cancellationToken)
    {
        var facts = before.Facts;
        var mark = now ?? await CatalogMark.ReadAsync(session, cancellationToken).ConfigureAwait(false);
        var lists = mark.Since(since ?? facts.Mark);
        if (lists == CatalogLists.None)
        {
            return before;
        }

        lists = lists.HasFlag(CatalogLists.Columns) ? lists & ~CatalogLists.ChangedColumns : lists | CatalogLists.ChangedColumns;
        return await ReadAsync(session, facts with { Mark = mark }, lists, before, cancellationToken).ConfigureAwait(false);
    }

    private static CatalogFacts Empty(CatalogMark mark, bool withSystem) =>
        new() { Mark = mark, WithSystem = withSystem, Floor = "", FirstColumns = NoRows.Columns, Rows = NoRows, Functions = [], BaseTypes = [] };

    private static async Task<DatabaseCatalog> ReadAsync(NpgsqlConnection session, CatalogFacts facts, CatalogLists lists, DatabaseCatalog? before, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(CatalogQueries.Facts(lists, facts.WithSystem));
        if (lists.HasFlag(CatalogLists.ChangedColumns))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = facts.Floor });
        }

        await using var batch = new OwnBatch(session).Add(command);
        await using var reader = await batch.ReadAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        return Make(await CatalogLines.ReadAsync(reader, cancellationToken).ConfigureAwait(false), facts, lists, before);
    }

    private static DatabaseCatalog Make(CatalogLines read, CatalogFacts facts, CatalogLists lists, DatabaseCatalog? before)
    {
        var columns = CatalogRead.ByTable(read.Columns);
        if (lists.HasFlag(CatalogLists.Columns))
        {
            facts = facts with { FirstColumns = columns, Floor = Floor(read.Snapshot!) };
        }
        else
        {
            // What has changed since they were all read comes anew each time: nothing is lost where a savepoint brought it back.
            columns = facts.FirstColumns.Where(c => !columns.ContainsKey(c.Key)).Concat(columns).ToDictionary();
        }

        var rows = new CatalogRows
        {
            Columns = columns,
            Tables = lists.HasFlag(CatalogLists.Tables) ? read.Tables : facts.Rows.Tables,
            Keys = lists.HasFlag(CatalogLists.Keys) ? read.Keys.ToLookup(k => k.Table) : facts.Rows.Keys,
            ForeignKeys = lists.HasFlag(CatalogLists.ForeignKeys) ? read.ForeignKeys.ToLookup(k => k.Table) : facts.Rows.ForeignKeys,
        };
        var tables = rows.Build(oid => before is not null && rows.MakesSame(oid, facts.Rows) ? before.FindTable(oid) : null);
        facts = facts with
        {
            Rows = rows,
            Functions = lists.HasFlag(CatalogLists.Functions) ? read.Functions : facts.Functions,
            BaseTypes = lists.HasFlag(CatalogLists.Types) ? read.Types : facts.BaseTypes,
        };
        return new DatabaseCatalog(tables, facts);
    }

    // Rows carry the lower half of the number of their transaction.
    private static string Floor(string snapshot) => ((uint)ulong.Parse(snapshot, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture);
}
