using Npgsql;

namespace HasuraMigrations.Engine.Catalog;

/// <summary>
/// What the rows of <see cref="CatalogQueries.Facts"/> say. Each is taken in as it comes, and texts that come again are kept once: a large
/// database has a million of them.
/// </summary>
internal sealed class CatalogLines
{
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);

    /// <summary>The snapshot of the statement; null where it was not asked for.</summary>
    internal string? Snapshot { get; private set; }

    /// <summary>Tables and views.</summary>
    internal List<TableRow> Tables { get; } = [];

    /// <summary>Columns with the oid of their table.</summary>
    internal List<(uint Table, CatalogColumn Column)> Columns { get; } = [];

    /// <summary>Unique indexes.</summary>
    internal List<KeyRow> Keys { get; } = [];

    /// <summary>Foreign keys.</summary>
    internal List<ForeignKeyRow> ForeignKeys { get; } = [];

    /// <summary>Functions.</summary>
    internal List<CatalogFunction> Functions { get; } = [];

    /// <summary>Names of base types.</summary>
    internal List<string> Types { get; } = [];

    /// <summary>Reads a result to its end.</summary>
    internal static async Task<CatalogLines> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var lines = new CatalogLines();
        var values = new string?[reader.FieldCount - 1];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = reader.IsDBNull(i + 1) ? null : lines.Share(reader.GetString(i + 1));
            }

            lines.Take(lines.Share(reader.GetString(0)), values);
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return lines;
    }

    /// <summary>Takes rows that were read elsewhere.</summary>
    internal static CatalogLines Of(IEnumerable<string?[]> rows)
    {
        var lines = new CatalogLines();
        foreach (var row in rows)
        {
            lines.Take(row[0]!, [.. row.Skip(1).Select(v => v is null ? null : lines.Share(v))]);
        }

        return lines;
    }

    private void Take(string list, string?[] values)
    {
        switch (list)
        {
            case "snapshot":
                Snapshot = values[0];
                break;
            case "table":
                Tables.Add(CatalogRead.Table(values));
                break;
            case "column":
                Columns.Add(CatalogRead.Column(values));
                break;
            case "key":
                Keys.Add(CatalogRead.Key(values));
                break;
            case "foreign key":
                ForeignKeys.Add(CatalogRead.ForeignKey(values));
                break;
            case "function":
                Functions.Add(CatalogRead.Function(values));
                break;
            case "type":
                Types.Add(values[0]!);
                break;
            default:
                throw new InvalidOperationException($"No list is named '{list}'.");
        }
    }

    private string Share(string text)
    {
        if (_texts.TryGetValue(text, out var known))
        {
            return known;
        }

        _texts.Add(text);
        return text;
    }
}
