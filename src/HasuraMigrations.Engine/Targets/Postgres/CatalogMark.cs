using System.Globalization;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>
/// How much a transaction has written into the tables of the catalog that metadata can rest on, and into enum tables. PostgreSQL
/// counts it for its statistics; where it does not, everything counts as changed.
/// </summary>
internal sealed class CatalogMark
{
    private const string Counted = "pg_catalog.pg_stat_get_xact_tuples_inserted(t.oid) + pg_catalog.pg_stat_get_xact_tuples_updated(t.oid) + pg_catalog.pg_stat_get_xact_tuples_deleted(t.oid)";

    // Comments, statistics, rights and dependencies are none of them.
    private const string Watched = "'pg_catalog.pg_class', 'pg_catalog.pg_attribute', 'pg_catalog.pg_attrdef', 'pg_catalog.pg_constraint', 'pg_catalog.pg_index', 'pg_catalog.pg_inherits', 'pg_catalog.pg_namespace', 'pg_catalog.pg_proc', 'pg_catalog.pg_rewrite', 'pg_catalog.pg_type', 'pg_catalog.pg_enum'";

    private const string Query = $"""
        SELECT CASE WHEN pg_catalog.current_setting('track_counts') OPERATOR(pg_catalog.=) 'on' THEN
          (SELECT pg_catalog.sum({Counted}) FROM pg_catalog.unnest(ARRAY[{Watched}]::pg_catalog.regclass[]::pg_catalog.oid[] OPERATOR(pg_catalog.||) $1::pg_catalog.text::pg_catalog.oid[]) AS t(oid))::pg_catalog.text END
        """;

    private readonly NpgsqlConnection _session;
    private readonly string _enumTables;
    private readonly string? _count;

    private CatalogMark(NpgsqlConnection session, string enumTables, string? count) => (_session, _enumTables, _count) = (session, enumTables, count);

    /// <summary>What has been written so far.</summary>
    /// <param name="session">The session, in its transaction.</param>
    /// <param name="enumTables">Tables whose rows count, too.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<CatalogMark> ReadAsync(NpgsqlConnection session, IEnumerable<uint> enumTables, CancellationToken cancellationToken)
    {
        var oids = $"{{{string.Join(',', enumTables.Select(o => o.ToString(CultureInfo.InvariantCulture)))}}}";
        return new(session, oids, await CountAsync(session, oids, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>True where the same session has written nothing of the kind since.</summary>
    internal async Task<bool> StillHoldsAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        ReferenceEquals(session, _session) && _count is not null && await CountAsync(session, _enumTables, cancellationToken).ConfigureAwait(false) == _count;

    private static async Task<string?> CountAsync(NpgsqlConnection session, string enumTables, CancellationToken cancellationToken) =>
        (await session.RowsAsync(Query, [enumTables], cancellationToken).ConfigureAwait(false))[0][0];
}
