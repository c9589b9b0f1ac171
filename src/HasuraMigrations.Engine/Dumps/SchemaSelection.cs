namespace HasuraMigrations.Engine.Dumps;

/// <summary>The schemas of a database that a dump contains.</summary>
/// <param name="Included">Names of schemas; empty for all.</param>
/// <param name="Excluded">Names of schemas that are left out. Those of Hasura and of this module always are.</param>
public sealed record SchemaSelection(IReadOnlyList<string> Included, IReadOnlyList<string> Excluded)
{
    /// <summary>Schemas that Hasura and this module make by themselves (hdb_lib: servers of 2.x; hdb_views: servers of 1.x).</summary>
    internal static IReadOnlyList<string> OfTools { get; } = ["hdb_catalog", "hdb_lib", "hdb_views", "hasura_migrations"];

    /// <summary>Every schema but those of tools.</summary>
    public static SchemaSelection All { get; } = new([], []);

    /// <summary>Whether only some schemas were named.</summary>
    internal bool IsPartial => Included.Count > 0;

    /// <summary>The options that make pg_dump select these schemas.</summary>
    /// <exception cref="HasuraMigrationException"><c>SchemaInvalid</c>: a schema of Hasura or of this module was named.</exception>
    internal IReadOnlyList<string> Options
    {
        get
        {
            if (Included.FirstOrDefault(OfTools.Contains) is { } own)
            {
                throw new HasuraMigrationException("SchemaInvalid", $"The schema {own} belongs to Hasura or to this module, which create it by themselves.", own);
            }

            return
            [
                .. Included.SelectMany(name => new[] { "--schema", Pattern(name) }),
                .. Excluded.Concat(OfTools).Distinct().SelectMany(name => new[] { "--exclude-schema", Pattern(name) }),
            ];
        }
    }

    // Quoted, a pattern of pg_dump names one schema, with case and special characters as they are.
    private static string Pattern(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
