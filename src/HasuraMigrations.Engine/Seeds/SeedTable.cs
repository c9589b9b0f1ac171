using System.Text;

namespace HasuraMigrations.Engine.Seeds;

/// <summary>A table whose rows are to be written to a seed file.</summary>
/// <param name="Schema">Schema.</param>
/// <param name="Name">Name.</param>
public sealed record SeedTable(string Schema, string Name)
{
    private const string DefaultSchema = "public";

    /// <summary>
    /// Reads a name: <c>table</c> or <c>schema.table</c>, whose case counts, as in Hasura's CLI; a part with a dot or a quote is written in
    /// double quotes, as in SQL.
    /// </summary>
    /// <exception cref="HasuraMigrationException">SeedTableInvalid.</exception>
    public static SeedTable Parse(string text)
    {
        var parts = Parts(text);
        return parts is [_] or [_, _] && parts.TrueForAll(p => p.Length > 0 && !p.Contains('\0'))
            ? new SeedTable(parts.Count == 2 ? parts[0] : DefaultSchema, parts[^1])
            : throw Invalid(text, "is not 'table' or 'schema.table'");
    }

    /// <summary>The name as SQL, which also is the pattern that pg_dump reads as this table alone.</summary>
    public override string ToString() => $"{Quoted(Schema)}.{Quoted(Name)}";

    private static string Quoted(string part) => $"\"{part.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static List<string> Parts(string text)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"' && isQuoted && i + 1 < text.Length && text[i + 1] == '"')
            {
                part.Append(text[i++]);
            }
            else if (text[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (text[i] == '.' && !isQuoted)
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                part.Append(text[i]);
            }
        }

        return isQuoted ? throw Invalid(text, "has a quote that is not closed") : [.. parts, part.ToString()];
    }

    private static HasuraMigrationException Invalid(string text, string why) => new("SeedTableInvalid", $"The table name '{text}' {why}.", text);
}

/// <summary>A table that was found, or a partition of one.</summary>
/// <param name="Named">The name that led to it.</param>
/// <param name="Table">Its own name.</param>
/// <param name="Kind">Kind as in <c>pg_class.relkind</c>: <c>r</c> for a table, <c>p</c> for a partitioned one, ...</param>
public sealed record SeedRelation(SeedTable Named, SeedTable Table, char Kind);
