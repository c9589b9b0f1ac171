using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using Npgsql;

namespace HasuraMigrations.Benchmarks;

/// <summary>Export, import and comparison of a large document, each step in a process of its own, for its time and its peak memory above that of the idle process.</summary>
internal static class MetadataSeries
{
    private static readonly string[] Columns = [.. Enumerable.Range(1, 12).Select(i => $"column_{i}")];

    private static readonly (string Name, string Title)[] Steps =
    [
        ("seed", "(import of another state, to begin with)"),
        ("export", "export to a new directory"),
        ("export", "export again, nothing to write"),
        ("seed-other", "(import of another state)"),
        ("compare", "compare files with database, all differs"),
        ("import", "import from files, all differs"),
        ("import", "import from files, no difference"),
        ("compare", "compare files with database, no difference"),
        ("unified", "unified diff of files and database, none"),
    ];

    private static readonly int[] Sizes = [500, 1000, 2000, 5000, 10_000];

    internal static async Task RunAsync(PostgresSandbox sandbox, string database, int tables, int roles, int repeats)
    {
        Console.WriteLine($"\nmetadata of {tables} tables x {roles} roles, PostgreSQL {sandbox.Info.Version}, {Environment.ProcessorCount} processors, {repeats} run(s)");
        var medians = await MeasureAsync(database, tables, roles, repeats);
        for (var i = 0; i < Steps.Length; i++)
        {
            Console.WriteLine($"{Steps[i].Title,-48} {medians[i].Milliseconds,7:N0} ms {medians[i].Megabytes,7:N0} MB peak over idle");
        }
    }

    /// <summary>The same steps for documents of several sizes: what grows linearly needs the same time for 1,000 tables in each of them.</summary>
    /// <param name="create">Makes a database.</param>
    /// <param name="roles">Roles with a permission on each table.</param>
    /// <param name="repeats">How often each step is measured.</param>
    internal static async Task RunGrowthAsync(Func<string, Task<string>> create, int roles, int repeats)
    {
        var medians = new List<List<(double Milliseconds, double Megabytes)>>();
        foreach (var tables in Sizes)
        {
            medians.Add(await MeasureAsync(await create($"metadata_{tables}"), tables, roles, repeats));
        }

        Console.WriteLine($"\nmetadata x {roles} roles, {Environment.ProcessorCount} processors, {repeats} run(s): milliseconds and MB for 1,000 tables each");
        Console.WriteLine($"{"tables",-48}{string.Concat(Sizes.Select(n => $"{n,16:N0}"))}");
        for (var i = 0; i < Steps.Length; i++)
        {
            var cells = Sizes.Select((n, s) => $"{medians[s][i].Milliseconds * 1000 / n,8:N0} {medians[s][i].Megabytes * 1000 / n,4:N0} MB");
            Console.WriteLine($"{Steps[i].Title,-48}{string.Concat(cells)}");
        }
    }

    private static async Task<List<(double Milliseconds, double Megabytes)>> MeasureAsync(string database, int tables, int roles, int repeats)
    {
        await CreateTablesAsync(database, tables);
        var runs = new List<List<(double Milliseconds, double Megabytes)>>();
        for (var i = 0; i < repeats; i++)
        {
            var directory = Directory.CreateTempSubdirectory("hasura-bench-").FullName;
            runs.Add([.. Steps.Select(step => Spawn(step.Name, database, directory, tables, roles))]);
            Directory.Delete(directory, recursive: true);
        }

        return [.. Steps.Select((_, i) => (Median(runs.Select(r => r[i].Milliseconds)), Median(runs.Select(r => r[i].Megabytes))))];
    }

    /// <summary>One step in this process; prints milliseconds and peak megabytes over idle.</summary>
    internal static async Task StepAsync(string step, string database, string directory, int tables, int roles)
    {
        await using var target = new PostgresMetadataTarget(PostgresConnectionString.Read(database), null, 3);
        var layout = MetadataFiles.LayoutOf(directory);
        var idle = PeakMegabytes();
        var watch = Stopwatch.StartNew();
        switch (step)
        {
            case "seed" or "seed-other":
                await ImportAsync(target, Document(tables, roles, step == "seed" ? 10 : 20));
                break;
            case "export":
                MetadataFiles.Plan((await target.ExportAsync(default)).Document, layout).Apply();
                break;
            case "import":
                await ImportAsync(target, MetadataFiles.Read(layout).Document);
                break;
            case "compare":
                _ = MetadataComparer.Compare((await target.ExportAsync(default)).Document, MetadataFiles.Read(layout).Document).Count;
                break;
            case "unified":
                _ = MetadataTextDiff.Write((await target.ExportAsync(default)).Document, MetadataFiles.Read(layout).Document, "database", "files").Length;
                break;
        }

        Console.WriteLine(FormattableString.Invariant($"{watch.Elapsed.TotalMilliseconds} {PeakMegabytes() - idle}"));
    }

    private static double PeakMegabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1_000_000.0;
    }

    private static (double Milliseconds, double Megabytes) Spawn(string step, string database, string directory, int tables, int roles)
    {
        var start = Tools.Self("--metadata-step", step, "--database", database, "--directory", directory, "--tables", $"{tables}", "--roles", $"{roles}");
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 && output.Trim().Split(' ') is [var milliseconds, var megabytes]
            ? (double.Parse(milliseconds, CultureInfo.InvariantCulture), double.Parse(megabytes, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"The step {step} failed: {output}");
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToList() is var sorted ? sorted[sorted.Count / 2] : 0;

    private static async Task ImportAsync(PostgresMetadataTarget target, MetadataDocument document)
    {
        var options = new MetadataImportOptions { Replace = new MetadataReplaceOptions { CreateStateStore = true, TakesDocument = true } };
        var importer = new MetadataImporter(target);
        await importer.ExecuteAsync(await importer.PlanAsync(document, options, default), options, default);
    }

    // The tables that the document names: its owner is the one before.
    private static async Task CreateTablesAsync(string database, int tables)
    {
        await using var session = new NpgsqlConnection(database);
        await session.OpenAsync();
        foreach (var numbers in Enumerable.Range(0, tables).Chunk(200))
        {
            await using var command = new NpgsqlCommand(string.Concat(numbers.Select(i => $"CREATE TABLE table_{i:00000} (owner_id int PRIMARY KEY{(i > 0 ? $" REFERENCES table_{i - 1:00000}" : " REFERENCES table_00000")}, is_public boolean, {string.Join(", ", Columns.Select(c => $"{c} text"))});\n")), session);
            await command.ExecuteNonQueryAsync();
        }
    }

    internal static MetadataDocument Document(int tables, int roles, int limit) => new(new JsonObject
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
