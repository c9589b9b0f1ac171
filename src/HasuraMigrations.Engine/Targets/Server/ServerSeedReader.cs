using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>Reads through a server what is recorded of the seed files of a source.</summary>
internal sealed class ServerSeedReader(HasuraClient client, ServerSql sql, ServerSnapshotReader reader, string database)
{
    /// <summary>Reads; writes nothing.</summary>
    /// <exception cref="HasuraMigrationException">HistoryUnreadable, HistoryTooNew, PermissionMissing, and the errors of servers.</exception>
    internal async Task<(SeedSnapshot Snapshot, ServerReading Reading)> ReadAsync(CancellationToken cancellationToken)
    {
        // The number of the log first: what is recorded after it was read lets the guards refuse, so that it is read again.
        var reading = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return (new SeedSnapshot(reading.Probe.HasSeed ? await RowsAsync(cancellationToken).ConfigureAwait(false) : [], sql.Source.Traits), reading);
    }

    private async Task<List<FileRow>> RowsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await sql.QueryAsync(FileStore.Rows(FileKind.Seed, database), cancellationToken).ConfigureAwait(false)).Select(FileStore.ToRow)];
        }
        catch (HasuraServerException e) when (HistoryStore.IsLack(e.SqlState))
        {
            throw FileStore.Lacking(FileKind.Seed, e.DatabaseMessage, client.Description, e);
        }
    }
}
