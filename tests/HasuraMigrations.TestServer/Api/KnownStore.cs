using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using Npgsql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>
/// The store of the metadata of one server. A look at a catalog that nobody knows takes milliseconds, a good part of a request, so it is
/// repeated only where a relation of the catalog was made, changed or dropped.
/// </summary>
/// <param name="description">What messages call the server.</param>
internal sealed class KnownStore(string description)
{
    private const string Relations = "SELECT coalesce(pg_catalog.string_agg(c.oid::text || ':' || c.xmin::text, ',' ORDER BY c.oid), '') FROM pg_catalog.pg_class c WHERE c.relnamespace = pg_catalog.to_regnamespace('hdb_catalog')";

    private Known? _known;

    /// <summary>The store as it is now.</summary>
    /// <exception cref="MetadataCommandException">unexpected: there is none.</exception>
    internal async Task<IMetadataStore> FindAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var relations = (await session.RowsAsync(Relations, [], cancellationToken))[0][0]!;
        if (_known is { } known && known.Relations == relations)
        {
            return known.Store;
        }

        var store = MetadataStores.Find(await CatalogProbe.ReadAsync(session, description, cancellationToken), description)
            ?? throw new MetadataCommandException("unexpected", "database query error", status: 500);
        _known = new Known(relations, store);
        return store;
    }

    private sealed record Known(string Relations, IMetadataStore Store);
}
