using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.Engine.Targets.Server;

namespace HasuraMigrations.Engine.Connections;

/// <summary>Puts a document beside the databases of its sources, whichever way each is reached. Nothing is written.</summary>
internal static class DocumentCatalogs
{
    /// <summary>Reads the databases.</summary>
    /// <param name="document">The document.</param>
    /// <param name="databases">How databases are reached, by the name of their source. Of others nothing is known.</param>
    /// <param name="withLinks">Read what needs what in them, too.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The document beside its databases, and the links by source.</returns>
    /// <exception cref="HasuraMigrationException">QueryFailed, and the errors of connections and servers.</exception>
    internal static async Task<(MetadataState State, IReadOnlyDictionary<string, IReadOnlyList<CatalogLink>> Links)> ReadAsync(MetadataDocument document, IReadOnlyDictionary<string, HasuraConnection> databases, bool withLinks, CancellationToken cancellationToken)
    {
        var direct = databases.Where(d => d.Value.Server is null).ToDictionary(StringComparer.Ordinal);
        var (state, links) = await new DocumentReader(direct).ReadAsync(document, withLinks, cancellationToken).ConfigureAwait(false);
        if (direct.Count == databases.Count)
        {
            return (state, links);
        }

        var facts = new Dictionary<string, SourceFacts>(state.Facts, StringComparer.Ordinal);
        var all = new Dictionary<string, IReadOnlyList<CatalogLink>>(links, StringComparer.Ordinal);
        foreach (var server in databases.Where(d => d.Value.Server is not null).GroupBy(d => d.Value.Server!, d => d.Key))
        {
            using var client = new HasuraClient(server.Key);
            foreach (var (name, read) in await new ServerCatalogReader(client).ReadAsync(state.Root, server, withLinks, cancellationToken).ConfigureAwait(false))
            {
                facts[name] = read.Facts;
                if (read.Links is not null)
                {
                    all[name] = read.Links;
                }
            }
        }

        return (state.With(facts), all);
    }
}
