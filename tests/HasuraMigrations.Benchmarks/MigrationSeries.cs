using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Benchmarks;

/// <summary>Migrations straight on PostgreSQL, from opening the connection to the last commit, beside the tools that do the same.</summary>
internal sealed class MigrationSeries(PostgresSandbox sandbox, BenchmarkOptions options)
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    private readonly string _psql = sandbox.Binaries?.Psql ?? throw new InvalidOperationException("psql is needed to compare with.");
    private string _database = "";
    private string? _grate;

    internal async Task RunAsync()
    {
        _grate = await Tools.GrateAsync();
        using (var few = new MigrationFiles(3))
        {
            // Once unmeasured: the start of tools and server is apart.
            await Measurement.RunAsync(Ways(few, null), 1);
        }

        using var files = new MigrationFiles(options.Number("--count", 300, 100));
        files.AddDownSteps();
        var ways = Ways(files, null);
        Measurement.Print($"{files.Count} migrations, same machine", await Measurement.RunAsync(ways, options.Repeats), ways[1]);

        using (var delayed = new MigrationFiles(options.Number("--delayed-count", 300, 30)))
        {
            await using var relay = TcpRelay.Start(sandbox.Info.Host, sandbox.Info.Port, Delay);
            var far = Ways(delayed, relay);
            Measurement.Print($"{delayed.Count} migrations, 20 ms each way", await Measurement.RunAsync(far, options.Number("--delayed-repeats", 3, 1)), far[1], count: "round trips");
        }

        await RunAppliedAsync(files);
        await RunLargeAsync();
    }

    /// <summary>What is done where all is applied.</summary>
    private async Task RunAppliedAsync(MigrationFiles files)
    {
        var ours = await CreateAsync();
        var dbUp = await CreateAsync();
        var evolve = await CreateAsync();
        await Tools.EngineAsync(files.Project, ours);
        await Tools.DbUpAsync(files, dbUp);
        await Tools.EvolveAsync(files, evolve);
        Measurement.Print($"{files.Count} migrations that are applied", await Measurement.RunAsync(
        [
            new Row("status", () => Tools.StatusAsync(files.Project, ours)),
            new Row("apply, nothing to do", () => Tools.EngineAsync(files.Project, ours)),
            new Row("DbUp: apply, nothing to do", () => Tools.DbUpAsync(files, dbUp)),
            new Row("Evolve: apply, nothing to do", () => Tools.EvolveAsync(files, evolve)),
            new Row("roll back 10", () => Tools.EngineAsync(files.Project, ours, new MigrationGoal.Last(10))) { After = () => Tools.EngineAsync(files.Project, ours) },
        ], options.Repeats));
    }

    private async Task RunLargeAsync()
    {
        using var files = new MigrationFiles(options.Number("--noop-count", 10_000, 1000));
        var database = await CreateAsync();
        await Tools.EngineAsync(files.Project, database);
        Measurement.Print($"{files.Count} migrations that are applied", await Measurement.RunAsync(
        [
            new Row("status", () => Tools.StatusAsync(files.Project, database)),
            new Row("apply, nothing to do", () => Tools.EngineAsync(files.Project, database)),
        ], options.Repeats));
    }

    private List<Row> Ways(MigrationFiles files, TcpRelay? relay)
    {
        Row Way(string name, Func<Task> run) => new(name, run)
        {
            Before = async () => _database = Through(await CreateAsync(), relay),
            Count = relay is null ? null : () => relay.Trips,
        };
        var ways = new List<Row>
        {
            Way("HasuraMigrations", () => Tools.EngineAsync(files.Project, _database)),
            Way("psql, one session, a transaction each", () => Tools.PsqlAsync(_psql, files.PsqlScript, _database)),
            Way("DbUp", () => Tools.DbUpAsync(files, _database)),
            Way("Evolve", () => Tools.EvolveAsync(files, _database)),
        };
        if (_grate is { } grate)
        {
            ways.Add(Way("grate (with its start)", () => Tools.GrateAsync(grate, files, _database)));
        }

        return ways;
    }

    private static string Through(string database, TcpRelay? relay) => relay is null
        ? database
        : new NpgsqlConnectionStringBuilder(database) { Host = "127.0.0.1", Port = relay.Port, SslMode = SslMode.Disable }.ConnectionString;

    private Task<string> CreateAsync() => BenchmarkOptions.CreateDatabaseAsync(sandbox, "bench");
}
