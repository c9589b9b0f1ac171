using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Metadata.Model;

/// <summary>Kinds of databases that a source may be of.</summary>
internal static class SourceKinds
{
    /// <summary>True for PostgreSQL and what speaks its protocol; false for agents of users, whatever they are called.</summary>
    internal static bool IsPostgres(string kind) => ProjectDatabase.IsPostgresKind(kind);

    /// <summary>True where tables have the list of their names for a name: every kind that an agent brings.</summary>
    internal static bool HasListsForNames(string kind) => kind is not ("mssql" or "bigquery" or "") && !IsPostgres(kind);

    /// <summary>The schema of a name that has none; null where there is no such schema.</summary>
    internal static string? DefaultSchema(string kind) => kind == "mssql" ? "dbo" : kind.Length == 0 || IsPostgres(kind) ? "public" : null;
}
