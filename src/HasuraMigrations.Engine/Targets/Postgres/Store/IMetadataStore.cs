using HasuraMigrations.Engine.Metadata.Model;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>One kind of Hasura catalog. Every call runs in a transaction of the caller.</summary>
internal interface IMetadataStore
{
    /// <summary>SQL triggers of event triggers that go are dropped by writing: the tables lie in the same database.</summary>
    bool DropsTriggers { get; }

    /// <summary>The line of servers whose catalog it is.</summary>
    MetadataEra Era { get; }

    /// <summary>Refuses a document this kind of catalog has no place for.</summary>
    /// <exception cref="HasuraMigrationException">MetadataVersionMismatch, MetadataNotStorable.</exception>
    void Check(MetadataDocument document);

    /// <summary>
    /// Reads all there is, what an export leaves out too; for writing at least event triggers, cron triggers and the names of
    /// sources and remote schemas.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="forWrite">Keep others from writing until the transaction ends.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    Task<StoredMetadata> ReadAsync(NpgsqlConnection session, bool forWrite, CancellationToken cancellationToken);

    /// <summary>Writes a document in place of what was read for writing, and drops coming events of cron triggers that changed.</summary>
    Task WriteAsync(NpgsqlConnection session, MetadataReplacement replacement, CancellationToken cancellationToken);

    /// <summary>What the store holds now counts as another one, for other writers, and for servers if they are told.</summary>
    /// <param name="session">The session.</param>
    /// <param name="resourceVersion">The number that was read for writing.</param>
    /// <param name="tell">What servers must read again; null to tell them nothing.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <returns>The new resource version and token.</returns>
    Task<(long? ResourceVersion, string Token)> BumpAsync(NpgsqlConnection session, long? resourceVersion, ReloadScope? tell, CancellationToken cancellationToken);
}

/// <summary>Metadata as a catalog holds it.</summary>
/// <param name="Document">The document, with what an export leaves out.</param>
/// <param name="ResourceVersion">Its number; null where the catalog has none.</param>
/// <param name="Token">What tells it from any other.</param>
/// <param name="Size">Length of its text in bytes; 0 where it is not known.</param>
internal sealed record StoredMetadata(MetadataDocument Document, long? ResourceVersion, string Token, int Size = 0);
