using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>Runs through a server that are not simply one file in one transaction.</summary>
public sealed class ServerRunSpecialTests(PostgresServer server)
{
    [Theory]
    [InlineData("citus", "citus_run_sql")]
    [InlineData("mssql", "mssql_run_sql")]
    public async Task A_source_of_another_kind_has_its_own_command_and_no_history(string kind, string command)
    {
        await using var metadata = await server.CreateDatabaseAsync();
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await metadata.ServeAsync(change: o => o with { Sources = new Dictionary<string, string> { ["far"] = database.ConnectionString }, Kinds = new Dictionary<string, string> { ["far"] = kind } });
        using var project = new TestProject();
        var source = new MigrationSource("far", [Plans.Migration(1, "CREATE TABLE a (id int)", "DROP TABLE a"), Plans.Migration(2, "SELECT 1/0", null)], []);
        await using var target = project.Target(host, "far");
        var runner = new MigrationRunner(source, target);
        var observer = new RecordingObserver();

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => runner.RunAsync(new MigrationGoal.AllPending(), new PlanOptions(), new RunOptions(), null, observer, CancellationToken.None));

        Assert.Equal((2L, "22012"), (error.Version, error.SqlState));
        Assert.Equal("HistoryNotKept", Assert.Single(Assert.Single(observer.Results).Findings, f => f.Id == "HistoryNotKept").Id);
        Assert.Equal("""{"1": false}""", await metadata.ScalarAsync<string>("SELECT cli_state #>> '{migrations,far}' FROM hdb_catalog.hdb_version"));
        Assert.Equal(2, host.Requests.Count(r => r.Type == command));
        Assert.Equal("a:False", await database.ScalarAsync<string>("SELECT string_agg(tablename || ':False', ',') FROM pg_tables WHERE schemaname IN ('public', 'hasura_migrations')"));

