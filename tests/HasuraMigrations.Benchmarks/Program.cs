using System.Diagnostics;
using HasuraMigrations.Benchmarks;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

// Usage: dotnet run -c Release --project tests/HasuraMigrations.Benchmarks -- --metadata [--tables 5000 --roles 11 --repeats 1]
//    or: dotnet run -c Release --project tests/HasuraMigrations.Benchmarks -- --catalog [--tables 5000 --columns 20 --repeats 5]
//    or: dotnet run -c Release --project tests/HasuraMigrations.Benchmarks -- --commands [--tables 200 --repeats 5]
//    or: dotnet run -c Release --project tests/HasuraMigrations.Benchmarks -- --memory [--count 10000 --megabytes 200] [--module out/HasuraMigrations] [--pwsh pwsh]
//    or: dotnet run -c Release --project tests/HasuraMigrations.Benchmarks -- --processes [--pwsh pwsh] [--module out/package/HasuraMigrations] [--repeats 7]
//    or: dotnet run -c Release --project tests/HasuraMigrations.Benchmarks [-- --count 300 --repeats 5 --delayed-count 300 --delayed-repeats 1 --noop-count 10000]
int Option(string name, int byDefault) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? int.Parse(args[i + 1]) : byDefault;

if (await ProcessSeries.TryRunAsync(args))
{
    return 0;
}

string Text(string name) => args[Array.IndexOf(args, name) + 1];
if (args.Contains("--metadata-step"))
{
    await MetadataSeries.StepAsync(Text("--metadata-step"), Text("--database"), Text("--directory"), Option("--tables", 5000), Option("--roles", 11));
    return 0;
}

await using var sandbox = await PostgresSandbox.StartAsync(new SandboxOptions { Durable = !args.Contains("--memory") });
if (args.Contains("--metadata"))
{
    await MetadataSeries.RunAsync(sandbox, await CreateAsync("metadata"), Option("--tables", 5000), Option("--roles", 11), Option("--repeats", 1));
    return 0;
}

if (args.Contains("--memory"))
{
    await MemorySeries.RunAsync(
        sandbox,
        CreateAsync,
        Path.GetFullPath(args.Contains("--module") ? Text("--module") : "out/HasuraMigrations"),
        args.Contains("--pwsh") ? Text("--pwsh") : "pwsh",
        Option("--count", 10000),
        Option("--megabytes", 200));
    return 0;
}

if (args.Contains("--commands"))
{
    await CommandSeries.RunAsync(sandbox, CreateAsync, Option("--tables", 200), Option("--repeats", 5));
    return 0;
}

if (args.Contains("--catalog"))
{
    await CatalogSeries.RunAsync(await CreateAsync("catalog"), Option("--tables", 5000), Option("--columns", 20), Option("--repeats", 5));
    return 0;
}

var psql = sandbox.Binaries?.Psql ?? throw new InvalidOperationException("psql is needed to compare with.");
Console.WriteLine($"PostgreSQL {sandbox.Info.Version}, durable, {Environment.ProcessorCount} processors; medians; ratio to psql in the same series.");

var ways = new List<(string Name, Func<MigrationFiles, string, Task> Run)>
{
    ("HasuraMigrations", (f, c) => Tools.EngineAsync(f.Project, c)),
    ("psql, one session, a transaction each", (f, c) => Tools.PsqlAsync(psql, f.PsqlScript, c)),
    ("DbUp", Tools.DbUpAsync),
    ("Evolve", Tools.EvolveAsync),
};
if (Tools.Find("grate") is { } grate)
{
    ways.Add(("grate (with its start)", (f, c) => Tools.GrateAsync(grate, f, c)));
}

using (var files = new MigrationFiles(Option("--count", 300)))
{
    await SeriesAsync($"{files.Count} small migrations, same machine", files, sandbox.ConnectionString, Option("--repeats", 5), null);
}

using (var files = new MigrationFiles(Option("--delayed-count", 300)))
{
    await using var relay = TcpRelay.Start(sandbox.Info.Host, sandbox.Info.Port, TimeSpan.FromMilliseconds(20));
    var delayed = new NpgsqlConnectionStringBuilder(sandbox.ConnectionString) { Port = relay.Port, SslMode = SslMode.Disable }.ConnectionString;
    await SeriesAsync($"{files.Count} small migrations, 20 ms each way", files, delayed, Option("--delayed-repeats", 1), relay);
}

using (var files = new MigrationFiles(Option("--noop-count", 10000)))
{
    var database = await CreateAsync("noop");
    await Tools.EngineAsync(files.Project, database);
    var times = new List<double>();
    for (var i = 0; i < Option("--repeats", 5); i++)
    {
        times.Add(await TimeAsync(() => Tools.EngineAsync(files.Project, database)));
    }

    Console.WriteLine($"\n{files.Count} migrations, nothing to do: {Median(times),8:N0} ms [{times.Min():N0} .. {times.Max():N0}]");
}

return 0;

async Task SeriesAsync(string title, MigrationFiles files, string connectionString, int repeats, TcpRelay? relay)
{
    // Once unmeasured: start-up of tools and server is apart.
    using (var few = new MigrationFiles(3))
    {
        foreach (var way in ways)
        {
            await way.Run(few, await CreateAsync("warm"));
        }
    }

    var times = ways.ToDictionary(w => w.Name, _ => new List<double>());
    var trips = ways.ToDictionary(w => w.Name, _ => new List<double>());
    for (var i = 0; i < repeats; i++)
    {
        foreach (var way in ways)
        {
            var database = new NpgsqlConnectionStringBuilder(connectionString) { Database = new NpgsqlConnectionStringBuilder(await CreateAsync("bench")).Database }.ConnectionString;
            var before = relay?.Trips ?? 0;
            times[way.Name].Add(await TimeAsync(() => way.Run(files, database)));
            trips[way.Name].Add(((relay?.Trips ?? 0) - before) / (double)files.Count);
        }
    }

    Console.WriteLine($"\n{title}, {repeats} run(s)");
    Console.WriteLine($"{"way",-40} {"ms",9} {"ratio",7} {"range",19} {(relay is null ? "" : "trips per migration")}");
    var yardstick = Median(times[ways[1].Name]);
    foreach (var way in ways)
    {
        var t = times[way.Name];
        Console.WriteLine($"{way.Name,-40} {Median(t),9:N0} {Median(t) / yardstick,7:N2} {$"[{t.Min():N0} .. {t.Max():N0}]",19} {(relay is null ? "" : $"{Median(trips[way.Name]):N2}")}");
    }
}

async Task<string> CreateAsync(string prefix)
{
    var name = $"{prefix}_{Guid.NewGuid():N}";
    await using var connection = new NpgsqlConnection(sandbox.ConnectionString);
    await connection.OpenAsync();
    await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
    await command.ExecuteNonQueryAsync();
    return new NpgsqlConnectionStringBuilder(sandbox.ConnectionString) { Database = name }.ConnectionString;
}

static async Task<double> TimeAsync(Func<Task> run)
{
    var clock = Stopwatch.StartNew();
    await run();
    return clock.Elapsed.TotalMilliseconds;
}

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
