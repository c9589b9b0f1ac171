using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Seeds;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>A run of the seed files of a project, each once, in a process of its own: this test program in another mode.</summary>
internal static class SeedChild
{
    internal const string Mode = "--seed-child";

    private const string NoPoint = "none";

    /// <summary>Runs.</summary>
    /// <param name="directory">The project.</param>
    /// <param name="connectionString">The database.</param>
    /// <param name="point">Where the process kills itself; nowhere if it is left out.</param>
    /// <returns>The files that this process ran; none where it was killed.</returns>
    internal static async Task<string[]> RunAsync(string directory, string connectionString, string point = NoPoint)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(SeedChild).Assembly.Location, Mode, directory, point])
        {
            RedirectStandardOutput = true,
            Environment = { [ChildRun.ConnectionVariable] = connectionString },
        };
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(point != NoPoint, process.ExitCode != 0);
        return text.Trim().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    internal static async Task<int> MainAsync(string directory, string point)
    {
        FaultPoints.Hook = name =>
        {
            if (name == point)
            {
                Process.GetCurrentProcess().Kill();
                Thread.Sleep(Timeout.Infinite);
            }
        };
        var project = HasuraProject.Open(new ProjectOptions { Path = directory, IsExplicit = true });
        var database = project.Databases[0];
        await using var target = new PostgresMigrationTarget(PostgresConnectionString.Read(Environment.GetEnvironmentVariable(ChildRun.ConnectionVariable)!), null, database.Name, project.ConfigVersion);
        var runner = new SeedRunner(SeedSource.Scan(project, database), target);
        var options = new SeedOptions { IsOnce = true, TransactionMode = MigrationTransactionMode.PerMigration };
        var plan = await runner.PlanAsync(options, CancellationToken.None);
        var recording = new SeedRecording();
        await runner.RunAsync(plan, options, new RunOptions(), plan.Seeds.Select(s => s.Path).ToHashSet(), recording, CancellationToken.None);
        Console.WriteLine(string.Join('\n', recording.Applied));
        return 0;
    }
}
