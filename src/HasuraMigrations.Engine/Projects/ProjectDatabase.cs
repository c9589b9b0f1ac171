namespace HasuraMigrations.Engine.Projects;

/// <summary>One database (source) of a project.</summary>
/// <param name="Name">Source name; <c>default</c> for config versions 1 and 2.</param>
/// <param name="MigrationsDirectory">Full path; it need not exist.</param>
/// <param name="UrlVariable">The environment variable its URL comes from, where the metadata names one.</param>
/// <param name="Kind">Source kind in the metadata (<c>postgres</c>, <c>mssql</c>, ...).</param>
public sealed record ProjectDatabase(string Name, string MigrationsDirectory, string? UrlVariable = null, string Kind = "postgres")
{
    private static readonly string[] PostgresKinds = ["postgres", "pg", "citus", "alloy", "cockroach"];

    /// <summary>True for the kinds of sources that speak the protocol and the SQL of PostgreSQL.</summary>
    public bool IsPostgres => IsPostgresKind(Kind);

    /// <summary>True for such a kind.</summary>
    internal static bool IsPostgresKind(string kind) => PostgresKinds.Contains(kind, StringComparer.OrdinalIgnoreCase);
}
