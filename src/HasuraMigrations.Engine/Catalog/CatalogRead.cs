using System.Globalization;
using Npgsql;

namespace HasuraMigrations.Engine.Catalog;

/// <summary>How the rows that <see cref="CatalogQueries"/> asks for are read. All of their values are texts.</summary>
internal static class CatalogRead
{
    internal static TableRow Table(string?[] r) => new(Oid(r[0]), new CatalogName(r[1]!, r[2]!), Flag(r[3]), r[4] is null ? null : Number(r[4]));

    internal static (uint Table, CatalogColumn Column) Column(string?[] r) =>
        (Oid(r[0]), new CatalogColumn(r[1]!, Number(r[2]), r[3]!, r[4]!, r[5]![0], Flag(r[6]), r[7]!, Flag(r[8])));

    internal static KeyRow Key(string?[] r) => new(Oid(r[0]), r[1]!, Oid(r[2]), Flag(r[3]), r[4]!);

    internal static ForeignKeyRow ForeignKey(string?[] r) => new(Oid(r[0]), r[1]!, Oid(r[2]), Oid(r[3]), r[4]!, r[5]!);

    internal static CatalogFunction Function(string?[] r) => new()
    {
        Oid = Oid(r[0]),
        Name = new CatalogName(r[1]!, r[2]!),
        Volatility = r[3]![0],
        Returns = new CatalogName(r[4]!, r[5]!),
        ReturnKind = r[6]![0],
        ReturnsSet = Flag(r[7]),
        IsVariadic = Flag(r[8]),
        Arguments = [.. Parts(r[9]).Select(p => p.Split('\u001e')).Select(p => new CatalogArgument(p[0], p[1], p[2], p[3][0]))],
    };

    /// <summary>Columns by their tables.</summary>
    internal static Dictionary<uint, IReadOnlyList<CatalogColumn>> ByTable(IEnumerable<(uint Table, CatalogColumn Column)> columns) =>
        columns.GroupBy(c => c.Table).ToDictionary(g => g.Key, g => (IReadOnlyList<CatalogColumn>)[.. g.Select(c => c.Column)]);

    /// <summary>The rows of a result.</summary>
    internal static async Task<List<T>> ListAsync<T>(NpgsqlDataReader reader, Func<string?[], T> read, CancellationToken cancellationToken)
    {
        var list = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var row = new string?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
            }

            list.Add(read(row));
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return list;
    }

    internal static uint Oid(string? text) => uint.Parse(text!, CultureInfo.InvariantCulture);

    private static string[] Parts(string? list) => list is null ? [] : list.Split(CatalogQueries.Separator);

    private static int Number(string? text) => int.Parse(text!, CultureInfo.InvariantCulture);

    private static bool Flag(string? text) => text == "true";
}
