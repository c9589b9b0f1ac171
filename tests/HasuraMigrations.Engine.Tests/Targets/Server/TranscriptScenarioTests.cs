using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>
/// What Hasura's own CLI did with migrations, done with this engine on a server in the same state: it ends with the same
/// record and the same tables, or differs on purpose.
/// </summary>
public sealed class TranscriptScenarioTests(PostgresServer server)
{
    private const long First = 1600000000001;
    private const string All = "1600000000001,1600000000002,1600000000003";
    private const string Same = "same";

    /// <summary>What a scenario's project has beside, or instead of, its three migrations.</summary>
    private static readonly Dictionary<string, Action<TestProject>> Projects = new()
    {
        ["apply-10"] = p =>
        {
            Remove(p);
            for (var i = 0; i < 10; i++)
            {
                p.Add(1600000000000 + i, $"CREATE TABLE t{i}(id int);");
            }
        },
        ["apply-fail-first"] = p => p.Add(First, "SELECT FAIL;\n"),
        ["apply-fail-second"] = p => p.Add(First + 1, "SELECT FAIL;\n"),
        ["apply-comment-only"] = p => Only(p, "-- nothing"),
        ["apply-crlf-bom"] = p => Only(p, "\ufeffCREATE TABLE a(\r\n id int);"),
        ["apply-empty-up"] = p => Only(p, ""),
        ["apply-no-migrations"] = Remove,
        ["apply-yaml"] = p => Only(p, Transcript.Steps[0].Up),
        ["apply-down-missing-file"] = p => File.Delete(Path.Combine(p.Migrations, $"{First + 2}_m", "down.sql")),
    };

    /// <summary>Where another end is right, by scenario, with the reason; the same table is in the documentation.</summary>
    private static readonly Dictionary<string, (string Versions, string Why)> Different = new()
    {
        ["beta2/v3-apply-skip-execution-all"] = (All, "The CLI of 2021 records single versions only."),
        ["beta2/v3-apply-skip-execution-up-all"] = (All, "The CLI of 2021 records single versions only."),
        ["beta2/v3-apply-skip-execution-down-all"] = ("", "The CLI of 2021 records single versions only."),
        ["v3-apply-version-down"] = (All, "A database refuses to drop what another table refers to."),
        ["beta2/v3-apply-version-down"] = (All, "A database refuses to drop what another table refers to."),
    };

    /// <summary>What no command here does, by a part of the name.</summary>
    private static readonly (string Part, string Why)[] Absent =
    [
        ("v1-on-v1server-apply-fresh", "The project has YAML migrations."),
        ("v1-on-v1server-apply-ready", "The project has YAML migrations."),
        ("v1-on-v1server-apply-yaml", "The project has YAML migrations."),
        ("v1-on-v1server-down", "The project has YAML migrations."),
        ("v3-fault", "The proof of faults covers it."),
        ("bad-number", "A parameter that is no number does not bind."),
        ("two-modes", "Parameters that exclude each other do not bind."),
        ("no-db-name", "Without a name the only database is meant; with several it is an error before a server is asked."),
        ("two-sources-no-name", "Without a name and with several databases it is an error before a server is asked."),
        ("not-a-project", "There is no project, so no server is asked."),
        ("v3-server-500", "There is no server in the end."),
        ("v3-server-html", "There is no server in the end."),
        ("v3-server-down", "There is no server in the end."),
        ("one-fails", "It is a matter of the command, which goes on with the next database."),
        ("v1-on-v2server", "The CLI refuses config version 1 on a server of version 2; here its SQL can be run."),
    ];

