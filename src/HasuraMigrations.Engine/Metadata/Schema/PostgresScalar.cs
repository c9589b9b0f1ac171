namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>A type of PostgreSQL as a server sees it.</summary>
/// <param name="Name">Name of its scalar.</param>
/// <param name="Text">The name that a server gives the type.</param>
/// <param name="IsKnown">A server knows it; others pass through it as they are.</param>
internal sealed record PostgresScalar(string Name, string Text, bool IsKnown)
{
    // By typname, with the spelling that servers read as the same type.
    private static readonly Dictionary<string, PostgresScalar> ByType = Known(
    [
        ("Int", "integer", ["integer", "int", "int4"]),
        ("Boolean", "boolean", ["boolean", "bool"]),
        ("Float", "real", ["real", "float4"]),
        ("String", "text", ["text"]),
        ("String", "varchar", ["varchar", "character varying"]),
        ("smallint", "smallint", ["smallint", "int2"]),
        ("bigint", "bigint", ["bigint", "int8"]),
        ("float8", "float8", ["double precision", "float8"]),
        ("numeric", "numeric", ["numeric", "decimal"]),
        ("money", "money", ["money"]),
        ("bpchar", "bpchar", ["bpchar", "char", "character"]),
        ("citext", "citext", ["citext"]),
        ("date", "date", ["date"]),
        ("timestamp", "timestamp", ["timestamp", "timestamp without time zone"]),
        ("timestamptz", "timestamptz", ["timestamptz", "timestamp with time zone"]),
        ("timetz", "timetz", ["timetz", "time with time zone"]),
        .. new[] { "json", "jsonb", "uuid", "geometry", "geography", "raster", "ltree", "lquery", "ltxtquery" }.Select(n => (n, n, new[] { n })),
    ]);

    /// <summary>_inc, avg and sum take it.</summary>
    internal bool IsNumeric => Text is "integer" or "smallint" or "bigint" or "real" or "float8" or "numeric" or "money" && IsKnown;

    /// <summary>max and min take it.</summary>
    internal bool IsComparable => IsKnown && Text is not ("json" or "jsonb" or "geometry" or "geography" or "boolean");

    /// <summary>_like takes it.</summary>
    internal bool IsStringLike => IsKnown && Text is "text" or "varchar" or "bpchar" or "citext";

    /// <summary>A path leads into it.</summary>
    internal bool IsJson => IsKnown && Text is "json" or "jsonb";

    /// <summary>The scalar of a type; a server does not know every one.</summary>
    /// <param name="type">typname of a type that is no array.</param>
    internal static PostgresScalar Of(string type) => ByType.GetValueOrDefault(type) ?? new PostgresScalar(type, type, false);

    /// <summary>All names of the type that servers read, its own among them.</summary>
    internal static IEnumerable<string> NamesOf(string type) =>
        ByType.TryGetValue(type, out var scalar) ? ByType.Where(t => ReferenceEquals(t.Value, scalar) || t.Value == scalar).Select(t => t.Key) : [type];

    private static Dictionary<string, PostgresScalar> Known(IEnumerable<(string Name, string Text, string[] Types)> all) =>
        all.SelectMany(a => a.Types.Select(t => KeyValuePair.Create(t, new PostgresScalar(a.Name, a.Text, true)))).ToDictionary(StringComparer.OrdinalIgnoreCase);
}
