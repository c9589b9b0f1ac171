using System.Diagnostics;
using System.Globalization;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Benchmarks;

/// <summary>The consistency of a large document, what depends on what in it, and the impact of one column that is dropped, each size in a process of its own.</summary>
internal static class ImpactSeries
{
    private static readonly int[] Sizes = [500, 1000, 2000, 5000];

    /// <summary>All sizes.</summary>
    internal static void Run(int roles)
    {
        Console.WriteLine($"\nConsistency and impact with {roles} roles, {Environment.ProcessorCount} processors");
        foreach (var size in Sizes)
        {
            var start = Tools.Self("--impact-step", $"{size}", "--roles", $"{roles}");
            start.RedirectStandardOutput = true;
            using var process = Process.Start(start)!;
            Console.Write(process.StandardOutput.ReadToEnd());
            process.WaitForExit();
        }
    }

    /// <summary>One size in this process.</summary>
    internal static void Step(int tables, int roles)
    {
        // What is compiled on the way is no part of the work.
        _ = Measure(20, 2);
        GC.Collect();
        var (check, graph, impact, found, ofCheck) = Measure(tables, roles);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{tables,6:N0} tables: consistency {check.TotalMilliseconds,6:N0} ms, peak {ofCheck:N0} MB; dependencies {graph.TotalMilliseconds,6:N0} ms, impact of one column {impact.TotalMilliseconds,6:N0} ms ({found} found); peak of all {Peak():N0} MB"));
    }

    private static long Peak()
    {
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64 / 1_000_000;
    }

    private static (TimeSpan Check, TimeSpan Graph, TimeSpan Impact, int Found, long PeakOfCheck) Measure(int tables, int roles)
    {
        var document = ApiSchemaSeries.Document(tables, roles, isDistinct: false);
        var before = ApiSchemaSeries.Catalog(tables);
        var watch = Stopwatch.StartNew();
        var model = MetadataModel.Of(document, new Dictionary<string, SourceFacts> { ["default"] = new SourceFacts(before) });
        _ = model.State.Cache;
        var (check, peak) = (watch.Elapsed, Peak());
        _ = model.Graph;
        var graph = watch.Elapsed - check;
        watch.Stop();
        var after = ApiSchemaSeries.Catalog(tables, "column_5");
        watch.Start();
        var result = MetadataModel.Of(document, new Dictionary<string, SourceFacts> { ["default"] = new SourceFacts(after) });
        var found = ImpactReader.Read(model, result, _ => null).Count;
        return (check, graph, watch.Elapsed - check - graph, found, peak);
    }
}
