using System.Diagnostics;
using System.Globalization;
using HasuraMigrations.Engine.Catalog;
using Npgsql;

namespace HasuraMigrations.Benchmarks;

/// <summary>How long a snapshot of a large catalog takes, cold and again on the same session.</summary>
internal static class CatalogSeries
{
    private const int AtOnce = 200;

    internal static async Task RunAsync(string connectionString, int tables, int columns, int repeats)
    {
        await using var session = new NpgsqlConnection(connectionString);
        await session.OpenAsync();
        for (var from = 1; from <= tables; from += AtOnce)
        {
            await using var fill = new NpgsqlCommand(string.Concat(Enumerable.Range(from, Math.Min(AtOnce, tables - from + 1)).Select(t => Table(t, columns))), session);
            await fill.ExecuteNonQueryAsync();
        }

        await using (var analyze = new NpgsqlCommand("ANALYZE", session) { CommandTimeout = 0 })
        {
            await analyze.ExecuteNonQueryAsync();
        }

        for (var i = 0; i < repeats; i++)
        {
            var clock = Stopwatch.StartNew();
            var catalog = await CatalogFactsReader.ReadAsync(session, withSystem: true, CancellationToken.None);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"snapshot of {catalog.Tables.Count(t => t.Name.Schema == "public")} tables with {columns} columns: {clock.Elapsed.TotalSeconds:N2} s"));
        }
    }

    private static string Table(int number, int columns)
    {
        var key = number > 1 ? $", c1 int REFERENCES t{number - 1}" : ", c1 int";
        return $"CREATE TABLE t{number} (id int PRIMARY KEY{key}{string.Concat(Enumerable.Range(2, columns - 2).Select(c => $", c{c} text"))});\n";
    }
}
