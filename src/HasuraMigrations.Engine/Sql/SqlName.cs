namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// A name of a database object as the catalog has it: quotes taken off, unquoted parts in lower case, each part cut to 63
/// bytes of UTF-8 as the server does.
/// </summary>
/// <param name="Schema">Schema, or null where the name is not qualified.</param>
/// <param name="Name">The name itself.</param>
public sealed record SqlName(string? Schema, string Name)
{
    /// <summary>A part of a name as SQL has it, quoted always.</summary>
    internal static string Quote(string part) => $"\"{part.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>The name for messages, not quoted.</summary>
    public override string ToString() => Schema is null ? Name : $"{Schema}.{Name}";
}
