using System.Globalization;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;
using NpgsqlTypes;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>The catalog of servers of version 2: one document and a number that grows with every write.</summary>
internal sealed class DocumentStore(CatalogProbe probe, string description) : IMetadataStore
{
    // What the last reading was done in, until the collector takes it.
    private static WeakReference<byte[]>? _spare;

    private readonly bool _hasNotifications = probe.Relations.Contains("hdb_schema_notifications");

    /// <inheritdoc/>
    public MetadataEra Era => MetadataEra.Version2;

    /// <inheritdoc/>
    public bool DropsTriggers => false;

    /// <inheritdoc/>
    public void Check(MetadataDocument document)
    {
        if (document.Version != 3)
        {
            throw new HasuraMigrationException("MetadataVersionMismatch", $"The catalog on {description} belongs to a version 2 server and accepts metadata of version 3, not {document.Version}.", description);
        }

        if (document.Root["sources"] is not JsonArray)
        {
            throw new HasuraMigrationException("MetadataNotStorable", "The metadata has no list 'sources'; a server would not start with it.", description);
        }
    }

    /// <inheritdoc/>
    public async Task<StoredMetadata> ReadAsync(NpgsqlConnection session, bool forWrite, CancellationToken cancellationToken)
    {
        await using var batch = new OwnBatch(session).Add(new NpgsqlBatchCommand($"SELECT resource_version, pg_catalog.octet_length(metadata::pg_catalog.text), metadata::pg_catalog.text FROM hdb_catalog.hdb_metadata WHERE id = 1{(forWrite ? " FOR UPDATE" : "")}"));
        await using var reader = await batch.ReadAsync(System.Data.CommandBehavior.SequentialAccess, cancellationToken).ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            // Nothing is stored yet. The row is inserted with 0, and BumpAsync makes it 1, the first number of a server.
            return new StoredMetadata(new MetadataDocument(new JsonObject { ["version"] = 3, ["sources"] = new JsonArray() }), 0, Token(0));
        }

        var version = reader.GetInt32(0);
        var size = reader.GetInt32(1);
        await using var text = await reader.GetStreamAsync(2, cancellationToken).ConfigureAwait(false);
        var root = await ParseAsync(text, size, json => StoredJson.Stored(() => forWrite ? StoredSideEffectIndex.Parse(json.Span) : StoredJson.Parse(json)), cancellationToken).ConfigureAwait(false) as JsonObject
            ?? throw new HasuraMigrationException("MetadataStoreUnsupported", $"The stored metadata on {description} is not a JSON object.", description);
        return new StoredMetadata(new MetadataDocument(root) { RestsOnText = !forWrite }, version, Token(version), size);
    }

    /// <inheritdoc/>
    public async Task WriteAsync(NpgsqlConnection session, MetadataReplacement replacement, CancellationToken cancellationToken)
    {
        replacement.CheckCronTriggers(description);
        var bytes = ServerFormWriter.Write(replacement.Document, replacement.HiddenCronTriggers, replacement.Size + (1 << 16));
        await using (bytes.ConfigureAwait(false))
        {
            // The row is locked by the reading; where there was none, another writer's row is a conflict.
            var command = new NpgsqlBatchCommand(replacement.ResourceVersion == 0
                ? "INSERT INTO hdb_catalog.hdb_metadata (id, metadata, resource_version) VALUES (1, $1::pg_catalog.json, 0) ON CONFLICT (id) DO NOTHING"
                : "UPDATE hdb_catalog.hdb_metadata SET metadata = $1::pg_catalog.json WHERE id = 1");
            command.Parameters.Add(new NpgsqlParameter { Value = bytes, NpgsqlDbType = NpgsqlDbType.Text });
            await using var batch = new OwnBatch(session).Add(command);
            if (await batch.ExecuteAsync(cancellationToken).ConfigureAwait(false) == 0)
            {
                throw MetadataReplacement.Conflict(description, replacement.Token, "another one");
            }
        }

        await CronEvents.DropComingAsync(session, replacement.StaleCronTriggers, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<(long? ResourceVersion, string Token)> BumpAsync(NpgsqlConnection session, long? resourceVersion, ReloadScope? tell, CancellationToken cancellationToken)
    {
        if (tell is not null && _hasNotifications)
        {
            await ServerNotice.NotifyDocumentServersAsync(session, tell.Sources, tell.RemoteSchemas, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            // A server that sees a new number without a notice takes over the number alone.
            await session.ExecuteAsync("UPDATE hdb_catalog.hdb_metadata SET resource_version = resource_version + 1 WHERE id = 1", [], cancellationToken).ConfigureAwait(false);
        }

        // The row is locked since it was read, so the number in the table is this one.
        var version = resourceVersion!.Value + 1;
        return (version, Token(version));
    }

    // Neither form keeps the bytes, and one request reads them up to three times.
    private static async Task<JsonNode?> ParseAsync(Stream text, int sizeHint, Func<ReadOnlyMemory<byte>, JsonNode?> parse, CancellationToken cancellationToken)
    {
        var buffer = TakeSpare(sizeHint + 1);
        var length = 0;
        while (await text.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            length += read;
            if (length == buffer.Length)
            {
                // The hint counts bytes in the encoding of the database.
                Array.Resize(ref buffer, 2 * length);
            }
        }

        var root = parse(buffer.AsMemory(0, length));
        Interlocked.Exchange(ref _spare, new WeakReference<byte[]>(buffer));
        return root;
    }

    // Not of the pool: each thread keeps an array there, and a request goes from one thread to another.
    private static byte[] TakeSpare(int size) =>
        Interlocked.Exchange(ref _spare, null)?.TryGetTarget(out var spare) == true && spare.Length >= size ? spare : GC.AllocateUninitializedArray<byte>(size);

    private static string Token(long version) => version.ToString(CultureInfo.InvariantCulture);
}
