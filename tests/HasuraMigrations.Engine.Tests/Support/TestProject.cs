using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>A project in a temporary directory, and runs of it on a database.</summary>
internal sealed class TestProject : IDisposable
{
    private readonly Dictionary<(string, string?), PostgresMigrationTarget> _targets = [];
    private readonly int _configVersion;

    public TestProject(int configVersion = 3, string? config = null)
    {
        _configVersion = configVersion;
        Directory = System.IO.Directory.CreateTempSubdirectory("hasura-project-").FullName;
        Write("config.yaml", config ?? $"version: {configVersion}\n");
    }

    public string Directory { get; }

    public string Migrations => Path.Combine(Directory, "migrations", _configVersion == 3 ? "default" : "");

    /// <summary>Writes a file below the project; text as it is.</summary>
    public TestProject Write(string path, string text)
    {
        var full = Path.Combine(Directory, path);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return this;
    }

    /// <summary>Adds a migration in the directory form; null leaves a step out.</summary>
    public TestProject Add(long version, string? up, string? down = null, string name = "m")
    {
        var directory = Path.Combine(Migrations, $"{version}_{name}");
        if (up is not null)
        {
            Write(Path.Combine(directory, "up.sql"), up);
        }

        return down is null ? this : Write(Path.Combine(directory, "down.sql"), down);
    }

    public HasuraProject Open(params (string Name, string Value)[] environment) => HasuraProject.Open(new ProjectOptions
    {
        Path = Directory,
        IsExplicit = true,
        Environment = environment.ToDictionary(e => e.Name, e => e.Value),
    });

    public MigrationSource Scan()
    {
        var project = Open();
        return MigrationSource.Scan(project, project.Database("default"));
    }

    public MigrationRunner Runner(string connectionString, string? metadataConnectionString = null) =>
        new(Scan(), Target(connectionString, metadataConnectionString));

    /// <summary>The target of a database; its session is closed with the project.</summary>
    public PostgresMigrationTarget Target(string connectionString, string? metadataConnectionString = null)
    {
        lock (_targets)
        {
            if (!_targets.TryGetValue((connectionString, metadataConnectionString), out var target))
            {
                _targets.Add((connectionString, metadataConnectionString), target = new PostgresMigrationTarget(
                    PostgresConnectionString.Read(connectionString),
                    metadataConnectionString is null ? null : PostgresConnectionString.Read(metadataConnectionString),
                    "default",
                    _configVersion));
            }

            return target;
        }
    }

    /// <summary>A target that speaks to a server.</summary>
    public ServerMigrationTarget Target(TestServerHost host, string database = "default") =>
        new(new HasuraServerConnection(host.Endpoint.AbsoluteUri), database, _configVersion);

    /// <summary>Runs a goal through a server; all pending if none is given.</summary>
    public async Task<RecordingObserver> RunAsync(
        TestServerHost host,
        MigrationGoal? goal = null,
        PlanOptions? plan = null,
        RunOptions? options = null,
        RecordingObserver? observer = null,
        CancellationToken cancellationToken = default)
    {
        observer ??= new RecordingObserver();
        await using var target = Target(host);
        await new MigrationRunner(Scan(), target).RunAsync(goal ?? new MigrationGoal.AllPending(), plan ?? new PlanOptions(), options ?? new RunOptions(), null, observer, cancellationToken);
        return observer;
    }

    public async Task<(IReadOnlyList<HasuraMigration> Migrations, IReadOnlyList<Finding> Findings)> StatusAsync(TestServerHost host)
    {
        await using var target = Target(host);
        return await new MigrationRunner(Scan(), target).StatusAsync(CancellationToken.None);
    }

    /// <summary>Runs a goal; all pending if none is given.</summary>
    public async Task<RecordingObserver> RunAsync(
        string connectionString,
        MigrationGoal? goal = null,
        PlanOptions? plan = null,
        RunOptions? options = null,
        RecordingObserver? observer = null,
        string? metadata = null,
        CancellationToken cancellationToken = default)
    {
        observer ??= new RecordingObserver();
        await Runner(connectionString, metadata).RunAsync(goal ?? new MigrationGoal.AllPending(), plan ?? new PlanOptions(), options ?? new RunOptions(), null, observer, cancellationToken);
        return observer;
    }

    public async Task<IReadOnlyList<HasuraMigration>> StatusAsync(string connectionString, string? metadata = null) =>
        (await Runner(connectionString, metadata).StatusAsync(CancellationToken.None)).Migrations;

    public void Dispose()
    {
        foreach (var target in _targets.Values)
        {
            target.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
