using System.Diagnostics;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Benchmarks;

/// <summary>Long requests of metadata commands: a bulk that tracks tables, and a migration of many <c>run_sql</c> beside psql.</summary>
internal static class CommandSeries
{
    internal static async Task RunAsync(PostgresSandbox sandbox, Func<string, Task<string>> create, int tables, int repeats)
    {
        var psql = sandbox.Binaries?.Psql ?? throw new InvalidOperationException("psql is needed to compare with.");
        Console.WriteLine($"\nPostgreSQL {sandbox.Info.Version}, {Environment.ProcessorCount} processors, medians of {repeats}, a warm process");

        var one = await MedianAsync(repeats, () => PrepareAsync(create, 2 * tables), d => ReplaceAsync(d, CommandLoad.Document(tables, isBare: true)));
        Print($"replace_metadata with {tables} new tables of {2 * tables}", one, one);
        Print($"a bulk of {tables} pg_track_table", await MedianAsync(repeats, () => PrepareAsync(create, 2 * tables), d => CommandAsync(d, CommandLoad.TrackAll(tables).ToJsonString())), one);

        foreach (var (title, statements) in new (string, string[])[]
        {
            ("135 comments and renames", [.. CommandLoad.Statements(18, 135)]),
            ("150 comments", [.. Enumerable.Range(0, 150).Select(i => $"COMMENT ON COLUMN t{i % 18 + 1}.c{i % 8 + 1} IS 'comment {i}';")]),
        })
        {
            using var files = new SqlFiles(statements);
            var yardstick = await MedianAsync(repeats, () => SeedAsync(create), d => Tools.PsqlAsync(psql, files.Script, d));
            Print($"{title}, psql -f", yardstick, yardstick);
            Print($"{title}, one YAML migration", await MedianAsync(repeats, () => SeedAsync(create), d => Tools.EngineAsync(files.Project, d)), yardstick);
            Print($"{title}, one bulk of run_sql", await MedianAsync(repeats, () => SeedAsync(create), d => CommandAsync(d, CommandLoad.RunSql(statements).ToJsonString())), yardstick);
        }
    }

    private static void Print(string title, (double Milliseconds, double Processor) took, (double Milliseconds, double Processor) yardstick) =>
        Console.WriteLine($"{title,-56} {took.Milliseconds,8:N0} ms {took.Milliseconds / yardstick.Milliseconds,7:N2}   {took.Processor,8:N0} ms of processor here");

    private static async Task<(double Milliseconds, double Processor)> MedianAsync(int repeats, Func<Task<string>> prepare, Func<string, Task> run)
    {
        var times = new List<(double Milliseconds, double Processor)>();
        using var process = Process.GetCurrentProcess();
        for (var i = 0; i <= repeats; i++)
        {
            var database = await prepare();
            process.Refresh();
            var (clock, processor) = (Stopwatch.StartNew(), process.TotalProcessorTime);
            await run(database);
            process.Refresh();
            times.Add((clock.Elapsed.TotalMilliseconds, (process.TotalProcessorTime - processor).TotalMilliseconds));
        }

        // The first run is for start-up.
        return times.Skip(1).Order().ElementAt(repeats / 2);
    }

    private static async Task<string> PrepareAsync(Func<string, Task<string>> create, int tables)
    {
        var database = await create("commands");
        await using (var session = new NpgsqlConnection(database))
        {
            await session.OpenAsync();
            await using var command = new NpgsqlCommand(CommandLoad.Tables(tables), session);
            await command.ExecuteNonQueryAsync();
        }

        await ReplaceAsync(database, CommandLoad.Document(0));
        return database;
    }

    private static async Task<string> SeedAsync(Func<string, Task<string>> create)
    {
        var database = await PrepareAsync(create, 18);
        await ReplaceAsync(database, CommandLoad.Document(18));
        return database;
    }

    private static async Task ReplaceAsync(string database, MetadataDocument document)
    {
        await using var target = Target(database);
        await target.ReplaceAsync(document, new MetadataReplaceOptions { CreateStateStore = true }, default);
    }

    private static async Task CommandAsync(string database, string body)
    {
        await using var target = Target(database);
        _ = await target.ExecuteAsync(System.Text.Json.Nodes.JsonNode.Parse(body)!.AsObject(), default);
    }

    private static PostgresMetadataTarget Target(string database) => new(PostgresConnectionString.Read(database), null, 3);

    /// <summary>The same statements as the only migration of a project, in one YAML file, and as a script of psql.</summary>
    private sealed class SqlFiles : IDisposable
    {
        private readonly string _root = Directory.CreateTempSubdirectory("hasura-benchmark-").FullName;

        internal SqlFiles(IReadOnlyList<string> statements)
        {
            File.WriteAllText(Path.Combine(_root, "config.yaml"), "version: 1\n");
            var directory = Directory.CreateDirectory(Path.Combine(_root, "migrations", "1700000000001_sql")).FullName;
            File.WriteAllText(Path.Combine(directory, "up.yaml"), CommandLoad.RunSqlFile(statements));
            File.WriteAllLines(Script, statements);
        }

        internal string Project => _root;

        internal string Script => Path.Combine(_root, "all.sql");

        public void Dispose() => Directory.Delete(_root, recursive: true);
    }
}
