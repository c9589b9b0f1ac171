using System.Security.Cryptography;
using System.Text;
using HasuraMigrations.Engine.Metadata;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>The catalogue of servers of version 1: rows in many tables, of which older servers have fewer.</summary>
internal sealed class RowStore(CatalogProbe probe, string description) : IMetadataStore
{
    private readonly RowTable[] _tables = [.. RowTable.All.Where(t => probe.Relations.Contains(t.Name))];

    /// <inheritdoc/>
    public void Check(MetadataDocument document)
    {
        if (document.Version == 3)
        {
            throw new HasuraMigrationException("MetadataVersionMismatch", $"The catalogue on {description} is one of a version 1 server and takes metadata of version 1 or 2, not 3.", description);
        }

        _ = Split(document);
    }

    /// <inheritdoc/>
    public async Task<StoredMetadata> ReadAsync(NpgsqlConnection session, bool forWrite, CancellationToken cancellationToken)
    {
        if (forWrite)
        {
            // A server writes rows of one table or another: all of them have to stand still.
            await session.ExecuteAsync($"LOCK TABLE {string.Join(", ", _tables.Select(t => $"hdb_catalog.{t.Name}"))} IN SHARE ROW EXCLUSIVE MODE", [], cancellationToken).ConfigureAwait(false);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var rows = RowTable.All.ToDictionary(t => t, _ => new List<string?[]>());
        await using var batch = session.CreateBatch();
        foreach (var table in _tables)
        {
            batch.Add(table.Select);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        foreach (var table in _tables)
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var row = new string?[reader.FieldCount];
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
                }

                rows[table].Add(row);
                AddTo(hash, row);
            }

            hash.AppendData([0xFF]);
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        return new StoredMetadata(new MetadataDocument(new RowsToDocument(rows).Build()), null, Convert.ToHexString(hash.GetHashAndReset()));
    }

    /// <inheritdoc/>
    public async Task WriteAsync(NpgsqlConnection session, StoredMetadata current, MetadataDocument document, CancellationToken cancellationToken)
    {
        var rows = Split(document);
        var hidden = MetadataEffects.CronTriggers(current.Document.Root).Where(MetadataEffects.IsHidden).Select(t => t["name"]!.ToString()).ToHashSet();
        if (rows[RowTable.CronTriggers].Find(r => hidden.Contains(r[0]!)) is { } clash)
        {
            throw new HasuraMigrationException("MetadataNotStorable", $"The cron trigger {clash[0]} exists with include_in_metadata false, so the metadata may not hold it too.", description);
        }

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
            var kept = rows[RowTable.CronTriggers].Select(r => r[0]!).Concat(hidden).ToArray();
            await session.ExecuteAsync("DELETE FROM hdb_catalog.hdb_cron_triggers WHERE NOT name OPERATOR(pg_catalog.=) ANY ($1)", [kept], cancellationToken).ConfigureAwait(false);
            await CronEvents.DropComingAsync(session, MetadataEffects.StaleCronTriggers(current.Document.Root, document.Root).Except(hidden), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<(long? ResourceVersion, string Token)> BumpAsync(NpgsqlConnection session, StoredMetadata current, MetadataNames? tell, CancellationToken cancellationToken)
    {
        if (tell is not null && probe.Relations.Contains("hdb_schema_update_event"))
        {
            await ServerNotice.TellRowServersAsync(session, tell.RemoteSchemas, probe.Columns.Contains("hdb_schema_update_event.invalidations"), cancellationToken).ConfigureAwait(false);
        }

        return (null, (await ReadAsync(session, forWrite: false, cancellationToken).ConfigureAwait(false)).Token);
    }

    private Dictionary<RowTable, List<string?[]>> Split(MetadataDocument document)
    {
        var split = new DocumentToRows(document.Root, probe.Relations);
        return split.NotStorable.Count == 0
            ? split.Rows
            : throw new HasuraMigrationException("MetadataNotStorable", $"The version 1 catalogue on {description} has no place for: {string.Join(", ", split.NotStorable.Take(10))}{(split.NotStorable.Count > 10 ? $" and {split.NotStorable.Count - 10} more" : "")}.", description);
    }

    private static void AddTo(IncrementalHash hash, string?[] row)
    {
        foreach (var value in row)
        {
            // Lengths keep neighbours apart.
            var bytes = value is null ? [] : Encoding.UTF8.GetBytes(value);
            hash.AppendData(BitConverter.GetBytes(value is null ? -1 : bytes.Length));
            hash.AppendData(bytes);
        }
    }
}
