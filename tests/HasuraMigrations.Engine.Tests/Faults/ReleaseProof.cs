using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>
/// A release of a project in a process that is killed, and then of the same project at once: afterwards all is as after one release that
/// nobody disturbed. Each file leaves a row in a table without constraints, so that what ran twice shows.
/// </summary>
/// <param name="server">Gives databases.</param>
/// <param name="sleep">How long half of the migrations sleep.</param>
internal sealed class ReleaseProof(PostgresServer server, TimeSpan sleep)
{
    /// <summary>First argument of a process that makes a release.</summary>
    internal const string ChildMode = "release-child";

    // What the state is after one release that nobody disturbed.
    private readonly ConcurrentDictionary<bool, Lazy<Task<string>>> _undisturbed = new();

    private const string NoPoint = "none";
    private const int Migrations = 6;

    // The metadata of a server that has no source yet; that of config version 3 tells it where the database is.
    private const string NoSources = """{"version":3,"sources":[]}""";

    private const string State = """
        SELECT concat_ws(E'\n',
            (SELECT 'done ' || string_agg(v, ',' ORDER BY v) FROM done),
            (SELECT 'history ' || string_agg(version || ' ' || state || ' ' || direction, ',' ORDER BY version) FROM hasura_migrations.history),
            (SELECT 'log ' || string_agg(DISTINCT version || ' ' || name, ',') FROM hasura_migrations.log WHERE outcome = 'succeeded'),
            (SELECT 'repeatable ' || string_agg(path, ',' ORDER BY path) FROM hasura_migrations.repeatable),
            (SELECT 'seed ' || string_agg(path, ',' ORDER BY path) FROM hasura_migrations.seed),
            (SELECT 'metadata ' || metadata::text FROM hdb_catalog.hdb_metadata),
            (SELECT 'state ' || (cli_state -> 'migrations')::text FROM hdb_catalog.hdb_version),
            (SELECT 'tables ' || string_agg(c.relname || ' ' || c.relkind::text, ',' ORDER BY c.relname) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace),
            (SELECT 'triggers ' || string_agg(tgname, ',' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 't1'::regclass),
            (SELECT 'invalid ' || count(*) FROM pg_index WHERE NOT indisvalid))
        """;

    /// <summary>Named points of a release directly on PostgreSQL.</summary>
    internal static readonly string[] Points =
    [
        "release-locked", "release-after-planning", "release-after-sources", "before-lock", "after-run-lock", "after-history", "before-synchronize", "between-migrations",
        "before-send", "after-send", "after-answer", "no-transaction-in-doubt", "no-transaction-after-statement", "after-no-transaction-end", "before-mirror", "after-mirror",
        "before-finish", "after-notice", "release-after-migrations", "release-metadata-written", "release-after-metadata", "release-after-seeds",
    ];

    /// <summary>Named points of a release through a server.</summary>
    internal static readonly string[] ServerPoints =
        ["release-locked", "release-after-planning", "release-metadata-written", "release-after-sources", "release-after-migrations", "release-after-metadata", "release-after-seeds"];

    /// <summary>The longest a release with nothing in its way takes, roughly.</summary>
    internal TimeSpan Length => (sleep * (Migrations / 2)) + TimeSpan.FromSeconds(1.5);

    /// <summary>The process kills itself at a point.</summary>
    internal FaultCase KillAt(string point, bool isServer, int occurrence = 1) => Case($"kill {(isServer ? "through a server " : "")}at {point} #{occurrence}", isServer, async (directory, way) =>
        await RunAsync(directory, way, point, occurrence, instant: null) != 0 ? null : "the point was not reached");

    /// <summary>The process is killed at an instant.</summary>
    internal FaultCase KillAfter(TimeSpan instant, bool isServer) => Case($"kill {(isServer ? "through a server " : "")}after {instant.TotalMilliseconds:N0} ms", isServer, async (directory, way) =>
    {
        await RunAsync(directory, way, NoPoint, 1, instant);
        return null;
    });

