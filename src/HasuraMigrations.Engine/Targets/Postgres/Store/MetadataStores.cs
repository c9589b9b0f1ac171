using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>Finds the catalog of a database, or makes one.</summary>
internal static class MetadataStores
{
    private const int FirstRows = 28;
    private const int LastRows = 40;
    private const int FirstDocument = 44;
    private const int LastDocument = 48;

    /// <summary>The store of a database; null where there is none.</summary>
    /// <exception cref="HasuraMigrationException">MetadataStoreUnsupported.</exception>
    internal static IMetadataStore? Find(CatalogProbe probe, string description)
    {
        var isDocument = probe.HasDocument;
        if (!isDocument && !probe.HasRows)
        {
            return null;
        }

        var (first, last) = isDocument ? (FirstDocument, LastDocument) : (FirstRows, LastRows);
        if (probe.Version is not { } version || version < first || version > last || (isDocument && !probe.Columns.Contains("hdb_metadata.resource_version")))
        {
            var reason = probe.Version switch
            {
                43 => "it is of version 43, which has no resource version; let a newer server upgrade it",
                { } known when known > LastDocument => $"it is of version {known}, and {LastDocument} is the newest that this module supports",
                { } known => $"it is of version {known}, which is too old; let a newer server upgrade it",
                null => "it has no version",
            };
            throw new HasuraMigrationException("MetadataStoreUnsupported", $"Hasura's catalog on {description} is unusable: {reason}.", description);
        }

        return isDocument ? new DocumentStore(probe, description) : new RowStore(probe, description);
    }

    /// <summary>What to say where there is none.</summary>
    internal static HasuraMigrationException Missing(CatalogProbe probe, string description)
    {
        var hint = probe.IsSourceOnly ? " It contains the event log of a source, so the metadata is in another database."
            : probe.IsFree ? ""
            : " Schema hdb_catalog is incomplete.";
        return new HasuraMigrationException("MetadataStoreMissing", $"{description} contains no Hasura metadata.{hint}", description);
    }

    /// <summary>Makes the catalog that a document needs, in the transaction of the caller.</summary>
    /// <exception cref="HasuraMigrationException">StateStoreExists, MetadataStoreMissing.</exception>
    internal static async Task<IMetadataStore> CreateAsync(NpgsqlConnection session, CatalogProbe probe, MetadataDocument document, bool needsTableState, string description, CancellationToken cancellationToken)
    {
        if (!probe.IsFree)
        {
            throw new HasuraMigrationException("StateStoreExists", $"Schema hdb_catalog on {description} is incomplete, so no catalog is created in it.", description);
        }

        if (document.Version != 3)
        {
            // Such a server reads its catalog through views of its own release, and trusts a version row without looking.
            throw new HasuraMigrationException("MetadataStoreMissing", $"{description} contains no Hasura metadata, and only a version 1 server can create a version 1 catalog. Start such a server once, or use metadata of version 3.", description);
        }

        string[] scripts = needsTableState && !probe.HasTableState ? [SqlResource.CreateTableState, SqlResource.CreateCatalogState] : [SqlResource.CreateCatalogState];
        await session.ExecuteAllAsync(scripts.SelectMany(s => SqlScript.Parse(s).Statements).Select(s => s.Text), cancellationToken).ConfigureAwait(false);
        return Find(await CatalogProbe.ReadAsync(session, description, cancellationToken).ConfigureAwait(false), description)!;
    }
}
