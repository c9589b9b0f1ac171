using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>
/// The child's side of <see cref="RunProcess"/>: runs the migrations of a project, and at a named point kills itself or
/// waits for a line of its parent.
/// </summary>
internal static class ChildRun
{
    /// <summary>First argument that asks for this mode.</summary>
    internal const string Mode = "run-migrations";

    /// <summary>Variable with the connection string, which does not belong in a list of processes.</summary>
    internal const string ConnectionVariable = "HASURA_TEST_RUN_CONNECTION";

    /// <summary>Variable with that of the metadata database; not set where there is none of its own.</summary>
    internal const string MetadataVariable = "HASURA_TEST_RUN_METADATA";

    /// <summary>Arguments: directory, config version, up or down, point (or none), number of its occurrence, kill or pause.</summary>
    internal static async Task<int> MainAsync(string[] args)
    {
        var (directory, config, direction, point, occurrence, action) = (args[0], int.Parse(args[1]), args[2], args[3], int.Parse(args[4]), args[5]);
        var seen = 0;
        FaultPoints.Hook = name =>
        {
            if (name != point || Interlocked.Increment(ref seen) != occurrence)
            {
                return;
            }

            if (action == "kill")
            {
                // SIGKILL: no code of this process runs after it, no finally, no flush of a buffer.
                Process.GetCurrentProcess().Kill();
                Thread.Sleep(Timeout.Infinite);
            }

            Console.WriteLine("paused");
            Console.ReadLine();
        };
        Console.WriteLine("started");
        var end = await RunEnd.OfAsync(directory, config, direction == "down", Environment.GetEnvironmentVariable(ConnectionVariable)!, Environment.GetEnvironmentVariable(MetadataVariable));
        Console.WriteLine($"end|{string.Join(',', end.Reported)}|{end.ErrorId}|{end.ErrorVersion}|{end.Error}");
        return end.ErrorId is null ? 0 : 1;
    }
}

/// <summary>How a run ended.</summary>
/// <param name="Reported">Versions it reported as done.</param>
/// <param name="ErrorId">Id of its error; null where it succeeded.</param>
/// <param name="ErrorVersion">Version the error names.</param>
/// <param name="Error">Text of the error, in one line.</param>
internal sealed record RunEnd(IReadOnlyList<long> Reported, string? ErrorId, long? ErrorVersion, string? Error)
{
    public override string ToString() => ErrorId is null ? $"ok, {Reported.Count}" : $"{ErrorId} ({ErrorVersion}): {Error}";

    /// <summary>Runs all there is to do in this process.</summary>
    internal static async Task<RunEnd> OfAsync(string directory, int configVersion, bool isDown, string connectionString, string? metadata, RunOptions? behaviour = null)
    {
        var project = HasuraProject.Open(new ProjectOptions { Path = directory, IsExplicit = true, Environment = new Dictionary<string, string>() });
        await using var target = new PostgresMigrationTarget(PostgresConnectionString.Read(connectionString), metadata is null ? null : PostgresConnectionString.Read(metadata), "default", configVersion);
        var runner = new MigrationRunner(MigrationSource.Scan(project, project.Database("default")), target);
        var observer = new RecordingObserver();
        MigrationGoal goal = isDown ? new MigrationGoal.Last(int.MaxValue) : new MigrationGoal.AllPending();
        var options = (behaviour ?? new RunOptions()) with { LockTimeout = TimeSpan.FromMinutes(2), CreateStateStore = configVersion < 3 || metadata is not null };
        Exception? error = null;
        try
        {
            await runner.RunAsync(goal, new PlanOptions(), options, null, observer, CancellationToken.None);
        }
        catch (Exception e)
        {
            error = e;
        }

        return new RunEnd(
            [.. observer.Results.Select(r => r.Version)],
            error is null ? null : (error as HasuraMigrationException)?.ErrorId ?? error.GetType().Name,
            (error as MigrationFailedException)?.Version,
            error is null ? null : (error is HasuraMigrationException ? error.Message : error.ToString()).ReplaceLineEndings(" "));
    }
}
