using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Targets.Postgres.Api;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>Puts a document, wherever it comes from, beside databases. Nothing is written, and no catalog of Hasura is needed.</summary>
/// <param name="sources">The databases by the name of their source. Of others nothing is known.</param>
internal sealed class DocumentReader(IReadOnlyDictionary<string, HasuraConnection> sources)
{
    /// <summary>Reads the databases.</summary>
    /// <param name="document">The document.</param>
    /// <param name="withLinks">Read what needs what in them, too.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The document beside its databases, and the links by source.</returns>
    /// <exception cref="HasuraMigrationException">QueryFailed, and the errors of connections.</exception>
    internal async Task<(MetadataState State, IReadOnlyDictionary<string, IReadOnlyList<CatalogLink>> Links)> ReadAsync(MetadataDocument document, bool withLinks, CancellationToken cancellationToken)
    {
        var (era, root) = Of(document);
        var links = new Dictionary<string, IReadOnlyList<CatalogLink>>(StringComparer.Ordinal);
        var places = new SourcePlaces(Metadata: null, Own: null, sources);
        try
        {
            var sessions = new KnownSources(null, places, [root.Root], isReadOnly: true, cancellationToken) { RequiresAll = true };
            await using (sessions.ConfigureAwait(false))
            {
                var state = await new CommandSession(era, root.Root, sessions).ReadStateAsync(cancellationToken).ConfigureAwait(false);
                foreach (var (name, _) in MetadataTree.SourcesOf(root.Root).Where(s => withLinks && state.Facts.GetValueOrDefault(s.Name)?.Catalog is not null))
                {
                    links[name] = await sessions.UseAsync(name, null, session => CatalogLinksReader.ReadAsync(session, cancellationToken)).ConfigureAwait(false);
                }

                return (state, links);
            }
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Query(e, "reading the catalog", string.Join(", ", sources.Values));
        }
    }

    // Documents of version 3 are those of servers of version 2 (Hasura, metadata format).
    private static (MetadataEra Era, MetadataDocument Document) Of(MetadataDocument document) =>
        document.Version == 3 ? (MetadataEra.Version2, document) : (MetadataEra.Version1, MetadataVersions.Convert(document, 2, []));
}
