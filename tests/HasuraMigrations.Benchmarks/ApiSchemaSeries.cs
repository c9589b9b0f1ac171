using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Benchmarks;

/// <summary>The GraphQL schemas of all roles of a large document, each size in a process of its own, for their time and the peak memory of the process.</summary>
internal static class ApiSchemaSeries
{
    private static readonly int[] Sizes = [500, 1000, 2000, 5000];

    /// <summary>All sizes: what grows linearly needs the same time for 1,000 tables in each of them.</summary>
    internal static void Run(int roles)
    {
        foreach (var isDistinct in new[] { false, true })
        {
            Console.WriteLine($"\nGraphQL schemas of {roles} roles, {(isDistinct ? "each with permissions of its own" : "with equal permissions")}, {Environment.ProcessorCount} processors");
            foreach (var size in Sizes)
            {
                var start = Tools.Self("--api-step", $"{size}", "--roles", $"{roles}", "--distinct", isDistinct ? "yes" : "no");
                start.RedirectStandardOutput = true;
                using var process = Process.Start(start)!;
                Console.Write(process.StandardOutput.ReadToEnd());
                process.WaitForExit();
            }
        }
    }

    /// <summary>One size in this process: the time from a document and a catalog to the schemas of all roles, with all their members.</summary>
    internal static void Step(int tables, int roles, bool isDistinct)
    {
        var document = Document(tables, roles, isDistinct);
        var catalog = Catalog(tables);
        // What is compiled on the way is no part of the work, as little as it is for users of the package, whose code is compiled.
        for (var i = 0; i < 5; i++)
        {
            _ = Build(Document(100, 4, isDistinct), Catalog(100));
            Thread.Sleep(200);
        }

        GC.Collect();
        var (paused, allocated) = (GC.GetTotalPauseDuration(), GC.GetTotalAllocatedBytes());
        var (watch, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var (types, members, objects, model) = Build(document, catalog);
        var (total, processors) = (watch.Elapsed, Environment.CpuUsage.TotalTime - before);
        (paused, allocated) = (GC.GetTotalPauseDuration() - paused, GC.GetTotalAllocatedBytes() - allocated);
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{tables,6:N0} tables: {total.TotalMilliseconds,7:N0} ms (objects {objects.TotalMilliseconds:N0}, model {model.TotalMilliseconds:N0}; {processors.TotalMilliseconds:N0} ms of processors; {paused.TotalMilliseconds:N0} ms of collections of {allocated / 1_000_000:N0} MB), {total.TotalMilliseconds * 1000 / tables,5:N0} ms for 1,000; {types:N0} types, {members:N0} members; peak {self.PeakWorkingSet64 / 1_000_000:N0} MB"));
    }

    private static (int Types, long Members, TimeSpan Objects, TimeSpan Model) Build(MetadataDocument document, DatabaseCatalog catalog)
    {
        var watch = Stopwatch.StartNew();
        var settings = new ApiSettings();
        var state = new MetadataState(settings.Era, document.Root, new Dictionary<string, SourceFacts> { ["default"] = new SourceFacts(catalog) });
        _ = state.Cache;
        var objects = watch.Elapsed;
        var builder = new ApiSchemaBuilder(state, settings);
        var model = watch.Elapsed - objects;
        var roles = builder.Roles;
        var schemas = builder.Build(roles);
        var members = schemas.Sum(s => s.Types.Sum(t => (long)t.Fields.Length + t.InputFields.Length + t.EnumValues.Length));
        return (schemas.Sum(s => s.Types.Count), members, objects, model);
    }

    // As the document of the other series, with all that GraphQL shows much of: relationships back, aggregates, and what is written.
    internal static MetadataDocument Document(int tables, int roles, bool isDistinct)
    {
        var document = MetadataSeries.Document(tables, roles, 10);
        foreach (var (table, number) in document.Sources.Single()["tables"]!.AsArray().OfType<JsonObject>().Select((t, i) => (t, i)))
        {
            var owned = new JsonObject { ["name"] = $"table_{Math.Min(number + 1, tables - 1):00000}", ["schema"] = "public" };
            var key = new JsonObject { ["foreign_key_constraint_on"] = new JsonObject { ["column"] = "owner_id", ["table"] = owned } };
            table["array_relationships"] = new JsonArray(new JsonObject { ["name"] = "owned", ["using"] = key });
            foreach (var (permission, role) in table["select_permissions"]!.AsArray().Select((p, i) => (p!["permission"]!.AsObject(), i)))
            {
                permission["allow_aggregations"] = true;
                if (isDistinct)
                {
                    permission["columns"]!.AsArray().RemoveAt(role);
                }
            }

            foreach (var kind in new[] { "insert", "update", "delete" })
            {
                table[$"{kind}_permissions"] = new JsonArray([.. Enumerable.Range(0, roles / 2).Select(r => (JsonNode)new JsonObject { ["role"] = $"role_{r:00}", ["permission"] = JsonNode.Parse(Written(kind)) })]);
            }
        }

        // As files and databases are read.
        document.Compact();
        return document;
    }

    private static string Written(string kind) => kind switch
    {
        "insert" => """{"check":{},"columns":["column_1","column_2","column_3"]}""",
        "update" => """{"columns":["column_1","column_2","column_3"],"filter":{},"check":{}}""",
        _ => """{"filter":{}}""",
    };

    /// <summary>The catalog of the document.</summary>
    /// <param name="tables">Number of tables.</param>
    /// <param name="without">A column that the first table lacks; null for none.</param>
    internal static DatabaseCatalog Catalog(int tables, string? without = null)
    {
        var all = new List<CatalogTable>();
        for (var i = 0; i < tables; i++)
        {
            var table = new CatalogTable((uint)(20_000 + i), new CatalogName("public", $"table_{i:00000}"));
            table.Add(new CatalogColumn("owner_id", 1, "int4", "int4", 'b', false, "", false));
            table.Add(new CatalogColumn("is_public", 2, "bool", "bool", 'b', true, "", false));
            foreach (var column in Enumerable.Range(1, 12).Where(c => i > 0 || $"column_{c}" != without))
            {
                table.Add(new CatalogColumn($"column_{column}", column + 2, "text", "text", 'b', true, "", false));
            }

            table.Add(new CatalogKey($"table_{i:00000}_pkey", (uint)(100_000 + i), true, ["owner_id"]));
            table.Add(new CatalogForeignKey($"table_{i:00000}_fkey", (uint)(200_000 + i), new CatalogName("public", $"table_{Math.Max(i - 1, 0):00000}"), ["owner_id"], ["owner_id"]));
            all.Add(table);
        }

        return new DatabaseCatalog(all, new CatalogFacts { Mark = null!, WithSystem = false, Floor = "", FirstColumns = new Dictionary<uint, IReadOnlyList<CatalogColumn>>(), Rows = null!, Functions = [], BaseTypes = ["text", "int4", "bool"] });
    }
}