    public static TheoryData<string> Names { get; } = [.. LongForm.Of(Transcript.All().Where(IsMigration).DistinctBy(n => n == "absent" ? n : Transcript.Read(n).Scenario), 6)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_scenario_of_the_CLI_ends_as_it_did_or_better(string name)
    {
        var transcript = Transcript.Read(name);
        var key = name.Replace(".jsonl", "", StringComparison.Ordinal);
        var absent = Absent.FirstOrDefault(a => key.Contains(a.Part, StringComparison.Ordinal));
        Assert.SkipWhen(absent.Part is not null && !Different.ContainsKey(key), absent.Why ?? "");
        await using var database = await server.CreateDatabaseAsync();
        await using var theirs = await server.CreateDatabaseAsync();
        await using var second = transcript.HasSecondSource ? await server.CreateDatabaseAsync() : null;
        await using var host = await transcript.ServeAsync(database, second);
        using var project = Project(transcript, key);
        await PrepareAsync(transcript, database, theirs);

        foreach (var source in second is not null && transcript.Arguments.Contains("--all-databases") ? new[] { "default", "second" } : ["default"])
        {
            var connection = new HasuraServerConnection(host.Endpoint.AbsoluteUri, transcript.Arguments.Contains("bad") ? "bad" : transcript.AdminSecret);
            await using var target = new ServerMigrationTarget(connection, transcript.Arguments.Contains("nosuch") ? "nosuch" : source, transcript.ConfigVersion);
            var error = await Record.ExceptionAsync(() => RunAsync(transcript, new MigrationRunner(project.Scan(), target)));
            Assert.True(error is null or HasuraMigrationException, error?.ToString());
        }

        var (versions, why) = Different.GetValueOrDefault(key, (transcript.EndVersions("default"), Same));
        Assert.Equal(versions, await VersionsAsync(database, transcript.ConfigVersion, "default"));
        if (second is not null)
        {
            Assert.Equal(transcript.EndVersions("second"), await VersionsAsync(database, transcript.ConfigVersion, "second"));
        }

        if (why == Same && !transcript.IsRecordOnly)
        {
            await RunTheirsAsync(transcript, theirs, second is not null);
            Assert.Equal(await ColumnsAsync(theirs), await ColumnsAsync(database));
        }
    }

    private static bool IsMigration(string name) =>
        name == "absent" || Transcript.Read(name).Arguments is ["migrate", "apply" or "status", ..];

    private static TestProject Project(Transcript transcript, string key)
    {
        var project = new TestProject(transcript.ConfigVersion);
        foreach (var (version, up, down) in Transcript.Steps)
        {
            project.Add(version, up, down);
        }

        Projects.FirstOrDefault(p => key.EndsWith(p.Key, StringComparison.Ordinal)).Value?.Invoke(project);

        return project;
    }

    private static void Remove(TestProject project) => Directory.Delete(project.Migrations, recursive: true);

    private static void Only(TestProject project, string up)
    {
        Remove(project);
        project.Add(First, up);
    }

    // What the state says is applied is there, in both databases.
    private static async Task PrepareAsync(Transcript transcript, TestDatabase database, TestDatabase theirs)
    {
        var applied = transcript.StartVersions("default").Split(',');
        foreach (var (version, up, _) in Transcript.Steps.Where(s => applied.Contains($"{s.Version}") && (s.Version != First + 2 || applied.Contains($"{First + 1}"))))
        {
            await database.ExecuteAsync(Quietly(up));
            await theirs.ExecuteAsync(up);
        }

        // A version up out of order rests on what its elders made.
        if (transcript.Arguments.Contains("--version") && transcript.Arguments.Contains($"{First + 1}"))
        {
            await database.ExecuteAsync(Quietly(Transcript.Steps[0].Up));
            await theirs.ExecuteAsync(Transcript.Steps[0].Up);
        }
    }

    // The start of the server may have made it.
    private static string Quietly(string up) => up.Replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", StringComparison.Ordinal).Replace("ADD COLUMN", "ADD COLUMN IF NOT EXISTS", StringComparison.Ordinal);

    private static async Task RunTheirsAsync(Transcript transcript, TestDatabase theirs, bool isHalf)
    {
        var sql = transcript.SqlRun;
        foreach (var text in sql.Take(isHalf ? sql.Count / 2 : sql.Count).Where(s => !s.Contains("FAIL", StringComparison.Ordinal)))
        {
            await theirs.ExecuteAsync(text.TrimStart('\ufeff'));
        }
    }

    private static async Task RunAsync(Transcript transcript, MigrationRunner runner)
    {
        var arguments = transcript.Arguments;
        string? Of(string flag) => Array.IndexOf(arguments, flag) is >= 0 and var i ? arguments[i + 1] : null;
        if (arguments[1] == "status")
        {
            await runner.StatusAsync(CancellationToken.None);
            return;
        }

        var isDown = Of("--type") == "down";
        MigrationGoal goal = (Of("--up"), Of("--down"), Of("--goto"), Of("--version")) switch
        {
            ({ } up, _, _, _) when up != "all" => new MigrationGoal.Next(int.Parse(up)),
            (_, { } down, _, _) => new MigrationGoal.Last(down == "all" ? int.MaxValue : int.Parse(down)),
            (_, _, { } to, _) => new MigrationGoal.To(long.Parse(to)),
            (_, _, _, { } version) => new MigrationGoal.Exactly([long.Parse(version)], isDown ? MigrationDirection.Down : MigrationDirection.Up),
            _ => new MigrationGoal.AllPending(),
        };
        var options = new PlanOptions
        {
            IsRecordOnly = transcript.IsRecordOnly,
            AllowEmptyDown = transcript.IsRecordOnly,
            TransactionMode = arguments.Contains("--no-transaction") ? MigrationTransactionMode.None : MigrationTransactionMode.PerMigration,
        };
        if (arguments.Contains("--dry-run"))
        {
            await runner.PlanAsync(goal, options, CancellationToken.None);
            return;
        }

        await runner.RunAsync(goal, options, new RunOptions { LockTimeout = TimeSpan.FromSeconds(5) }, null, new RecordingObserver(), CancellationToken.None);
    }

    private static async Task<string> VersionsAsync(TestDatabase database, int configVersion, string source) => configVersion == 3
        ? Transcript.Versions(JsonNode.Parse((await database.ScalarAsync<string>("SELECT cli_state::text FROM hdb_catalog.hdb_version"))!), source)
        : await database.ScalarAsync<bool>("SELECT to_regclass('hdb_catalog.schema_migrations') IS NOT NULL")
            ? await database.ScalarAsync<string>("SELECT string_agg(version::text || CASE WHEN dirty THEN '!' ELSE '' END, ',' ORDER BY version) FROM hdb_catalog.schema_migrations") ?? ""
            : "";

    private static async Task<string> ColumnsAsync(TestDatabase database) =>
        await database.ScalarAsync<string>("SELECT string_agg(table_name || '.' || column_name || ' ' || data_type, ', ' ORDER BY table_name, ordinal_position) FROM information_schema.columns WHERE table_schema = 'public'") ?? "";
}
