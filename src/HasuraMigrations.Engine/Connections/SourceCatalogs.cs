using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;

namespace HasuraMigrations.Engine.Connections;

/// <summary>Reads the catalogs of databases.</summary>
public static class SourceCatalogs
{
    /// <summary>Reads the tables, keys and functions of a database.</summary>
    /// <param name="connection">How it is reached.</param>
    /// <param name="source">Source name.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">TargetNotSupported for a server, and why the database cannot be reached or read.</exception>
    public static async Task<SourceCatalog> ReadAsync(ResolvedConnection connection, string source, CancellationToken cancellationToken)
    {
        if (connection.Connection.Server is not null)
        {
            throw new HasuraMigrationException("TargetNotSupported", $"{connection.Connection} is a Hasura server, which does not show the catalog of a database.", connection.Connection.ToString())
            {
                RecommendedAction = "Specify the database with -ConnectionString.",
            };
        }

        var connector = new PostgresConnector(connection.Connection);
        await using (connector.ConfigureAwait(false))
        {
            var session = await connector.OpenAsync("schema", keepAlive: false, cancellationToken).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                try
                {
                    return new SourceCatalog(source, await CatalogFactsReader.ReadAsync(session, withSystem: false, cancellationToken).ConfigureAwait(false));
                }
                catch (Npgsql.NpgsqlException e)
                {
                    throw PostgresErrors.Query(e, "reading the catalog", connector.Description);
                }
            }
        }
    }
}
