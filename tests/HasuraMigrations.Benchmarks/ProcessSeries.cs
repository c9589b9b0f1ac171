using System.Diagnostics;
using HasuraMigrations.Engine.Sandbox;
using Npgsql;

namespace HasuraMigrations.Benchmarks;

/// <summary>
/// Whole processes from start to exit, as a step of a pipeline runs them: pwsh with the module, and the other tools with the same files.
/// </summary>
internal sealed class ProcessSeries
{
    /// <summary>Names a tool that this program runs instead of measuring, with the arguments project directory and connection string.</summary>
    private const string Peer = "--peer";

    private const int Count = 300;

    private readonly string _pwsh;
    private readonly string _module;
    private readonly string _psql;
    private readonly MigrationFiles _files;
    private readonly Func<string, Task<string>> _createAsync;

    // One database with every migration applied: of the commands that read, and of the one that rolls back.
    private string _applied = "";
    private string _new = "";

    private ProcessSeries(string pwsh, string module, string psql, MigrationFiles files, Func<string, Task<string>> createAsync) =>
        (_pwsh, _module, _psql, _files, _createAsync) = (pwsh, module, psql, files, createAsync);

    /// <summary>Does what the arguments ask of this class.</summary>
    /// <param name="args"><c>--peer TOOL DIRECTORY CONNECTION</c>, or <c>--processes [--pwsh pwsh] [--module out/HasuraMigrations] [--repeats 7]</c>.</param>
    /// <returns>False if they ask for something else.</returns>
    internal static async Task<bool> TryRunAsync(string[] args)
    {
        if (args is [Peer, var tool, var directory, var connection])
        {
            await RunPeerAsync(tool, directory, connection);
            return true;
        }

        if (!args.Contains("--processes"))
        {
            return false;
        }

        string Option(string name, string byDefault) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : byDefault;
        await using var sandbox = await PostgresSandbox.StartAsync(new SandboxOptions { Durable = true });
        var psql = sandbox.Binaries?.Psql ?? throw new InvalidOperationException("psql is needed to compare with.");
        using var files = new MigrationFiles(Count);
        files.AddDownSteps();
        var series = new ProcessSeries(Option("--pwsh", "pwsh"), Path.GetFullPath(Option("--module", "out/HasuraMigrations")), psql, files, prefix => CreateAsync(sandbox, prefix));
        Console.WriteLine($"PostgreSQL {sandbox.Info.Version}, durable, {Environment.ProcessorCount} processors; whole processes; {Count} migrations.");
        await series.MeasureAsync(int.Parse(Option("--repeats", "7")));
        return true;
    }

    private static async Task<string> CreateAsync(PostgresSandbox sandbox, string prefix)
    {
        var name = $"{prefix}_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(sandbox.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(sandbox.ConnectionString) { Database = name }.ConnectionString;
    }

    private static Task RunPeerAsync(string tool, string directory, string connection) => tool switch
    {
        "dbup" => Tools.DbUpAsync(directory, connection),
        "evolve" => Tools.EvolveAsync(directory, connection),
        "none" => Task.CompletedTask,
        _ => throw new ArgumentException($"There is no peer '{tool}'."),
    };

    private static Task RunAsync(string program, params string[] arguments) =>
        Tools.RunAsync(new ProcessStartInfo(program, arguments) { Environment = { ["POWERSHELL_TELEMETRY_OPTOUT"] = "1" } });

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private async Task MeasureAsync(int repeats)
    {
        _applied = await _createAsync("applied");
        await CommandAsync("Invoke-HasuraMigration @p -Confirm:$false", _applied);

        // One row after the other, and again: what slows the machine for a while slows every row.
        var rows = Rows().ToList();
        var times = rows.ToDictionary(r => r.Name, _ => new List<double>());
        for (var i = 0; i < repeats; i++)
        {
            foreach (var row in rows)
            {
                await row.Before();
                var clock = Stopwatch.StartNew();
                await row.Run();
                times[row.Name].Add(clock.Elapsed.TotalMilliseconds);
                await row.After();
            }
        }

        var empty = Median(times[rows[0].Name]);
        Console.WriteLine($"{"process",-44} {"ms",7} {"range",17} {"over an empty pwsh",20}");
        foreach (var row in rows)
        {
            var t = times[row.Name];
            Console.WriteLine($"{row.Name,-44} {Median(t),7:N0} {$"[{t.Min():N0} .. {t.Max():N0}]",17} {(row.IsPwsh ? $"{Median(t) - empty:N0}" : ""),20}");
        }
    }

    private IEnumerable<Row> Rows()
    {
        yield return Pwsh("pwsh: nothing", () => ShellAsync("$null"));
        yield return Pwsh("pwsh: import", () => ShellAsync($"Import-Module '{_module}'"));
        yield return Pwsh("pwsh: status", () => CommandAsync("Get-HasuraMigration @p", _applied));
        yield return Pwsh("pwsh: apply, nothing to do", () => CommandAsync("Invoke-HasuraMigration @p -Confirm:$false", _applied));
        yield return Pwsh("pwsh: roll back 10", () => CommandAsync("Undo-HasuraMigration @p -Count 10 -Confirm:$false", _applied)) with
        {
            After = () => CommandAsync("Invoke-HasuraMigration @p -Confirm:$false", _applied),
        };
        yield return OnNew(Pwsh("pwsh: apply all", () => CommandAsync("Invoke-HasuraMigration @p -Confirm:$false", _new)));
        yield return OnNew(Other("psql, a transaction each: apply all", () => Tools.PsqlAsync(_psql, _files.PsqlScript, _new)));
        yield return Other("dotnet: nothing", () => PeerAsync("none"));
        yield return OnNew(Other("dotnet with DbUp: apply all", () => PeerAsync("dbup")));
        yield return OnNew(Other("dotnet with Evolve: apply all", () => PeerAsync("evolve")));
        if (Tools.Find("grate") is { } grate)
        {
            yield return OnNew(Other("grate: apply all", () => Tools.GrateAsync(grate, _files, _new)));
        }
    }

    private static Row Pwsh(string name, Func<Task> run) => new(name, run, IsPwsh: true);

    private static Row Other(string name, Func<Task> run) => new(name, run, IsPwsh: false);

    private Row OnNew(Row row) => row with { Before = async () => _new = await _createAsync("new") };

    private Task ShellAsync(string script) => RunAsync(_pwsh, "-NoProfile", "-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; {script}");

    private Task CommandAsync(string command, string database) =>
        ShellAsync($"Import-Module '{_module}'; $p = @{{ Project = '{_files.Project}'; ConnectionString = '{database}' }}; {command} | Out-Null");

    private Task PeerAsync(string tool) => RunAsync("dotnet", typeof(ProcessSeries).Assembly.Location, Peer, tool, _files.Flat, _new);

    /// <summary>A process to measure.</summary>
    private sealed record Row(string Name, Func<Task> Run, bool IsPwsh)
    {
        /// <summary>Prepares a run; not measured.</summary>
        internal Func<Task> Before { get; init; } = () => Task.CompletedTask;

        /// <summary>Undoes a run; not measured.</summary>
        internal Func<Task> After { get; init; } = () => Task.CompletedTask;
    }
}
