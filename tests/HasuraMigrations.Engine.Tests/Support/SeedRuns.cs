using System.Collections.Concurrent;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Seeds;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Keeps what a run of seed files tells.</summary>
internal sealed class SeedRecording : ISeedObserver
{
    public ConcurrentQueue<SeedResult> Results { get; } = new();

    public ConcurrentQueue<Finding> Findings { get; } = new();

    public ConcurrentQueue<string> Messages { get; } = new();

    /// <summary>Paths that ran.</summary>
    public IEnumerable<string> Applied => Results.Where(r => r.Outcome == SeedOutcome.Applied).Select(r => r.Path);

    /// <summary>Paths that were skipped.</summary>
    public IEnumerable<string> Skipped => Results.Where(r => r.Outcome == SeedOutcome.Skipped).Select(r => r.Path);

    public void Started(PlannedSeedInfo seed) => Messages.Enqueue($"Started {seed.Path}");

    public ValueTask FinishedAsync(SeedResult result, CancellationToken cancellationToken)
    {
        Results.Enqueue(result);
        return ValueTask.CompletedTask;
    }

    public void Undelivered(PlannedSeedInfo seed) => Messages.Enqueue($"Undelivered {seed.Path}");

    public void Warned(Finding finding) => Findings.Enqueue(finding);

    public void Informed(string message) => Messages.Enqueue(message);
}

/// <summary>Runs of the seed files of a project.</summary>
internal static class SeedRuns
{
    /// <summary>Writes a seed file of the database default.</summary>
    public static TestProject Seed(this TestProject project, string path, string sql) =>
        project.Write(Path.Combine("seeds", project.Open().ConfigVersion == 3 ? "default" : "", path), sql);

    /// <summary>The seed files of the database default.</summary>
    public static SeedSource ScanSeeds(this TestProject project, params string[] paths)
    {
        var open = project.Open();
        return SeedSource.Scan(open, open.Database("default"), paths.Length > 0 ? paths : null);
    }

    /// <summary>Plans and runs all seed files, or those that are named.</summary>
    public static async Task<SeedRecording> SeedAsync(this TestProject project, ISeedTarget target, SeedOptions? options = null, RunOptions? runOptions = null, SeedRecording? recording = null, string[]? paths = null)
    {
        recording ??= new SeedRecording();
        options ??= new SeedOptions();
        var runner = new SeedRunner(project.ScanSeeds(paths ?? []), target);
        var plan = await runner.PlanAsync(options, TestContext.Current.CancellationToken);
        plan.Run.ThrowIfRefused();
        await runner.RunAsync(plan, options, runOptions ?? new RunOptions(), plan.Seeds.Select(s => s.Path).ToHashSet(), recording, TestContext.Current.CancellationToken);
        return recording;
    }

    /// <summary>The same straight on a database.</summary>
    public static async Task<SeedRecording> SeedAsync(this TestProject project, string connectionString, SeedOptions? options = null, RunOptions? runOptions = null, SeedRecording? recording = null, string[]? paths = null)
    {
        await using var target = new PostgresMigrationTarget(PostgresConnectionString.Read(connectionString), null, "default", project.Open().ConfigVersion);
        return await project.SeedAsync(target, options, runOptions, recording, paths);
    }

    /// <summary>The same through a server.</summary>
    public static async Task<SeedRecording> SeedAsync(this TestProject project, TestServerHost host, SeedOptions? options = null, RunOptions? runOptions = null, SeedRecording? recording = null, string[]? paths = null)
    {
        await using var target = project.Target(host);
        return await project.SeedAsync(target, options, runOptions, recording, paths);
    }

    /// <summary>The same wherever a place leads.</summary>
    public static Task<SeedRecording> SeedAsync(this TestProject project, TargetPlace place, SeedOptions? options = null, RunOptions? runOptions = null, string[]? paths = null) =>
        place.Host is { } host ? project.SeedAsync(host, options, runOptions, null, paths) : project.SeedAsync(place.Database.ConnectionString, options, runOptions, null, paths);
}
