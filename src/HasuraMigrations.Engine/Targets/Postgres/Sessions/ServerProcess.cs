using System.Globalization;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Sessions;

/// <summary>
/// The server process of a session, as the server names it. What the protocol tells a client may be a number of a pooler's own,
/// and numbers are given again: the time when it began tells two processes apart.
/// </summary>
/// <param name="Id">Its process id.</param>
/// <param name="Began">When it began, in seconds since 1970; null where nobody may see it.</param>
internal sealed record ServerProcess(int Id, string? Began)
{
    /// <summary>Two columns of text that tell it, for a statement of ours.</summary>
    internal const string Columns = "pg_catalog.pg_backend_pid()::text, (SELECT extract(epoch FROM own.backend_start)::text FROM pg_catalog.pg_stat_activity own WHERE own.pid = pg_catalog.pg_backend_pid())";

    /// <summary>What <see cref="Columns"/> gave.</summary>
    internal static ServerProcess Of(string? id, string? began) => new(int.Parse(id!, CultureInfo.InvariantCulture), began);

    /// <summary>Asks a session.</summary>
    internal static async Task<ServerProcess> ReadAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        (await session.RowsAsync($"SELECT {Columns}", [], cancellationToken).ConfigureAwait(false)) is [[var id, var began]] ? Of(id, began) : throw new NpgsqlException("the session does not name its server process");
}
