using System.Security.Cryptography;
using System.Text;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>The catalog of servers of version 1: rows in many tables, of which older servers have fewer.</summary>
internal sealed class RowStore(CatalogProbe probe, string description) : IMetadataStore
{
    /// <summary>What a writer has to know of the metadata it replaces; the rest may be large.</summary>
    private static readonly RowTable[] ComparedTables = [RowTable.Tables, RowTable.EventTriggers, RowTable.RemoteSchemas, RowTable.CronTriggers];

    private readonly RowTable[] _tables = [.. RowTable.All.Where(t => probe.Relations.Contains(t.Name))];

    /// <inheritdoc/>
    public MetadataEra Era => MetadataEra.Version1;

    /// <inheritdoc/>
    public bool DropsTriggers => true;

    /// <inheritdoc/>
    public void Check(MetadataDocument document)
    {
        if (document.Version == 3)
        {
            throw new HasuraMigrationException("MetadataVersionMismatch", $"The catalog on {description} belongs to a version 1 server and accepts metadata of version 1 or 2, not 3.", description);
        }

        _ = Split(document);
    }

    /// <inheritdoc/>
    public async Task<StoredMetadata> ReadAsync(NpgsqlConnection session, bool forWrite, CancellationToken cancellationToken)
    {
        if (forWrite)
        {
            // A server writes rows of one table or another: all of them have to stand still.
            // The mode keeps out writers and other imports, but no readers (PostgreSQL manual, Explicit Locking).
            await session.ExecuteAsync($"LOCK TABLE {string.Join(", ", _tables.Select(t => $"hdb_catalog.{t.Name}"))} IN SHARE ROW EXCLUSIVE MODE", [], cancellationToken).ConfigureAwait(false);
        }

        var (rows, token) = await ReadRowsAsync(session, forWrite ? ComparedTables : RowTable.All, cancellationToken).ConfigureAwait(false);
        return new StoredMetadata(new MetadataDocument(new RowsToDocument(rows).Build()), null, token);
    }

    /// <inheritdoc/>
    public async Task WriteAsync(NpgsqlConnection session, MetadataReplacement replacement, CancellationToken cancellationToken)
    {
        replacement.CheckCronTriggers(description);
        var rows = Split(replacement.Document);
        await DropTriggersAsync(session, replacement.GoneEventTriggers, cancellationToken).ConfigureAwait(false);
        // Referring tables first: these foreign keys cascade only on update (Hasura 1.3). Cron triggers are merged below.
        foreach (var table in Enumerable.Reverse(_tables).Where(t => t != RowTable.CronTriggers))
        {
            await session.ExecuteAsync(table.DeleteAll, [], cancellationToken).ConfigureAwait(false);
        }

        foreach (var table in _tables.Where(t => rows[t].Count > 0))
        {
            var columns = table.Columns.Select((_, i) => (object?)rows[table].Select(r => r[i]).ToArray()).ToArray();
            var insert = table == RowTable.CronTriggers ? $"{table.Insert} ON CONFLICT (name) DO UPDATE SET {string.Join(", ", table.Columns.Skip(1).Select(c => $"{c.Column} = excluded.{c.Column}"))}" : table.Insert;
            await session.ExecuteAsync(insert, columns, cancellationToken).ConfigureAwait(false);
        }

        if (_tables.Contains(RowTable.CronTriggers))
        {
            // Only what changed loses its events: deleting a row takes all events and logs of it along.
            // No export has those with include_in_metadata false, so they are kept (docs/decisions/0006).
            var kept = rows[RowTable.CronTriggers].Select(r => r[0]!).Concat(replacement.HiddenNames).ToArray();
            await session.ExecuteAsync("DELETE FROM hdb_catalog.hdb_cron_triggers WHERE NOT name OPERATOR(pg_catalog.=) ANY ($1)", [kept], cancellationToken).ConfigureAwait(false);
            await CronEvents.DropComingAsync(session, replacement.StaleCronTriggers, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<(long? ResourceVersion, string Token)> BumpAsync(NpgsqlConnection session, long? resourceVersion, ReloadScope? tell, CancellationToken cancellationToken)
    {
        if (tell is not null && probe.Relations.Contains("hdb_schema_update_event"))
        {
            await ServerNotice.NotifyRowServersAsync(session, tell.RemoteSchemas, probe.Columns.Contains("hdb_schema_update_event.invalidations"), cancellationToken).ConfigureAwait(false);
        }

        // A catalog of version 1 has no resource version; a hash of all rows takes its place (docs/decisions/0006).
        return (null, (await ReadRowsAsync(session, [], cancellationToken).ConfigureAwait(false)).Token);
    }

    /// <summary>Drops what calls the event log for event triggers that go, as a server does, and closes their events.</summary>
    private static async Task DropTriggersAsync(NpgsqlConnection session, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0)
        {
            return;
        }

        // Servers of version 1 keep these functions in hdb_views; CASCADE drops the SQL triggers that call them (Hasura 1.3).
        await session.ExecuteAllAsync(
            from name in names
            from operation in new[] { "INSERT", "UPDATE", "DELETE" }
            select $"DROP FUNCTION IF EXISTS hdb_views.{SqlName.Quote($"notify_hasura_{name}_{operation}")}() CASCADE", cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync("UPDATE hdb_catalog.event_log SET archived = true WHERE trigger_name OPERATOR(pg_catalog.=) ANY ($1)", [names.ToArray()], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads all rows to hash them, and keeps those of some tables.</summary>
    private async Task<(Dictionary<RowTable, List<string?[]>> Rows, string Token)> ReadRowsAsync(NpgsqlConnection session, RowTable[] keep, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var rows = RowTable.All.ToDictionary(t => t, _ => new List<string?[]>());
        await using var batch = new OwnBatch(session);
        foreach (var table in _tables)
        {
            batch.Add(new NpgsqlBatchCommand(table.Select));
        }

        await using var reader = await batch.ReadAsync(System.Data.CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        foreach (var table in _tables)
        {
            var hashes = new List<byte[]>();
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var row = new string?[reader.FieldCount];
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
                }

                hashes.Add(HashOf(row));
                if (keep.Contains(table))
                {
                    rows[table].Add(row);
                }
            }

            // Not in the order of the rows: VACUUM FULL, CLUSTER or an update of other columns moves rows of a table, and changes no metadata.
            foreach (var row in hashes.Order(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))))
            {
                hash.AppendData(row);
            }

            // Marks the end of a table, so that the same row in the next one gives another hash.
            hash.AppendData([0xFF]);
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        return (rows, Convert.ToHexString(hash.GetHashAndReset()));
    }

    private Dictionary<RowTable, List<string?[]>> Split(MetadataDocument document)
    {
        var split = new DocumentToRows(document.Root, probe.Relations);
        return split.NotStorable.Count == 0
            ? split.Rows
            : throw new HasuraMigrationException("MetadataNotStorable", $"The version 1 catalog on {description} cannot store: {string.Join(", ", split.NotStorable.Take(10))}{(split.NotStorable.Count > 10 ? $" and {split.NotStorable.Count - 10} more" : "")}.", description);
    }

    private static byte[] HashOf(string?[] row)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var value in row)
        {
            // Lengths keep neighbours apart.
            var bytes = value is null ? [] : Encoding.UTF8.GetBytes(value);
            hash.AppendData(BitConverter.GetBytes(value is null ? -1 : bytes.Length));
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }
}