        await runner.RunAsync(new MigrationGoal.Exactly([1], MigrationDirection.Down), new PlanOptions(), new RunOptions(), null, observer, CancellationToken.None);
        Assert.Equal("{}", await metadata.ScalarAsync<string>("SELECT cli_state #>> '{migrations,far}' FROM hdb_catalog.hdb_version"));
    }

    [Theory]
    [InlineData("citus", MigrationTransactionMode.PerMigration, "-- hasura:no-transaction\n", true, false)]
    [InlineData("mssql", MigrationTransactionMode.PerMigration, "-- hasura:no-transaction\n", false, true)]
    [InlineData("mssql", MigrationTransactionMode.None, "", false, true)]
    [InlineData("bigquery", MigrationTransactionMode.None, "", false, true)]
    [InlineData("mssql", MigrationTransactionMode.PerMigration, "", false, false)]
    public async Task Only_kinds_of_PostgreSQL_have_the_option_to_run_without_a_transaction(string kind, MigrationTransactionMode mode, string head, bool isSent, bool isWarned)
    {
        await using var metadata = await server.CreateDatabaseAsync();
        await using var host = await metadata.ServeAsync(change: o => o with { Kinds = new Dictionary<string, string> { ["default"] = kind } });
        using var project = new TestProject().Add(1, $"{head}CREATE TABLE a (id int);");
        await using var target = project.Target(host);
        var observer = new RecordingObserver();

        await new MigrationRunner(project.Scan(), target).RunAsync(new MigrationGoal.AllPending(), new PlanOptions { TransactionMode = mode }, new RunOptions(), null, observer, CancellationToken.None);

        var result = Assert.Single(observer.Results);
        Assert.Equal(isWarned ? [FindingSeverity.Warning] : [], result.Findings.Where(f => f.Id == "NoTransactionIgnored").Select(f => f.Severity));
        Assert.Equal(isSent, host.Requests.Single(r => r.Type == $"{kind}_run_sql").Body.Contains("\"no_transaction\":true", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_project_of_config_version_2_means_the_source_default_of_several()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var other = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync(change: o => o with { Sources = new Dictionary<string, string> { ["other"] = other.ConnectionString } });
        using var project = new TestProject(2).Add(1, "CREATE TABLE a (id int);");

        await project.RunAsync(host);

        Assert.Equal("a", await database.ScalarAsync<string>("SELECT to_regclass('public.a')::text"));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT version FROM hdb_catalog.schema_migrations"));
        Assert.Null(await other.ScalarAsync<string>("SELECT to_regclass('public.a')::text"));
        await using var target = new ServerMetadataTarget(new HasuraServerConnection(host.Endpoint.AbsoluteUri));
        var refused = await Assert.ThrowsAsync<HasuraMigrationException>(() => new MetadataImporter(target).PlanAsync(TestStores.Document("""{"version":2,"tables":[]}"""), new MetadataImportOptions(), CancellationToken.None));
        Assert.Equal("MetadataDropsObjects", refused.ErrorId);
        Assert.Contains("the source 'other'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_answer_of_a_source_without_history_is_called_unknown()
    {
        await using var metadata = await server.CreateDatabaseAsync();
        await using var host = await metadata.ServeAsync(change: o => o with { Kinds = new Dictionary<string, string> { ["default"] = "citus" } });
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);");
        host.FaultNext("504:after", "citus_run_sql");

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => project.RunAsync(host));

        Assert.Equal(("ServerOutcomeUnknown", true), (error.ErrorId, error.MayHaveRun));
    }

    [Theory]
    [InlineData(HasuraApi.V2, 3)]
    [InlineData(HasuraApi.V1, 2)]
    public async Task A_stop_ends_the_statement_in_the_database(HasuraApi api, int config)
    {
        await using var place = await Place.OpenAsync(server, api, withTable: false);
        using var project = new TestProject(config).Add(1, "CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int); SELECT pg_sleep(60);");
        using var stop = new CancellationTokenSource();
        var observer = new RecordingObserver();
        var running = project.RunAsync(place.Host, observer: observer, cancellationToken: stop.Token);
        while (await place.Database.ScalarAsync<long>(Sleeping) == 0)
        {
            await Task.Delay(50);
        }

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(0L, await place.Database.ScalarAsync<long>(Sleeping));
        Assert.Equal("a", await place.TablesAsync());
        Assert.Equal("1", await place.StateAsync(config));
        // A server of version 2 gets both in one request, whose answer comes after the stop.
        Assert.Equal([1L], api == HasuraApi.V2 ? observer.NotDelivered : observer.Results.Select(r => r.Version));
    }

    [Fact]
    public async Task A_stop_of_work_whose_answer_was_lost_ends_it_too()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        using var project = new TestProject().Add(1, "SELECT pg_sleep(60);");
        using var stop = new CancellationTokenSource();
        place.Host.FaultNext("504:during", r => r.Body.Contains("pg_sleep", StringComparison.Ordinal));
        var running = project.RunAsync(place.Host, cancellationToken: stop.Token);
        while (await place.Database.ScalarAsync<long>(Sleeping) == 0)
        {
            await Task.Delay(50);
        }

        await Task.Delay(500);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(0L, await place.Database.ScalarAsync<long>(Sleeping));
        Assert.Equal("", await place.StateAsync(3));
    }

    [Fact]
    public async Task A_run_straight_on_the_database_is_waited_for_and_its_work_not_done_again()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        // The run straight on the database is held by a lock of the test until the other one waits for it.
        await using var holder = await place.Database.OpenAsync();
        await using var hold = new Npgsql.NpgsqlCommand("SELECT pg_advisory_lock(1)", holder);
        await hold.ExecuteNonQueryAsync();
        using var project = new TestProject().Add(1, "SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(1); CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int);");
        var direct = project.RunAsync(place.Database.ConnectionString);
        while (await place.Database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") == 0)
        {
            Assert.False(direct.IsCompleted);
            await Task.Delay(20);
        }

        var impatient = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(place.Host, options: new RunOptions { LockTimeout = TimeSpan.FromMilliseconds(100) }));
        var observer = new RecordingObserver();
        var waiting = project.RunAsync(place.Host, observer: observer);
        while (observer.Findings.IsEmpty)
        {
            Assert.False(waiting.IsCompleted);
            await Task.Delay(20);
        }

        await using var release = new Npgsql.NpgsqlCommand("SELECT pg_advisory_unlock(1)", holder);
        await release.ExecuteNonQueryAsync();
        await waiting;
        var first = await direct;

        Assert.Equal("LockTimeout", impatient.ErrorId);
        Assert.Contains("pid ", impatient.Message);
        Assert.Contains(observer.Findings, f => f.Id == "WaitingForLock");
        Assert.Equal((2, 0), (first.Results.Count, observer.Results.Count));
        Assert.Equal("1,2", await place.StateAsync(3));
    }

    [Fact]
    public async Task A_table_that_others_use_is_waited_for()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        using var project = new TestProject().Add(1, "ALTER TABLE t ADD COLUMN x int;");
        await using var other = await place.Database.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand("LOCK TABLE t IN ACCESS SHARE MODE", other))
        {
            await hold.ExecuteNonQueryAsync();
        }

        var quick = new RunOptions { DdlAttempt = TimeSpan.FromMilliseconds(50), DdlTimeout = TimeSpan.FromMilliseconds(200) };
        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(place.Host, options: quick));
        Assert.Equal(("DdlLockTimeout", "55P03"), (error.ErrorId, error.SqlState));

        var running = project.RunAsync(place.Host, options: quick with { DdlTimeout = TimeSpan.FromSeconds(30) });
        await Task.Delay(300);
        await transaction.RollbackAsync();
        Assert.Single((await running).Results);
    }

    [Theory]
    [InlineData("repeatable read")]
    [InlineData("serializable")]
    public async Task Another_isolation_of_the_server_changes_nothing(string isolation)
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        await using var host = await place.Database.ServeAsync(change: o => o with { Isolation = isolation });
        using var project = new TestProject();
        for (var i = 1; i <= 10; i++)
        {
            project.Add(i, $"CREATE TABLE t{i} (id int);");
            var table = $"CREATE TABLE t{i} (";
            host.FaultNext(i % 2 == 0 ? "504:during" : "drop:after", r => r.Body.Contains(table, StringComparison.Ordinal));
        }

        Assert.Equal(10, (await project.RunAsync(host)).Results.Count);
        Assert.Equal(10, (await place.TablesAsync()).Split(',').Length);
        Assert.Contains(isolation, (await host.PostAsync("/v2/query", HasuraServers.RunSql("SELECT current_setting('transaction_isolation')"))).Body);
    }

    [Fact]
    public async Task A_file_with_an_isolation_of_its_own_gets_it()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        using var project = new TestProject().Add(1, "BEGIN ISOLATION LEVEL SERIALIZABLE;\nCREATE TABLE a AS SELECT current_setting('transaction_isolation') AS i;\nCOMMIT;\n");

        await project.RunAsync(place.Host);

        Assert.Equal("serializable", await place.Database.ScalarAsync<string>("SELECT i FROM a"));
    }

    [Fact]
    public async Task An_attempt_that_was_given_up_cannot_come_late()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);");
        place.Host.FaultNext("504:before", r => r.Body.Contains("CREATE TABLE a", StringComparison.Ordinal));
        await project.RunAsync(place.Host);
        await project.RunAsync(place.Host, new MigrationGoal.Last(1), new PlanOptions { AllowEmptyDown = true });
        await place.Database.ExecuteAsync("DROP TABLE a");

        var (status, body) = await place.Host.PostAsync("/v2/query", place.Host.Requests.First(r => r.Body.Contains("CREATE TABLE a", StringComparison.Ordinal)).Body);

        Assert.Equal(400, status);
        Assert.Contains("HM004", body);
        Assert.Equal("", await place.TablesAsync());
    }

    [Theory]
    [InlineData("nosuch", 3, "ServerSourceMissing")]
    [InlineData("default", 3, "ServerVersionUnsupported")]
    public async Task A_source_or_server_that_does_not_fit_is_refused_before_anything(string database, int config, string id)
    {
        await using var place = await Place.OpenAsync(server, id == "ServerVersionUnsupported" ? HasuraApi.V1 : HasuraApi.V2, withTable: false);
        await using var target = new ServerMigrationTarget(new HasuraServerConnection(place.Host.Endpoint.AbsoluteUri), database, config);

        var error = await Assert.ThrowsAnyAsync<HasuraMigrationException>(() => target.ReadAsync(CancellationToken.None));

        Assert.Equal(id, error.ErrorId);
    }

    private const string Sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
}
