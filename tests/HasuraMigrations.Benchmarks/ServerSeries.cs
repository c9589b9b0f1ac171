using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Benchmarks;

/// <summary>
/// Migrations through a server, beside the requests of Hasura's CLI for the same migrations to the same server. The server is the one of
/// the tests, in this process, over a real database.
/// </summary>
internal sealed class ServerSeries(PostgresSandbox sandbox, BenchmarkOptions options)
{
    private TestServerHost? _host;
    private TcpRelay? _relay;
    private Uri _endpoint = new("http://localhost");

    internal async Task RunAsync()
    {
        using var files = new MigrationFiles(options.Number("--server-count", 100, 40));
        await RunAsync(files, TimeSpan.Zero, 1, isPrinted: false);
        await RunAsync(files, TimeSpan.Zero, options.Repeats, isPrinted: true);
        await RunAsync(files, TimeSpan.FromMilliseconds(20), options.Number("--delayed-repeats", 3, 1), isPrinted: true);
    }

    private async Task RunAsync(MigrationFiles files, TimeSpan delay, int repeats, bool isPrinted)
    {
        Row Way(string name, Func<Task> run) => new(name, run)
        {
            Before = () => StartAsync(delay),
            After = StopAsync,
            Count = () => _host!.Requests.Count,
        };
        var cli = Way("requests of Hasura's CLI", ReplayAsync);
        List<Row> rows = [Way("HasuraMigrations", () => Tools.ServerAsync(files.Project, _endpoint, new MigrationGoal.AllPending())), cli];
        if (options.Pwsh is { } pwsh && delay == TimeSpan.Zero)
        {
            var shell = new ModuleProcess(pwsh, options.Module);
            rows.Add(Way("pwsh with the module, whole process", () => shell.RunAsync($"Invoke-HasuraMigration -Project '{files.Project}' -Endpoint '{_endpoint}' -Confirm:$false")));
        }

        var samples = await Measurement.RunAsync(rows, repeats);
        if (isPrinted)
        {
            Measurement.Print($"{files.Count} migrations through a server{(delay > TimeSpan.Zero ? $", {delay.TotalMilliseconds:N0} ms each way" : "")}", samples, cli, count: "requests");
        }

        async Task ReplayAsync()
        {
            using var replay = new CliReplay(_endpoint);
            await replay.ApplyAsync(files.Texts);
        }
    }

    private async Task StartAsync(TimeSpan delay)
    {
        _host = await TestServerHost.StartAsync(new TestServerOptions { Postgres = await BenchmarkOptions.CreateDatabaseAsync(sandbox, "server") });
        _relay = delay > TimeSpan.Zero ? TcpRelay.Start(_host.Endpoint.Host, _host.Endpoint.Port, delay) : null;
        _endpoint = _relay is null ? _host.Endpoint : new Uri($"http://127.0.0.1:{_relay.Port}");
    }

    private async Task StopAsync()
    {
        if (_relay is not null)
        {
            await _relay.DisposeAsync();
        }

        await _host!.DisposeAsync();
    }
}
