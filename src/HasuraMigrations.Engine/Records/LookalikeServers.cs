namespace HasuraMigrations.Engine.Records;

/// <summary>
/// Servers that speak PostgreSQL's protocol and are something else. In most of them advisory locks are missing or keep nobody
/// out, so that nothing would hold two runs apart. Extensions and builds of PostgreSQL itself, such as Citus, TimescaleDB,
/// Aurora, AlloyDB, Neon and EDB, are PostgreSQL.
/// </summary>
internal static class LookalikeServers
{
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

    /// <summary>Refuses a server by its version.</summary>
    /// <exception cref="HasuraMigrationException">ServerNotPostgres.</exception>
    internal static void Refuse(string? version, string description)
    {
        if (Recognise(version, []) is { } name)
        {
            throw Error(name, description);
        }
    }

    /// <summary>The error for a server of this name.</summary>
    internal static HasuraMigrationException Error(string name, string description) =>
        new("ServerNotPostgres", $"{description} is {name}, which speaks PostgreSQL's protocol but is not PostgreSQL: its advisory locks do not keep two runs apart. Nothing was written.", description);
}
