using System.Diagnostics;
using DbUp;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Targets.Server;
using Npgsql;

namespace HasuraMigrations.Benchmarks;

/// <summary>Each way of applying the same migrations, from opening the connection to the last commit.</summary>
internal static class Tools
{
    public static async Task EngineAsync(string directory, string connectionString, MigrationGoal? goal = null)
    {
        var (source, configVersion) = Open(directory);
        await using var target = new PostgresMigrationTarget(PostgresConnectionString.Read(connectionString), null, "default", configVersion);
        await RunAsync(source, target, goal ?? new MigrationGoal.AllPending());
    }

    public static async Task StatusAsync(string directory, string connectionString)
    {
        var (source, configVersion) = Open(directory);
        await using var target = new PostgresMigrationTarget(PostgresConnectionString.Read(connectionString), null, "default", configVersion);
        await new MigrationRunner(source, target).StatusAsync(CancellationToken.None);
    }

    public static async Task ServerAsync(string directory, Uri endpoint, MigrationGoal goal)
    {
        var (source, configVersion) = Open(directory);
        await using var target = new ServerMigrationTarget(new HasuraServerConnection(endpoint.AbsoluteUri), "default", configVersion);
        await RunAsync(source, target, goal);
    }

    private static (MigrationSource Source, int ConfigVersion) Open(string directory)
    {
        var project = HasuraProject.Open(new ProjectOptions { Path = directory, IsExplicit = true });
        return (MigrationSource.Scan(project, project.Database("default")), project.ConfigVersion);
    }

    private static Task RunAsync(MigrationSource source, IMigrationTarget target, MigrationGoal goal) =>
        new MigrationRunner(source, target).RunAsync(goal, new PlanOptions(), new RunOptions(), null, new SilentObserver(), CancellationToken.None);

    public static Task DbUpAsync(MigrationFiles files, string connectionString) => DbUpAsync(files.Flat, connectionString);

    public static Task DbUpAsync(string directory, string connectionString)
    {
        var result = DeployChanges.To.PostgresqlDatabase(connectionString).WithScriptsFromFileSystem(directory).WithTransactionPerScript().LogToNowhere().Build().PerformUpgrade();
        return result.Successful ? Task.CompletedTask : throw new InvalidOperationException("DbUp failed.", result.Error);
    }

    public static Task EvolveAsync(MigrationFiles files, string connectionString) => EvolveAsync(files.Flat, connectionString);

    public static async Task EvolveAsync(string directory, string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        new EvolveDb.Evolve(connection) { Locations = [directory], IsEraseDisabled = true }.Migrate();
    }

    public static Task PsqlAsync(string psql, string script, string connectionString)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        var start = new ProcessStartInfo(psql, ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f", script]);
        start.Environment["PGHOST"] = address.Host;
        start.Environment["PGPORT"] = $"{address.Port}";
        start.Environment["PGUSER"] = address.Username;
        start.Environment["PGPASSWORD"] = address.Password;
        start.Environment["PGDATABASE"] = address.Database;
        return RunAsync(start);
    }

    /// <summary>The program grate; its start is part of its time.</summary>
    public static Task GrateAsync(string grate, MigrationFiles files, string connectionString) => RunAsync(new ProcessStartInfo(
        grate,
        [$"--connectionstring={connectionString}", "--databasetype=postgresql", $"--sqlfilesdirectory={files.Grate}", $"--outputPath={files.Root}", "--transaction", "--createdatabase=false", "--noninteractive"]));

    /// <summary>The program grate: the one on PATH, else one that is installed from NuGet into <c>out/tools</c>; null, and a line that says why, where it cannot be.</summary>
    public static async Task<string?> GrateAsync()
    {
        var directory = Path.GetFullPath("out/tools");
        var program = Find("grate") ?? Path.Combine(directory, OperatingSystem.IsWindows() ? "grate.exe" : "grate");
        if (File.Exists(program))
        {
            return program;
        }

        try
        {
            await RunAsync(new ProcessStartInfo("dotnet", ["tool", "install", "grate", "--version", "2.3.0", "--tool-path", directory]));
            return program;
        }
        catch (InvalidOperationException e)
        {
            Console.WriteLine($"Without grate. {e.Message}");
            return null;
        }
    }

    /// <summary>Full path of a program on PATH; null where it is not installed.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(d => new[] { Path.Combine(d, program), Path.Combine(d, program + ".exe") })
        .FirstOrDefault(File.Exists);

    /// <summary>This program with other arguments.</summary>
    public static ProcessStartInfo Self(params string[] arguments) => new("dotnet", [typeof(Tools).Assembly.Location, .. arguments]);

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">Its exit code is not 0.</exception>
    public static async Task RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{Path.GetFileName(start.FileName)} failed: {output}");
        }
    }

    private sealed class SilentObserver : IRunObserver
    {
        public void Started(PlannedMigration migration)
        {
        }

        public ValueTask FinishedAsync(MigrationResult result, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public void Warned(Finding finding)
        {
        }

        public void Informed(string message)
        {
        }
    }
}
