using HasuraMigrations.Benchmarks;
using HasuraMigrations.Engine.Sandbox;

// Usage: dotnet run -c Release --project tests/HasuraMigrations.Benchmarks -- [SERIES ...] [--quick] [--repeats 7] [--pwsh pwsh] [--module out/package/HasuraMigrations]
// SERIES is any of --migrations, --server, --processes and --metadata, and all four without any; or one of --databases, --micro,
// --growth, --catalog, --commands, --api, --impact and --memory. docs/performance.md says what each measures and what further options it takes.
if (args is [ProcessSeries.Peer, var tool, var directory, var connection])
{
    await ProcessSeries.RunPeerAsync(tool, directory, connection);
    return 0;
}

var options = new BenchmarkOptions(args);
if (options.Has("--metadata-step"))
{
    await MetadataSeries.StepAsync(options.Text("--metadata-step"), options.Text("--database"), options.Text("--directory"), options.Number("--tables", 5000), options.Number("--roles", 11));
    return 0;
}

if (options.Has("--api-step"))
{
    ApiSchemaSeries.Step(options.Number("--api-step", 5000), options.Number("--roles", 11), options.Text("--distinct") == "yes");
    return 0;
}

if (options.Has("--api"))
{
    ApiSchemaSeries.Run(options.Number("--roles", 11));
    return 0;
}

if (options.Has("--operations"))
{
    await OperationSeries.StepAsync(options.Number("--operations", 2000), options.Number("--tables", 5000), options.Number("--roles", 11));
    return 0;
}

if (options.Has("--impact-step"))
{
    ImpactSeries.Step(options.Number("--impact-step", 5000), options.Number("--roles", 11));
    return 0;
}

if (options.Has("--impact"))
{
    ImpactSeries.Run(options.Number("--roles", 11));
    return 0;
}

if (options.Has("--micro"))
{
    MicroSeries.Run(options.IsQuick);
    return 0;
}

await using var sandbox = await PostgresSandbox.StartAsync(new SandboxOptions { Durable = !options.Has("--memory") });
Console.WriteLine($"PostgreSQL {sandbox.Info.Version}, {(options.Has("--memory") ? "not durable" : "durable")}, {Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}");
if (options.Has("--memory"))
{
    await MemorySeries.RunAsync(sandbox, CreateAsync, options.Module, options.Pwsh ?? "pwsh", options.Number("--count", 10_000), options.Number("--megabytes", 200));
    return 0;
}

if (options.Has("--commands"))
{
    await CommandSeries.RunAsync(sandbox, CreateAsync, options.Number("--tables", 200), options.Number("--repeats", 5));
    return 0;
}

if (options.Has("--catalog"))
{
    await CatalogSeries.RunAsync(await CreateAsync("catalog"), options.Number("--tables", 5000), options.Number("--columns", 20), options.Number("--repeats", 5));
    return 0;
}

if (options.Has("--databases"))
{
    using var databases = new DatabasesSeries(sandbox, options);
    await databases.RunAsync();
    return 0;
}

if (options.Has("--growth"))
{
    await MetadataSeries.RunGrowthAsync(CreateAsync, options.Number("--roles", 11), options.Number("--metadata-repeats", 1));
    return 0;
}

var isAll = !new[] { "--migrations", "--server", "--processes", "--metadata" }.Any(options.Has);
if (isAll || options.Has("--migrations"))
{
    await new MigrationSeries(sandbox, options).RunAsync();
}

if (isAll || options.Has("--server"))
{
    await new ServerSeries(sandbox, options).RunAsync();
}

if (options.Has("--processes") || (isAll && options.Pwsh is not null))
{
    using var processes = new ProcessSeries(sandbox, options);
    await processes.RunAsync();
}

if (isAll || options.Has("--metadata"))
{
    await MetadataSeries.RunAsync(sandbox, await CreateAsync("metadata"), options.Number("--tables", 5000, 500), options.Number("--roles", 11), options.Number("--metadata-repeats", 3, 1));
}

return 0;

Task<string> CreateAsync(string prefix) => BenchmarkOptions.CreateDatabaseAsync(sandbox, prefix);
