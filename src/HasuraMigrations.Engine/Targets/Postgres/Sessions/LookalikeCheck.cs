using HasuraMigrations.Engine.Records;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Sessions;

/// <summary>Refuses sessions on servers that are not PostgreSQL (see <see cref="LookalikeServers"/>).</summary>
internal static class LookalikeCheck
{
    // PostgreSQL itself counts from 10 on in whole numbers; others tell a number of long ago.
    private const int FirstOwnMajor = 10;

    /// <summary>Refuses a server by what it says of itself when a session begins; asks where that is too old to be PostgreSQL's.</summary>
    /// <exception cref="HasuraMigrationException">ServerNotPostgres; the session is closed.</exception>
    internal static async Task RefuseAsync(NpgsqlConnection session, string description, CancellationToken cancellationToken)
    {
        var parameters = session.PostgresParameters;
        var version = parameters.GetValueOrDefault("server_version") ?? "";
        var name = LookalikeServers.Recognise(version, parameters.Keys);
        if (name is null && MajorOf(version) < FirstOwnMajor)
        {
            name = await AskAsync(session, cancellationToken).ConfigureAwait(false);
        }

        if (name is not null)
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw LookalikeServers.Error(name, description);
        }
    }

    /// <summary>After PostgreSQL's own catalog or functions were refused: refuses a server that has none.</summary>
    /// <exception cref="HasuraMigrationException">ServerNotPostgres.</exception>
    internal static async Task ExplainAsync(NpgsqlConnection session, string description, CancellationToken cancellationToken)
    {
        if (session.State == System.Data.ConnectionState.Open && await AskAsync(session, cancellationToken).ConfigureAwait(false) is { } name)
        {
            throw LookalikeServers.Error(name, description);
        }
    }

    private static async Task<string?> AskAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = session.CreateCommand();
            command.CommandText = "SELECT pg_catalog.version()";
            return LookalikeServers.Recognise(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string, []);
        }
        catch (NpgsqlException)
        {
            // One that does not even tell its version stays unnamed; the error that led here tells the rest.
            return null;
        }
    }

    private static int MajorOf(string version) => int.TryParse(version.AsSpan(0, version.TakeWhile(char.IsAsciiDigit).Count()), out var major) ? major : 0;
}
