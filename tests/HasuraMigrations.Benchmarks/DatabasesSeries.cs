using System.Diagnostics;
using System.Text.Json;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Benchmarks;

/// <summary>
/// Many databases of one project far away, one after another and at once; then the same with databases that fail and that cannot be
/// reached, and the run that does what is left.
/// </summary>
internal sealed class DatabasesSeries(PostgresSandbox sandbox, BenchmarkOptions options) : IDisposable
{
    private const int PerDatabase = 10;
    private const int Unreachable = 10;
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    private readonly int _count = options.Number("--databases-count", 200, 20);
    private readonly int _limit = options.Number("--throttle-limit", 32);
    private readonly ModuleProcess _shell = new(options.Pwsh ?? throw new InvalidOperationException("pwsh is needed; give its path with --pwsh."), options.Module);
    private readonly string _root = Directory.CreateTempSubdirectory("hasura-benchmark-").FullName;

    internal async Task RunAsync()
    {
        WriteProject();
        await using var relay = TcpRelay.Start(sandbox.Info.Host, sandbox.Info.Port, Delay);
        await CreateAsync(relay, []);
        var one = await TimeAsync(1);
        await CreateAsync(relay, []);
        var several = await TimeAsync(_limit);
        Console.WriteLine($"\n{_count} databases with {PerDatabase} migrations each, 20 ms each way, whole processes, 1 run\n\n| | ms | ratio |\n| --- | ---: | ---: |\n| one after another | {one:N0} | 1.0 |\n| {_limit} at once | {several:N0} | {one / several:N1} times faster |");

        await CreateAsync(relay, [.. Enumerable.Range(2, Unreachable)]);
        var bad = Path.Combine(MigrationDirectory(1, 5), "up.sql");
        File.WriteAllText(bad, "SELECT nothing;\n");
        var failed = await ApplyAsync(_limit);
        File.WriteAllText(bad, Sql(5));
        WriteConnections(relay, []);
        var rest = await ApplyAsync(_limit);
        Console.WriteLine($"\nWith one migration that fails and {Unreachable} databases that cannot be reached: {failed.Text}, exit code {failed.ExitCode}. The next run: {rest.Text}, exit code {rest.ExitCode}.");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static string Sql(int i) => $"CREATE TABLE public.t{i} (id int PRIMARY KEY, name text NOT NULL);\n";

    private string MigrationDirectory(int database, int i) => Path.Combine(_root, "migrations", $"d{database}", $"{i}_table_{i}");

    private void WriteProject()
    {
        File.WriteAllText(Path.Combine(_root, "config.yaml"), "version: 3\n");
        for (var database = 1; database <= _count; database++)
        {
            for (var i = 1; i <= PerDatabase; i++)
            {
                File.WriteAllText(Path.Combine(Directory.CreateDirectory(MigrationDirectory(database, i)).FullName, "up.sql"), Sql(i));
            }
        }
    }

    // Made anew for each run, so that no run finds what another left.
    private async Task CreateAsync(TcpRelay relay, IReadOnlyCollection<int> unreachable)
    {
        await using var connection = new NpgsqlConnection(sandbox.ConnectionString);
        await connection.OpenAsync();
        for (var database = 1; database <= _count; database++)
        {
            await using var drop = new NpgsqlCommand($"DROP DATABASE IF EXISTS d{database} WITH (FORCE)", connection);
            await drop.ExecuteNonQueryAsync();
            await using var create = new NpgsqlCommand($"CREATE DATABASE d{database}", connection);
            await create.ExecuteNonQueryAsync();
        }

        WriteConnections(relay, unreachable);
    }

    private void WriteConnections(TcpRelay relay, IReadOnlyCollection<int> unreachable)
    {
        string Of(int database) => new NpgsqlConnectionStringBuilder(sandbox.ConnectionString) { Port = unreachable.Contains(database) ? 1 : relay.Port, Database = $"d{database}" }.ConnectionString;
        File.WriteAllText(Path.Combine(_root, "connections.json"), JsonSerializer.Serialize(Enumerable.Range(1, _count).ToDictionary(d => $"d{d}", Of)));
    }

    private async Task<double> TimeAsync(int limit)
    {
        var clock = Stopwatch.StartNew();
        var (exitCode, text) = await ApplyAsync(limit);
        return exitCode == 0 ? clock.Elapsed.TotalMilliseconds : throw new InvalidOperationException(text);
    }

    private Task<(int ExitCode, string Text)> ApplyAsync(int limit) => _shell.OutcomeAsync($$"""
        $c = Get-Content '{{_root}}/connections.json' -Raw | ConvertFrom-Json -AsHashtable
        try { Invoke-HasuraMigration -Project '{{_root}}' -Database * -ConnectionString $c -MetadataConnectionString $c['d{{_count}}'] -ThrottleLimit {{limit}} -SummaryVariable s 6> $null | Out-Null }
        finally { "$($s.Applied) migrations applied on $(@($s.Databases | Where-Object Applied).Count) databases, $($s.FailedDatabases) databases failed" }
        """);
}
