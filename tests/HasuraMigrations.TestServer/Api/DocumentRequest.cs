using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Targets.Postgres;
using HasuraMigrations.TestServer.Sql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The document as one request sees and changes it; it is written once, at the end, where nobody else wrote.</summary>
internal sealed class DocumentRequest
{
    private const string Description = "the test server";

    private readonly SqlRunner _runner;
    private readonly long _resourceVersion;

    private DocumentRequest(SqlRunner runner, StoredMetadata stored)
    {
        _runner = runner;
        _resourceVersion = stored.ResourceVersion!.Value;
        Document = stored.Document.Clone();
    }

    /// <summary>The document; what an export does not show is in it.</summary>
    internal MetadataDocument Document { get; private set; }

    /// <summary>True where it has to be written.</summary>
    internal bool IsModified { get; private set; }

    internal static async Task<DocumentRequest> StartAsync(SqlRunner runner, CancellationToken cancellationToken)
    {
        await using var session = await runner.OpenAsync(cancellationToken);
        var store = MetadataStores.Find(await CatalogProbe.ReadAsync(session, Description, cancellationToken), Description)
            ?? throw new HasuraError(500, "unexpected", "database query error");
        return new DocumentRequest(runner, await store.ReadAsync(session, forWrite: false, cancellationToken));
    }

    /// <summary>What an export shows.</summary>
    internal JsonObject Export(bool isWithVersion)
    {
        var shown = Document.Clone().Root;
        PostgresMetadataTarget.RemoveHidden(shown);
        return isWithVersion ? new JsonObject { ["resource_version"] = _resourceVersion, ["metadata"] = shown } : shown;
    }

    internal void Replace(MetadataDocument document) => (Document, IsModified) = (document, true);

    internal void Touch() => IsModified = true;

    /// <summary>Writes the document where it still is the one that was read, or the one that the client saw.</summary>
    /// <exception cref="HasuraError">conflict.</exception>
    internal async Task WriteAsync(long? expected, CancellationToken cancellationToken)
    {
        await using var session = await _runner.OpenAsync(cancellationToken);
        await SqlRunner.InTransactionAsync(session, readOnly: false, async () =>
        {
            var store = MetadataStores.Find(await CatalogProbe.ReadAsync(session, Description, cancellationToken), Description)!;
            var current = await store.ReadAsync(session, forWrite: true, cancellationToken);
            var wanted = expected ?? _resourceVersion;
            if (current.ResourceVersion != wanted)
            {
                throw new HasuraError(409, "conflict", $"metadata resource version referenced ({wanted}) did not match current version");
            }

            // Hidden cron triggers are carried over by the replacement.
            var shown = Document.Clone();
            PostgresMetadataTarget.RemoveHidden(shown.Root);
            try
            {
                store.Check(shown);
                await store.WriteAsync(session, new MetadataReplacement(current, shown, store.DropsTriggers), cancellationToken);
            }
            catch (HasuraMigrationException e)
            {
                throw new HasuraError(400, "already-exists", e.Message);
            }

            return await store.BumpAsync(session, current.ResourceVersion, MetadataNames.Of(shown.Root), cancellationToken);
        }, cancellationToken);
    }
}
