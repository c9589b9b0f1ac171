using HasuraMigrations.Engine.Sandbox;

namespace HasuraMigrations.Benchmarks;

/// <summary>
/// Whole processes from start to exit, as a step of a pipeline runs them: pwsh with the module, and the other tools with the same files.
/// </summary>
internal sealed class ProcessSeries(PostgresSandbox sandbox, BenchmarkOptions options) : IDisposable
{
    /// <summary>Names a tool that this program runs instead of measuring, with the arguments project directory and connection string.</summary>
    internal const string Peer = "--peer";

    private readonly string _psql = sandbox.Binaries?.Psql ?? throw new InvalidOperationException("psql is needed to compare with.");
    private readonly ModuleProcess _shell = new(options.Pwsh ?? throw new InvalidOperationException("pwsh is needed; give its path with --pwsh."), options.Module);
    private readonly MigrationFiles _files = new(options.Number("--count", 300));

    // One database with every migration applied: of the commands that read, and of the one that rolls back.
    private string _applied = "";
    private string _new = "";
    private string? _grate;

    internal async Task RunAsync()
    {
        _files.AddDownSteps();
        _grate = await Tools.GrateAsync();
        _applied = await CreateAsync("applied");
        await CommandAsync("Invoke-HasuraMigration @p -Confirm:$false", _applied);
        var ours = OurRows().ToList();
        var peers = PeerRows().ToList();
        var samples = await Measurement.RunAsync([.. ours, .. peers], options.Number("--process-repeats", options.Repeats, 2));
        Dictionary<Row, Sample> Of(List<Row> rows) => rows.ToDictionary(r => r, r => samples[r]);
        Measurement.Print($"Whole processes of pwsh with the module, {_files.Count} migrations", Of(ours), ours[0], ("over an empty pwsh", (own, empty) => $"{own - empty:N0} ms"));
        Measurement.Print($"Whole processes of other tools, {_files.Count} migrations", Of(peers));
    }

    public void Dispose() => _files.Dispose();

    /// <summary>Runs a tool in this process.</summary>
    internal static Task RunPeerAsync(string tool, string directory, string connection) => tool switch
    {
        "dbup" => Tools.DbUpAsync(directory, connection),
        "evolve" => Tools.EvolveAsync(directory, connection),
        "none" => Task.CompletedTask,
        _ => throw new ArgumentException($"There is no peer '{tool}'."),
    };

    private IEnumerable<Row> OurRows()
    {
        yield return new Row("nothing", _shell.RunNothingAsync);
        yield return new Row("import", _shell.ImportAsync);
        yield return new Row("status", () => CommandAsync("Get-HasuraMigration @p", _applied));
        yield return new Row("apply, nothing to do", () => CommandAsync("Invoke-HasuraMigration @p -Confirm:$false", _applied));
        yield return new Row("roll back 10", () => CommandAsync("Undo-HasuraMigration @p -Count 10 -Confirm:$false", _applied))
        {
            After = () => CommandAsync("Invoke-HasuraMigration @p -Confirm:$false", _applied),
        };
        yield return OnNew(new Row("apply all", () => CommandAsync("Invoke-HasuraMigration @p -Confirm:$false", _new)));
    }

    private IEnumerable<Row> PeerRows()
    {
        yield return OnNew(new Row("psql, a transaction each: apply all", () => Tools.PsqlAsync(_psql, _files.PsqlScript, _new)));
        yield return new Row("dotnet: nothing", () => PeerAsync("none"));
        yield return OnNew(new Row("dotnet with DbUp: apply all", () => PeerAsync("dbup")));
        yield return OnNew(new Row("dotnet with Evolve: apply all", () => PeerAsync("evolve")));
        if (_grate is { } grate)
        {
            yield return OnNew(new Row("grate: apply all", () => Tools.GrateAsync(grate, _files, _new)));
        }
    }

    private Row OnNew(Row row) => row with { Before = async () => _new = await CreateAsync("new") };

    private Task<string> CreateAsync(string prefix) => BenchmarkOptions.CreateDatabaseAsync(sandbox, prefix);

    private Task CommandAsync(string command, string database) =>
        _shell.RunAsync($"$p = @{{ Project = '{_files.Project}'; ConnectionString = '{database}' }}; {command}");

    private Task PeerAsync(string tool) => Tools.RunAsync(Tools.Self(Peer, tool, _files.Flat, _new));
}