    /// <summary>The child's side.</summary>
    internal static async Task<int> ChildAsync(string directory, string point, int occurrence)
    {
        var seen = 0;
        FaultPoints.Hook = name =>
        {
            if (name == point && Interlocked.Increment(ref seen) == occurrence)
            {
                Process.GetCurrentProcess().Kill();
                Thread.Sleep(Timeout.Infinite);
            }
        };
        Console.WriteLine("started");
        var outcome = await ReleaseRuns.RunAsync(directory, Environment.GetEnvironmentVariable(ChildRun.ConnectionVariable)!, isOnce: true);
        Console.WriteLine(outcome.Failure is null ? $"{outcome}" : $"{outcome} {outcome.Failure.ErrorId}: {outcome.Failure.Message}");
        return outcome.Succeeded ? 0 : 1;
    }

    private FaultCase Case(string name, bool isServer, Func<string, string, Task<string?>> disturb) => new(name, async () =>
    {
        using var project = Project();
        var expected = await _undisturbed.GetOrAdd(isServer, _ => new Lazy<Task<string>>(() => UndisturbedAsync(isServer))).Value;
        string? flaw = null;
        var actual = await StateAfterAsync(project, isServer, async (directory, way) => flaw = await disturb(directory, way));
        return new CaseResult([.. new[] { flaw, expected == actual ? null : $"{actual}\ninstead of\n{expected}" }.OfType<string>()], "");
    });

    private async Task<string> UndisturbedAsync(bool isServer)
    {
        using var project = Project();
        return await StateAfterAsync(project, isServer, (_, _) => Task.FromResult<string?>(null));
    }

    private async Task<string> StateAfterAsync(TestProject project, bool isServer, Func<string, string, Task<string?>> disturb)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync($"CREATE TABLE done (v text); CREATE TABLE pace AS SELECT {sleep.TotalSeconds.ToString(CultureInfo.InvariantCulture)}::float8 AS seconds");
        await using var host = isServer ? await database.ServeAsync() : null;
        if (host is not null)
        {
            await host.PostAsync("/v1/metadata", $$"""{"type":"replace_metadata","args":{{NoSources}}}""");
        }

        var way = host?.Endpoint.AbsoluteUri ?? database.ConnectionString;
        await disturb(project.Directory, way);
        var code = await RunAsync(project.Directory, way, NoPoint, 1, instant: null);
        return code == 0 ? await database.ScalarAsync<string>(State) ?? "" : $"the release that follows ended with {code}";
    }

    private static async Task<int> RunAsync(string directory, string way, string point, int occurrence, TimeSpan? instant)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ReleaseProof).Assembly.Location, ChildMode, directory, point, occurrence.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            Environment = { [ChildRun.ConnectionVariable] = way, ["DOTNET_TieredPGO"] = "0", ["DOTNET_gcServer"] = "0" },
        };
        using var process = Process.Start(start)!;
        await process.StandardOutput.ReadLineAsync();
        if (instant is { } time)
        {
            await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(time));
            process.Kill();
        }

        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static TestProject Project()
    {
        var project = new TestProject(3);
        for (var version = 1; version <= Migrations; version++)
        {
            var rest = version % 2 == 0 ? "SELECT pg_sleep(seconds) FROM pace;\n" : "";
            project.Add(version, version == 3
                ? "-- hasura:no-transaction\nINSERT INTO done VALUES ('m3');\nCREATE INDEX CONCURRENTLY i3 ON done (v);\n"
                : $"INSERT INTO done VALUES ('m{version}');\nCREATE TABLE t{version} (id int PRIMARY KEY);\n{rest}");
        }

        return project
            .Write("migrations/default/repeatable/view.sql", "INSERT INTO done VALUES ('view');\nCREATE OR REPLACE VIEW view AS SELECT id FROM t1;\n")
            .Write("seeds/default/rows.sql", "INSERT INTO done VALUES ('seed');\nINSERT INTO t1 VALUES (1);\n")
            .Write("metadata/version.yaml", "version: 3\n")
            .Write("metadata/databases/databases.yaml", """
                - name: default
                  kind: postgres
                  configuration:
                    connection_info:
                      database_url:
                        from_env: HASURA_GRAPHQL_DATABASE_URL
                  tables:
                  - table: {schema: public, name: t1}
                    event_triggers:
                    - name: on_t1
                      definition:
                        enable_manual: false
                        insert: {columns: '*'}
                      retry_conf: {interval_sec: 10, num_retries: 0, timeout_sec: 60}
                      webhook: https://example.com
                  - table: {schema: public, name: view}
                """);
    }
}
