using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Sessions;

/// <summary>Reads through a session what a database holds of this module and of Hasura.</summary>
internal static class RecordReading
{
    /// <summary>Finds out what a database has, before anything is read from it.</summary>
    /// <exception cref="HasuraMigrationException">ServerNotPostgres.</exception>
    /// <exception cref="NpgsqlException">It could not be read.</exception>
    internal static async Task<DatabaseProbe> ProbeAsync(this NpgsqlConnection session, string description, CancellationToken cancellationToken)
    {
        try
        {
            var row = (await session.RowsAsync(SqlResource.Probe, [], cancellationToken).ConfigureAwait(false))[0];
            return DatabaseProbe.Of(row, await session.UntrustedCodeAsync(row[^1], cancellationToken).ConfigureAwait(false));
        }
        catch (PostgresException)
        {
            await LookalikeCheck.ExplainAsync(session, description, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Looks closely for code of other roles where a probe says that there may be some.</summary>
    /// <param name="session">The session.</param>
    /// <param name="hint">Column <c>may_be_untrusted</c> of the probe.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<UntrustedCode> UntrustedCodeAsync(this NpgsqlConnection session, string? hint, CancellationToken cancellationToken) =>
        hint is "t" or "true" ? UntrustedCode.Of((await session.RowsAsync(SqlResource.Untrusted, [], cancellationToken).ConfigureAwait(false))[0]) : UntrustedCode.None;

    /// <summary>What is recorded of the files of a source.</summary>
    /// <exception cref="HasuraMigrationException">HistoryUnreadable.</exception>
    internal static async Task<List<FileRow>> FilesAsync(this NpgsqlConnection session, FileKind kind, string database, string description, CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await session.RowsAsync(FileStore.Rows(kind, database), cancellationToken).ConfigureAwait(false)).Select(FileStore.ToRow)];
        }
        catch (PostgresException e) when (HistoryStore.IsLack(e.SqlState))
        {
            throw FileStore.Lacking(kind, e.MessageText, description, e);
        }
    }

    /// <summary>The history of a source.</summary>
    /// <exception cref="HasuraMigrationException">HistoryUnreadable.</exception>
    internal static async Task<List<HistoryRow>> HistoryAsync(this NpgsqlConnection session, string database, string description, CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await session.RowsAsync(HistoryStore.History(database), cancellationToken).ConfigureAwait(false)).Select(HistoryStore.ToRow)];
        }
        catch (PostgresException e) when (HistoryStore.IsLack(e.SqlState))
        {
            throw HistoryStore.Lacking(e.MessageText, description, e);
        }
    }
}
