using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Seeds;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>Seed files on both kinds of target.</summary>
public sealed class SeedRunTests(PostgresServer server)
{
    private const string Table = "CREATE TABLE t (id int PRIMARY KEY, note text)";
    private const string Rows = "SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM t";

    private static readonly SeedOptions Once = new() { IsOnce = true };
    private static readonly SeedOptions PerFile = new() { TransactionMode = MigrationTransactionMode.PerMigration };

    public static TheoryData<HasuraApi?> Places => new() { (HasuraApi?)null, HasuraApi.V1, HasuraApi.V2 };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task All_files_are_one_transaction_unless_another_one_is_asked_for(HasuraApi? api)
    {
        await using var place = await OpenAsync(api);
        using var project = new TestProject(api == HasuraApi.V1 ? 2 : 3);
        project.Seed("1.sql", "INSERT INTO t VALUES (1);").Seed("2.sql", "INSERT INTO t VALUES (2);\nINSERT INTO t VALUES (1);");

        var all = await Assert.ThrowsAsync<MigrationFailedException>(() => project.SeedAsync(place));
        Assert.Equal("", await place.Database.ScalarAsync<string>(Rows));

        var one = await Assert.ThrowsAsync<MigrationFailedException>(() => project.SeedAsync(place, PerFile, new RunOptions { LocateError = true }));
        Assert.Equal("1", await place.Database.ScalarAsync<string>(Rows));

        Assert.Equal(("SeedFailed", "SeedFailed"), (all.ErrorId, one.ErrorId));
        Assert.Equal((0, 1), (all.AppliedBefore, one.AppliedBefore));
        Assert.Equal((Path.Combine(project.Directory, "seeds", api == HasuraApi.V1 ? "" : "default", "2.sql"), 2, "INSERT INTO t VALUES (1);"), (one.File, one.StatementNumber, one.SourceLine));
        Assert.Equal(("2.sql", "23505"), (all.Name, all.SqlState));
        Assert.StartsWith("The seed file '2.sql' failed at ", one.Message);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Once_runs_a_file_again_only_after_it_changed(HasuraApi? api)
    {
        await using var place = await OpenAsync(api);
        using var project = new TestProject(api == HasuraApi.V1 ? 2 : 3);
        project.Seed("1.sql", "INSERT INTO t VALUES (1);").Seed("2.sql", "INSERT INTO t VALUES (2);");

        var first = await project.SeedAsync(place, Once);
        var second = await project.SeedAsync(place, Once);
        project.Seed("2.sql", "INSERT INTO t VALUES (3);\n").Seed("0.sql", "INSERT INTO t VALUES (0);");
        var third = await project.SeedAsync(place, Once);
        project.Seed("2.sql", "INSERT INTO t VALUES (3);\r\n");
        var fourth = await project.SeedAsync(place, Once with { TransactionMode = MigrationTransactionMode.PerMigration });

        Assert.Equal(["1.sql", "2.sql"], first.Applied);
        Assert.Equal((0, "1.sql,2.sql"), (second.Applied.Count(), string.Join(',', second.Skipped)));
        Assert.Equal(("0.sql,2.sql", "1.sql"), (string.Join(',', third.Applied), string.Join(',', third.Skipped)));
        // A checkout with other line ends is no change.
        Assert.Empty(fourth.Applied);
        Assert.Equal("0,1,2,3", await place.Database.ScalarAsync<string>(Rows));
        Assert.Equal(3, await place.Database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.seed WHERE state = 'applied' AND database_name = 'default'"));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Without_Once_each_run_executes_again_and_records_nothing_but_the_log(HasuraApi? api)
    {
        await using var place = await OpenAsync(api);
        using var project = new TestProject(api == HasuraApi.V1 ? 2 : 3);
        project.Seed("1.sql", "INSERT INTO t SELECT count(*) FROM t;");

        await project.SeedAsync(place);
        await project.SeedAsync(place);

        Assert.Equal("0,1", await place.Database.ScalarAsync<string>(Rows));
        Assert.Equal(2, await place.Database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.log WHERE version = 0 AND name = '1.sql' AND outcome = 'succeeded'"));
        Assert.Equal(0, await place.Database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.history"));
        Assert.False(await place.Database.ScalarAsync<bool>("SELECT to_regclass('hasura_migrations.seed') IS NOT NULL"));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Two_runs_at_once_execute_each_file_once(HasuraApi? api)
    {
        await using var place = await OpenAsync(api);
        using var project = new TestProject(api == HasuraApi.V1 ? 2 : 3);
        foreach (var i in Enumerable.Range(1, 4))
        {
            project.Seed($"{i}.sql", $"SELECT pg_sleep(0.05); INSERT INTO t SELECT {i} + 10 * count(*) FROM t WHERE id % 10 = {i};");
        }

        var runs = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => project.SeedAsync(place, Once with { TransactionMode = i % 2 == 0 ? MigrationTransactionMode.All : MigrationTransactionMode.PerMigration })));

        Assert.Equal("1,2,3,4", await place.Database.ScalarAsync<string>(Rows));
        Assert.Equal(["1.sql", "2.sql", "3.sql", "4.sql"], runs.SelectMany(r => r.Applied).Order());
    }

    [Fact]
    public async Task Everything_is_checked_before_the_first_write()
    {
        await using var place = await OpenAsync(null);
        using var project = new TestProject();
        project.Seed("1.sql", "INSERT INTO t VALUES (1);")
            .Seed("2.sql", "\\connect other")
            .Seed("3.sql", "COPY t FROM STDIN;")
            .Seed("4.sql", "INSERT INTO t VALUES ('a\0b');")
            .Seed("5.sql", "ROLLBACK;")
            .Seed("6.sql", "VACUUM t;")
            .Seed("7.sql", "-- hasura:no-transaction\nINSERT INTO t VALUES (7);");
        File.WriteAllBytes(Path.Combine(project.Directory, "seeds", "default", "8.sql"), [0x53, 0xE9]);

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.SeedAsync(place));

        Assert.Equal("PlanRefused", error.ErrorId);
        Assert.Equal(["CopyNotSupported", "FileEncodingInvalid", "NoTransactionInOneTransaction", "NotInTransaction", "PsqlCommand", "SqlContainsNul", "TransactionControl"], error.Findings.Select(f => f.Id).Order());
        Assert.All(error.Findings, f => Assert.Null(f.Version));
        Assert.Equal("", await place.Database.ScalarAsync<string>(Rows));
        Assert.False(await place.Database.ScalarAsync<bool>("SELECT to_regnamespace('hasura_migrations') IS NOT NULL"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(HasuraApi.V2)]
    public async Task Without_a_transaction_an_interrupted_file_is_resumed_or_begun_again(HasuraApi? api)
    {
        await using var place = await OpenAsync(api);
        using var project = new TestProject();
        var none = new SeedOptions { TransactionMode = MigrationTransactionMode.None, IsOnce = true };
        project.Seed("1.sql", "INSERT INTO t VALUES (1);\nVACUUM t;\nINSERT INTO t VALUES (1);");

        var failed = await Assert.ThrowsAsync<MigrationFailedException>(() => project.SeedAsync(place, none));
        project.Seed("1.sql", "INSERT INTO t VALUES (1);\nVACUUM t;\nINSERT INTO t VALUES (2);");
        var refused = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.SeedAsync(place, Once));
        var resumed = await project.SeedAsync(place, none with { TransactionMode = MigrationTransactionMode.PerMigration });
        var again = await project.SeedAsync(place, none);

        Assert.Equal(("SeedFailedPartly", "SeedUnfinished"), (failed.ErrorId, refused.ErrorId));
        Assert.Equal("1.sql", Assert.Single(resumed.Applied));
        Assert.Equal("1.sql", Assert.Single(again.Skipped));
        Assert.Equal("1,2", await place.Database.ScalarAsync<string>(Rows));
    }

    [Fact]
    public async Task Restart_begins_with_the_first_statement()
    {
        await using var place = await OpenAsync(null);
        using var project = new TestProject();
        var none = new SeedOptions { TransactionMode = MigrationTransactionMode.None };
        project.Seed("1.sql", "INSERT INTO t VALUES (1);\nSELECT 1/0;");
        await Assert.ThrowsAsync<MigrationFailedException>(() => project.SeedAsync(place, none));
        project.Seed("1.sql", "INSERT INTO t VALUES (3);");

        Assert.Equal("ResumeChanged", (await Assert.ThrowsAsync<HasuraMigrationException>(() => project.SeedAsync(place, none))).ErrorId);
        await project.SeedAsync(place, none with { Restart = true });

        Assert.Equal("1,3", await place.Database.ScalarAsync<string>(Rows));
        Assert.Equal(0, await place.Database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.seed"));
    }

    [Theory]
    [InlineData("INSERT INTO t VALUES (1); UPDATE t SET note = 'x'; DELETE FROM t; TRUNCATE t; SELECT setval('s', 1); CREATE TEMP TABLE x (i int)", false)]
    [InlineData("ALTER TABLE t ADD n int", true)]
    [InlineData("DO $$ BEGIN EXECUTE 'ALTER TABLE t ADD n int'; END $$", true)]
    [InlineData("COMMENT ON TABLE t IS 'x'", true)]
    public async Task A_server_hears_of_it_only_where_tables_may_have_changed(string sql, bool isTold)
    {
        await using var place = await OpenAsync(HasuraApi.V2);
        await place.Database.ExecuteAsync("CREATE SEQUENCE s");
        using var project = new TestProject();
        project.Seed("1.sql", sql);
        const string version = "SELECT resource_version::int8 FROM hdb_catalog.hdb_metadata";
        var before = await place.Database.ScalarAsync<long>(version);

        await project.SeedAsync(place.Database.ConnectionString);
        var direct = await place.Database.ScalarAsync<long>(version);
        project.Seed("1.sql", sql.Replace("ADD n", "ADD m", StringComparison.Ordinal));
        place.Host!.Forget();
        await project.SeedAsync(place.Host);

        Assert.Equal(isTold, direct > before);
        Assert.Equal(isTold, place.Host.Requests.Any(r => r.Type == "reload_metadata"));
    }

    [Fact]
    public async Task Through_a_server_of_version_2_one_transaction_is_one_request()
    {
        await using var place = await OpenAsync(HasuraApi.V2);
        using var project = new TestProject();
        project.Seed("1.sql", "INSERT INTO t VALUES (1);").Seed("2.sql", "INSERT INTO t VALUES (2);");

        await project.SeedAsync(place, Once);

        Assert.Single(place.Host!.Requests, r => r.Body.Contains("INSERT INTO t VALUES"));
    }

    [Theory]
    [InlineData("citus", "citus_run_sql")]
    [InlineData("mssql", "mssql_run_sql")]
    public async Task A_source_without_a_log_runs_each_file_as_one_request(string kind, string command)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(Table);
        await using var host = await database.ServeAsync(change: o => o with { Kinds = new Dictionary<string, string> { ["default"] = kind } });
        using var project = new TestProject();
        project.Seed("1.sql", "INSERT INTO t VALUES (1);").Seed("2.sql", "INSERT INTO t VALUES (2);\nINSERT INTO t VALUES (1);");

        var together = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.SeedAsync(host));
        var once = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.SeedAsync(host, PerFile with { IsOnce = true }));
        var failed = await Assert.ThrowsAsync<MigrationFailedException>(() => project.SeedAsync(host, PerFile));
        host.FaultNext("504:after", command);
        project.Seed("1.sql", "INSERT INTO t VALUES (4);");
        var lost = await Assert.ThrowsAnyAsync<HasuraMigrationException>(() => project.SeedAsync(host, PerFile));
        var alone = await project.Seed("3.sql", "INSERT INTO t VALUES (3);").SeedAsync(host, paths: ["3.sql"]);

        Assert.Equal(("SeedTransactionNotSupported", "SeedOnceNotSupported"), (together.ErrorId, once.ErrorId));
        Assert.Equal(("SeedFailed", "ServerOutcomeUnknown"), (failed.ErrorId, lost.ErrorId));
        Assert.Equal("1,3,4", await database.ScalarAsync<string>(Rows));
        Assert.Single(alone.Results);
    }

    [Fact]
    public async Task Nothing_that_a_file_sets_reaches_the_next()
    {
        await using var place = await OpenAsync(null);
        using var project = new TestProject();
        project.Seed("1.sql", "CREATE SCHEMA s; SET search_path = s; CREATE TEMP TABLE t (id int); INSERT INTO t VALUES (9);").Seed("2.sql", "INSERT INTO t VALUES (1);");

        await project.SeedAsync(place);

        Assert.Equal("1", await place.Database.ScalarAsync<string>(Rows));
    }

    private async Task<TargetPlace> OpenAsync(HasuraApi? api)
    {
        var place = await TargetPlace.OpenAsync(server, api);
        await place.Database.ExecuteAsync(Table);
        return place;
    }
}
