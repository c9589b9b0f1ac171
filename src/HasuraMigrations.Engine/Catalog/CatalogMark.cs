using System.Data;
using System.Globalization;
using Npgsql;

namespace HasuraMigrations.Engine.Catalog;

/// <summary>The lists of <see cref="CatalogFacts"/>.</summary>
[Flags]
internal enum CatalogLists
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Tables and views.</summary>
    Tables = 1,

    /// <summary>Columns of tables that have a new one, or a changed one.</summary>
    ChangedColumns = 2,

    /// <summary>Columns of all tables.</summary>
    Columns = 4,

    /// <summary>Unique indexes.</summary>
    Keys = 8,

    /// <summary>Foreign keys.</summary>
    ForeignKeys = 16,

    /// <summary>Functions.</summary>
    Functions = 32,

    /// <summary>Base types.</summary>
    Types = 64,

    /// <summary>All.</summary>
    All = 127,
}

/// <summary>
/// How many rows a transaction has written so far into those tables of the system that metadata can rest on. PostgreSQL counts it
/// for its statistics, and never takes back what it counted; where it does not count, everything may have changed.
/// </summary>
internal sealed class CatalogMark
{
    // What a new row changes, and what a row that is changed or goes. Comments, rights, defaults and dependencies are not there.
    // A type comes before what has it; of views it depends on rules, triggers and foreign tables whether they can be written.
    private static readonly (string Catalog, CatalogLists Made, CatalogLists Changed)[] Watched =
    [
        ("pg_namespace", CatalogLists.Tables | CatalogLists.Types, CatalogLists.All),
        ("pg_class", CatalogLists.Tables | CatalogLists.Keys, CatalogLists.Tables | CatalogLists.Keys),
        ("pg_attribute", CatalogLists.ChangedColumns, CatalogLists.ChangedColumns),
        ("pg_index", CatalogLists.Keys, CatalogLists.Keys),
        ("pg_constraint", CatalogLists.ForeignKeys, CatalogLists.ForeignKeys),
        ("pg_proc", CatalogLists.Functions, CatalogLists.Functions),
        ("pg_type", CatalogLists.Types, CatalogLists.Types | CatalogLists.Columns | CatalogLists.Functions),
        ("pg_rewrite", CatalogLists.Tables, CatalogLists.Tables),
        ("pg_trigger", CatalogLists.Tables, CatalogLists.Tables),
        ("pg_foreign_table", CatalogLists.Tables, CatalogLists.Tables),
        ("pg_foreign_server", CatalogLists.Tables, CatalogLists.Tables),
    ];

    /// <summary>Asks for it: one text. All of it is qualified, so that it can follow SQL of a user.</summary>
    internal static readonly string Query = $"""
        SELECT CASE WHEN pg_catalog.current_setting('track_counts') OPERATOR(pg_catalog.=) 'on' THEN
          (SELECT pg_catalog.concat(pg_catalog.transaction_timestamp(), '|', pg_catalog.string_agg(pg_catalog.concat_ws(' ', pg_catalog.pg_stat_get_xact_tuples_inserted(t.oid), pg_catalog.pg_stat_get_xact_tuples_updated(t.oid) OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_deleted(t.oid)), ' ' ORDER BY t.place))
             FROM pg_catalog.unnest(ARRAY[{string.Join(", ", Watched.Select(w => $"'pg_catalog.{w.Catalog}'"))}]::pg_catalog.regclass[]::pg_catalog.oid[]) WITH ORDINALITY AS t(oid, place)) ELSE '' END
        """;

    /// <summary>The mark of what was read in nobody's session: whatever it is compared with, everything may have changed.</summary>
    internal static readonly CatalogMark Unknown = new(null, "", null);

    private readonly NpgsqlConnection? _session;
    private readonly string _transaction;
    private readonly long[]? _counts;

    private CatalogMark(NpgsqlConnection? session, string transaction, long[]? counts) => (_session, _transaction, _counts) = (session, transaction, counts);

    /// <summary>What has been written so far.</summary>
    /// <param name="session">The session, in its transaction.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<CatalogMark> ReadAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var batch = new OwnBatch(session).Add(new NpgsqlBatchCommand(Query));
        await using var reader = await batch.ReadAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return Of(session, reader.GetString(0));
    }

    /// <summary>What <see cref="Query"/> answered.</summary>
    internal static CatalogMark Of(NpgsqlConnection session, string answer) =>
        answer.Split('|') is [var transaction, var counts]
            ? new(session, transaction, [.. counts.Split(' ').Select(c => long.Parse(c, CultureInfo.InvariantCulture))])
            : new(session, "", null);

    /// <summary>True for the session it was read in.</summary>
    internal bool IsOf(NpgsqlConnection? session) => ReferenceEquals(session, _session);

    /// <summary>What may have changed since an earlier mark; all, where that is one of another session or transaction.</summary>
    internal CatalogLists Since(CatalogMark earlier)
    {
        if (_counts is not { } now || earlier._counts is not { } before || !earlier.IsOf(_session) || earlier._transaction != _transaction)
        {
            return CatalogLists.All;
        }

        var lists = CatalogLists.None;
        for (var i = 0; i < Watched.Length; i++)
        {
            lists |= now[2 * i] == before[2 * i] ? CatalogLists.None : Watched[i].Made;
            lists |= now[2 * i + 1] == before[2 * i + 1] ? CatalogLists.None : Watched[i].Changed;
        }

        return lists;
    }
}
