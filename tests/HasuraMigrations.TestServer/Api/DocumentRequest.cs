using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.Api;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.TestServer.Sql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The document as one request sees and changes it; it is written once, at the end, where nobody else wrote.</summary>
internal sealed class DocumentRequest
{
    private readonly SqlRunner _runner;
    private readonly KnownStore _store;

    private DocumentRequest(SqlRunner runner, KnownStore store, StoredMetadata stored, MetadataEra era, ISourceSessions sessions)
    {
        (_runner, _store) = (runner, store);
        ResourceVersion = stored.ResourceVersion!.Value;
        Metadata = new CommandSession(era, stored.Document.Root, sessions);
    }

    /// <summary>The number of the document that was read.</summary>
    internal long ResourceVersion { get; }

    /// <summary>The document; what an export does not show is in it.</summary>
    internal CommandSession Metadata { get; }

    internal static async Task<DocumentRequest> StartAsync(SqlRunner runner, KnownStore store, MetadataEra era, ISourceSessions sessions, CancellationToken cancellationToken)
    {
        await using var session = await runner.OpenAsync(cancellationToken);
        var stored = await (await store.FindAsync(session, cancellationToken)).ReadAsync(session, forWrite: false, cancellationToken);
        return new DocumentRequest(runner, store, stored, era, sessions);
    }

    /// <summary>Writes the document where it still is the one that was read, or the one that the client saw.</summary>
    /// <exception cref="MetadataCommandException">conflict.</exception>
    internal async Task WriteAsync(long? expected, CancellationToken cancellationToken)
    {
        await using var session = await _runner.OpenAsync(cancellationToken);
        await SqlRunner.InTransactionAsync(session, readOnly: false, async () =>
        {
            var store = await _store.FindAsync(session, cancellationToken);
            var current = await store.ReadAsync(session, forWrite: true, cancellationToken);
            var wanted = expected ?? ResourceVersion;
            if (current.ResourceVersion != wanted)
            {
                throw MetadataCommandException.Conflict(wanted);
            }

            await DocumentCommit.WriteAsync(session, store, current, Metadata, cancellationToken);
            return await store.BumpAsync(session, current.ResourceVersion, ReloadScope.Of(Metadata.Root), cancellationToken);
        }, cancellationToken);
    }
}
