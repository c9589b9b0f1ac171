using System.Diagnostics;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Targets;
using HasuraMigrations.Engine.Targets.Postgres;

namespace HasuraMigrations.Benchmarks;

/// <summary>Export, import and comparison of a large document; each step in turn, and the peak memory of this process.</summary>
internal static class MetadataSeries
{
    private static readonly string[] Columns = [.. Enumerable.Range(1, 12).Select(i => $"column_{i}")];

    internal static async Task RunAsync(PostgresSandbox sandbox, string database, int tables, int roles)
    {
        var directory = Directory.CreateTempSubdirectory("hasura-bench-").FullName;
        try
        {
            var connection = PostgresConnectionString.Read(database);
            await using var target = new PostgresMetadataTarget(connection, null, 3);
            var options = new MetadataImportOptions { Replace = new MetadataReplaceOptions { CreateStateStore = true } };
            var layout = MetadataFiles.LayoutOf(directory);
            await ImportAsync(target, Document(tables, roles, limit: 10), options);
            Console.WriteLine($"\nmetadata of {tables} tables x {roles} roles, PostgreSQL {sandbox.Info.Version}");
            await MeasureAsync("export to a new directory", async () => MetadataFiles.Plan((await target.ExportAsync(default)).Document, layout).Apply());
            await MeasureAsync("export again, nothing to write", async () => MetadataFiles.Plan((await target.ExportAsync(default)).Document, layout).Apply());
            await ImportAsync(target, Document(tables, roles, limit: 20), options);
            await MeasureAsync("import from files, all differs", () => ImportAsync(target, MetadataFiles.Read(layout).Document, options));
            await MeasureAsync("import from files, no difference", () => ImportAsync(target, MetadataFiles.Read(layout).Document, options));
            var changes = 0;
            await MeasureAsync("compare files with database", async () => changes = MetadataComparer.Compare((await target.ExportAsync(default)).Document, MetadataFiles.Read(layout).Document).Count);
            await MeasureAsync("unified diff of files with themselves, one change", async () =>
            {
                var document = MetadataFiles.Read(layout).Document;
                var text = MetadataFiles.ToYaml(MetadataRewriter.Sort(document), MetadataFileStyle.Cli25);
                await Task.Run(() => MetadataTextDiff.Write(text, text.Replace("role: role_3", "role: role_4", StringComparison.Ordinal), "old", "new").Length);
            });
            using var process = Process.GetCurrentProcess();
            Console.WriteLine($"{changes} changes told; {new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length) / 1_000_000.0:N1} MB of files; peak memory {process.PeakWorkingSet64 / 1_000_000:N0} MB");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task ImportAsync(PostgresMetadataTarget target, MetadataDocument document, MetadataImportOptions options)
    {
        var importer = new MetadataImporter(target);
        await importer.ExecuteAsync(await importer.PlanAsync(document, options, default), options, default);
    }

    private static async Task MeasureAsync(string name, Func<Task> work)
    {
        GC.Collect();
        var watch = Stopwatch.StartNew();
        await work();
        Console.WriteLine($"{name,-52} {watch.ElapsedMilliseconds,7:N0} ms, {GC.GetTotalMemory(forceFullCollection: false) / 1_000_000,5:N0} MB managed");
    }

    private static MetadataDocument Document(int tables, int roles, int limit) => new(new JsonObject
    {
        ["version"] = 3,
        ["sources"] = new JsonArray(new JsonObject
        {
            ["name"] = "default",
            ["kind"] = "postgres",
            ["tables"] = new JsonArray([.. Enumerable.Range(0, tables).Select(i => Table(i, roles, limit))]),
            ["configuration"] = JsonNode.Parse("""{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"},"isolation_level":"read-committed","use_prepared_statements":false}}"""),
        }),
    });

    private static JsonNode Table(int number, int roles, int limit) => new JsonObject
    {
        ["table"] = new JsonObject { ["name"] = $"table_{number:00000}", ["schema"] = "public" },
        ["object_relationships"] = new JsonArray(new JsonObject { ["name"] = "owner", ["using"] = new JsonObject { ["foreign_key_constraint_on"] = "owner_id" } }),
        ["select_permissions"] = new JsonArray([.. Enumerable.Range(0, roles).Select(r => new JsonObject
        {
            ["role"] = $"role_{r:00}",
            ["permission"] = new JsonObject
            {
                ["columns"] = new JsonArray([.. Columns.Select(c => JsonValue.Create(c))]),
                ["filter"] = JsonNode.Parse("""{"_or":[{"owner_id":{"_eq":"X-Hasura-User-Id"}},{"owner":{"is_public":{"_eq":true}}}]}"""),
                ["limit"] = limit,
            },
        })]),
    };
}
