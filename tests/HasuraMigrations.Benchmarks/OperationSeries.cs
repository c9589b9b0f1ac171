using System.Diagnostics;
using System.Globalization;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Operations;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Benchmarks;

/// <summary>Operations validated for each role of a large document: their time beside that of the schemas themselves.</summary>
internal static class OperationSeries
{
    /// <summary>One size in this process.</summary>
    internal static async Task StepAsync(int operations, int tables, int roles)
    {
        // What is compiled on the way is no part of the work.
        _ = await RunAsync(20, 20, 2);
        var before = Environment.CpuUsage.TotalTime;
        var (schemas, all, results) = await RunAsync(operations, tables, roles);
        var processors = Environment.CpuUsage.TotalTime - before;
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{operations,6:N0} operations, {tables:N0} tables, {roles} roles: {all.TotalMilliseconds,7:N0} ms, {all / schemas:0.00} x the schemas alone ({schemas.TotalMilliseconds:N0} ms); {processors.TotalMilliseconds:N0} ms of processors for both; {results} results; peak {self.PeakWorkingSet64 / 1_000_000:N0} MB"));
    }

    private static async Task<(TimeSpan Schemas, TimeSpan All, int Results)> RunAsync(int operations, int tables, int roles)
    {
        var settings = new ApiSettings();
        var (document, catalog) = (ApiSchemaSeries.Document(tables, roles, isDistinct: true), ApiSchemaSeries.Catalog(tables));
        var state = new MetadataState(settings.Era, document.Root, new Dictionary<string, SourceFacts> { ["default"] = new SourceFacts(catalog) });
        var texts = OperationReader.Read(Enumerable.Range(0, operations).Select(i => new OperationText(Text(i, tables))), sharesFragments: false);
        var watch = Stopwatch.StartNew();
        var schemas = new ComputedApiSchemas(state, settings);
        foreach (var role in schemas.Roles)
        {
            _ = await schemas.ReadAsync(role, isBackend: false, CancellationToken.None);
        }

        var alone = watch.Elapsed;
        watch.Restart();
        var again = new ComputedApiSchemas(state, settings);
        var results = await new OperationTest(texts, [.. again.Roles], isBackend: false).RunAsync(again, null, _ => { }, CancellationToken.None);
        return (alone, watch.Elapsed, results.Count);
    }

    // Each fifth has a field that is not there.
    private static string Text(int number, int tables)
    {
        var table = string.Create(CultureInfo.InvariantCulture, $"table_{number % tables:00000}");
        return "query Q" + number.ToString(CultureInfo.InvariantCulture) + "($id: Int!, $limit: Int, $where: " + table + "_bool_exp) { " + table
            + "(limit: $limit, where: {_and: [{owner_id: {_eq: $id}}, $where]}, order_by: [{owner_id: asc}]) { ...F owned(where: {column_2: {_like: \"a%\"}}) { owner_id "
            + (number % 5 == 0 ? "nothing" : "column_12") + " } } } fragment F on " + table + " { owner_id column_11 owned_aggregate { aggregate { count } } }";
    }
}
