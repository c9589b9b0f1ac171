using System.Globalization;
using Npgsql;

namespace HasuraMigrations.Engine.Catalog;

/// <summary>
/// Has queries prepared, which needs no right to write and runs nothing. PostgreSQL locks what a query names when it prepares it
/// (PostgreSQL manual, PREPARE and Explicit Locking), so the locks of the session tell the tables and views.
/// </summary>
internal static class QueryTrialReader
{
    // The column is there since PostgreSQL 16. Of a domain the type behind it counts.
    private const string Types = """
        SELECT 'type', CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END::regtype::text, e.number::text
        FROM pg_prepared_statements p CROSS JOIN LATERAL jsonb_array_elements_text(CASE jsonb_typeof(to_jsonb(p) -> 'result_types') WHEN 'array' THEN to_jsonb(p) -> 'result_types' ELSE '[]' END) WITH ORDINALITY e(name, number)
        JOIN pg_type t ON t.oid = e.name::regtype WHERE p.name = '{0}'
        """;

    /// <summary>Asks which tables and views the session uses.</summary>
    internal const string Relations = """
        SELECT 'relation'::text, n.nspname::text, c.relname::text
        FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE l.locktype = 'relation' AND l.pid = pg_backend_pid() AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        """;

    /// <summary>A catalog that knows of queries.</summary>
    /// <param name="session">The session.</param>
    /// <param name="catalog">The catalog of its database.</param>
    /// <param name="queries">The queries, as <see cref="Preparation"/> takes them.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    internal static async Task<DatabaseCatalog> ReadAsync(NpgsqlConnection session, DatabaseCatalog catalog, IEnumerable<string> queries, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, QueryTrial>(StringComparer.Ordinal);
        foreach (var query in queries.Where(q => catalog.FindTrial(q) is null).Distinct(StringComparer.Ordinal))
        {
            found[query] = await TryAsync(session, query, cancellationToken).ConfigureAwait(false);
        }

        return found.Count == 0 ? catalog : catalog.With(found);
    }

    /// <summary>The statement that prepares a query.</summary>
    /// <param name="name">The name that it gets.</param>
    /// <param name="query">Types of the parameters, if any, and the query, as they follow the name.</param>
    internal static string Preparation(string name, string query) => $"PREPARE {name} {query}";

    /// <summary>A name that no other session on the same connection has used.</summary>
    internal static string NewName() => $"hasura_migrations_{Guid.NewGuid():N}";

    /// <summary>True where an error says something about the query: it names what is not there, or its syntax, a type or a constant is wrong.</summary>
    internal static bool IsVerdict(string? sqlState) => sqlState is { Length: 5 } and not PostgresErrorCodes.InsufficientPrivilege && sqlState[..2] is "42" or "22" or "3F" or "0A";

    /// <summary>What <see cref="Relations"/> answered, and more.</summary>
    internal static QueryTrial Of(IReadOnlyCollection<string?[]> rows)
    {
        var types = rows.Where(r => r[0] == "type").OrderBy(r => int.Parse(r[2]!, CultureInfo.InvariantCulture)).Select(r => r[1]!).ToList();
        return new QueryTrial(null, [.. rows.Where(r => r[0] == "relation").Select(r => new CatalogName(r[1]!, r[2]!)).Distinct()], types.Count == 0 ? null : types);
    }

    private static async Task<QueryTrial> TryAsync(NpgsqlConnection session, string query, CancellationToken cancellationToken)
    {
        var name = NewName();
        try
        {
            var read = $"{Relations} UNION ALL {string.Format(CultureInfo.InvariantCulture, Types, name)}";
            return Of(await new SavepointQuery(session, IsExpected).ReadAsync(read, Preparation(name, query), $"DEALLOCATE {name}", cancellationToken).ConfigureAwait(false));
        }
        catch (PostgresException e) when (IsExpected(e))
        {
            // A role that may not see a schema cannot tell.
            return new QueryTrial(IsVerdict(e.SqlState) ? e.MessageText : null, []);
        }
    }

    private static bool IsExpected(PostgresException error) => IsVerdict(error.SqlState) || error.SqlState == PostgresErrorCodes.InsufficientPrivilege;
}
