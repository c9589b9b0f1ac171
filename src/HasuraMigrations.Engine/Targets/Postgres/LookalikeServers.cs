using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>
/// Servers that speak PostgreSQL's protocol and are something else. In most of them advisory locks are missing or keep nobody
/// out, so that nothing would hold two runs apart. Extensions and builds of PostgreSQL itself, such as Citus, TimescaleDB,
/// Aurora, AlloyDB, Neon and EDB, are PostgreSQL.
/// </summary>
internal static class LookalikeServers
{
    // PostgreSQL itself counts from 10 on in whole numbers; others tell a number of long ago.
    private const int FirstOwnMajor = 10;

    /// <summary>Names, with what of the server's version or of the names of its parameters tells them.</summary>
    private static readonly (string Name, string Word)[] Known =
    [
        ("CockroachDB", "CockroachDB"),
        ("CockroachDB", "crdb_version"),
        ("YugabyteDB", "-YB-"),
        ("Amazon Redshift", "Redshift"),
        ("Amazon Redshift", "padb_version"),
        ("Materialize", "Materialize"),
        ("RisingWave", "RisingWave"),
        ("CrateDB", "CrateDB"),
        ("QuestDB", "QuestDB"),
        ("Spanner", "PGAdapter"),
        ("Spanner", "Spanner"),
        ("CedarDB", "CedarDB"),
        ("DoltgreSQL", "Doltgres"),
        ("DuckDB", "DuckDB"),
        ("H2", "server protocol using H2"),
    ];

    /// <summary>The name of a server that is not PostgreSQL; null where nothing tells of one.</summary>
    /// <param name="version">What <c>version()</c> or the parameter <c>server_version</c> says.</param>
    /// <param name="parameters">Names of the parameters that the server tells of itself.</param>
    internal static string? Recognise(string? version, IEnumerable<string> parameters)
    {
        List<string> told = [version ?? "", .. parameters];
        return Known.FirstOrDefault(k => told.Exists(t => t.Contains(k.Word, StringComparison.OrdinalIgnoreCase))).Name;
    }

    /// <summary>Refuses a server by what it says of itself when a session begins; asks where that is too old to be PostgreSQL's.</summary>
    /// <exception cref="HasuraMigrationException">ServerNotPostgres; the session is closed.</exception>
    internal static async Task RefuseAsync(NpgsqlConnection session, string description, CancellationToken cancellationToken)
    {
        var parameters = session.PostgresParameters;
        var version = parameters.GetValueOrDefault("server_version") ?? "";
        var name = Recognise(version, parameters.Keys);
        if (name is null && MajorOf(version) < FirstOwnMajor)
        {
            name = await AskAsync(session, cancellationToken).ConfigureAwait(false);
        }

        if (name is not null)
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw Error(name, description);
        }
    }

    /// <summary>Refuses a server by its version.</summary>
    /// <exception cref="HasuraMigrationException">ServerNotPostgres.</exception>
    internal static void Refuse(string? version, string description)
    {
        if (Recognise(version, []) is { } name)
        {
            throw Error(name, description);
        }
    }

    /// <summary>After PostgreSQL's own catalog or functions were refused: refuses a server that has none.</summary>
    /// <exception cref="HasuraMigrationException">ServerNotPostgres.</exception>
    internal static async Task ExplainAsync(NpgsqlConnection session, string description, CancellationToken cancellationToken)
    {
        if (session.State == System.Data.ConnectionState.Open && await AskAsync(session, cancellationToken).ConfigureAwait(false) is { } name)
        {
            throw Error(name, description);
        }
    }

    private static async Task<string?> AskAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = session.CreateCommand();
            command.CommandText = "SELECT pg_catalog.version()";
            return Recognise(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string, []);
        }
        catch (NpgsqlException)
        {
            // One that does not even tell its version stays unnamed; the error that led here tells the rest.
            return null;
        }
    }

    private static int MajorOf(string version) => int.TryParse(version.AsSpan(0, version.TakeWhile(char.IsAsciiDigit).Count()), out var major) ? major : 0;

    private static HasuraMigrationException Error(string name, string description) =>
        new("ServerNotPostgres", $"{description} is {name}, which speaks PostgreSQL's protocol but is not PostgreSQL: its advisory locks do not keep two runs apart. Nothing was written.", description);
}
