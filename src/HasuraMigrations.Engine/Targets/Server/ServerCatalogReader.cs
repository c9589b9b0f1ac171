using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>Reads the catalogs of databases through a running server. Each query is a transaction of its own there.</summary>
/// <param name="client">The server.</param>
internal sealed class ServerCatalogReader(HasuraClient client)
{
    /// <summary>Reads the databases of sources.</summary>
    /// <param name="root">The document that says which tables are enum tables.</param>
    /// <param name="sources">Names of the sources.</param>
    /// <param name="withLinks">Read what needs what in them, too.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What is known of each source, and the links of those that could be read.</returns>
    /// <exception cref="HasuraMigrationException">The errors of <see cref="HasuraClient.CallAsync"/>.</exception>
    internal async Task<IReadOnlyDictionary<string, (SourceFacts Facts, IReadOnlyList<CatalogLink>? Links)>> ReadAsync(JsonObject root, IEnumerable<string> sources, bool withLinks, CancellationToken cancellationToken)
    {
        var export = await client.ExportFirstAsync(cancellationToken).ConfigureAwait(false);
        var found = new Dictionary<string, (SourceFacts, IReadOnlyList<CatalogLink>?)>(StringComparer.Ordinal);
        foreach (var name in sources)
        {
            if (Find(export, name) is not { } source)
            {
                found[name] = (new SourceFacts(null, $"{client.Description} has no PostgreSQL source {name}", IsSkipped: true), null);
                continue;
            }

            var sql = new ServerSql(client, source);
            var catalog = CatalogFactsReader.Of(await QueryAsync(sql, CatalogFactsReader.Query, cancellationToken).ConfigureAwait(false));
            var enums = CommandPrerequisites.EnumTables(root, null)[name].Select(t => new CatalogName(t.Schema, t.Name));
            catalog = catalog.With(await ReadEnumRowsAsync(sql, [.. EnumRowsReader.Readable(catalog, enums)], cancellationToken).ConfigureAwait(false));
            catalog = catalog.With(await TryQueriesAsync(sql, CommandPrerequisites.NativeQueries(root, null)[name], cancellationToken).ConfigureAwait(false));
            found[name] = (new SourceFacts(catalog), withLinks ? CatalogLinksReader.Of(await QueryAsync(sql, CatalogLinksReader.Query, cancellationToken).ConfigureAwait(false)) : null);
        }

        return found;
    }

    // A server of version 2 knows its sources by name, one of version 1 has one.
    private ServerSource? Find(JsonNode? export, string name)
    {
        try
        {
            return ServerSource.Find(client, export, name, client.Capabilities!.HasMetadataApi ? 3 : 1) is { Traits.KeepsHistory: true } source ? source : null;
        }
        catch (HasuraMigrationException e) when (e.ErrorId is "ServerSourceMissing" or "TargetNotSupported")
        {
            return null;
        }
    }

    private static async Task<Dictionary<CatalogName, EnumRows>> ReadEnumRowsAsync(ServerSql sql, List<CatalogTable> tables, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<CatalogName, EnumRows>();
        foreach (var table in tables)
        {
            try
            {
                rows[table.Name] = EnumRowsReader.Of([table], await QueryAsync(sql, EnumRowsReader.Query([table]), cancellationToken).ConfigureAwait(false))[table.Name];
            }
            catch (HasuraServerException e) when (e.Code == "postgres-error")
            {
                rows[table.Name] = new EnumRows([], e.Message);
            }
        }

        return rows;
    }

    // Only what reads the same with every setting of standard_conforming_strings is sent: it goes to the server in one text with other statements.
    private static async Task<Dictionary<string, QueryTrial>> TryQueriesAsync(ServerSql sql, IEnumerable<string> queries, CancellationToken cancellationToken)
    {
        var trials = new Dictionary<string, QueryTrial>(StringComparer.Ordinal);
        foreach (var query in queries.Where(q => !q.Contains('\\', StringComparison.Ordinal)))
        {
            var name = QueryTrialReader.NewName();
            try
            {
                var rows = await sql.QueryFromUserPathAsync($"{QueryTrialReader.Preparation(name, query)};\nDEALLOCATE {name};\n{OwnPath.Local};\n{Shown(QueryTrialReader.Relations)}", cancellationToken).ConfigureAwait(false);
                trials[query] = QueryTrialReader.Of([.. rows.Select(r => Values(r[0]))]);
            }
            catch (HasuraServerException e) when (e.Code == "postgres-error")
            {
                trials[query] = new QueryTrial(QueryTrialReader.IsVerdict(e.SqlState) ? e.DatabaseMessage ?? e.Message : null, []);
            }
        }

        return trials;
    }

    // A server shows NULL as the text NULL; in JSON it is apart. Columns may have the same name, which objects of a library would not keep.
    private static async Task<List<string?[]>> QueryAsync(ServerSql sql, string query, CancellationToken cancellationToken) =>
        [.. (await sql.QueryAsync(Shown(query), cancellationToken).ConfigureAwait(false)).Select(r => Values(r[0]))];

    private static string Shown(string query) => $"SELECT pg_catalog.row_to_json(q)::pg_catalog.text FROM ({query}) AS q";

    private static string?[] Values(string json)
    {
        var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(json));
        var values = new List<string?>();
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.Null)
            {
                values.Add(reader.GetString());
            }
        }

        return [.. values];
    }
}
