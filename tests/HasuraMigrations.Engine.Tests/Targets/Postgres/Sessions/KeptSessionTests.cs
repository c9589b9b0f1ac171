using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;
using TestStores = HasuraMigrations.Engine.Tests.Support.TestStores;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Sessions;

/// <summary>Sessions that a target keeps from one use to the next.</summary>
public sealed class KeptSessionTests(PostgresServer server)
{
    private const string Sessions = "FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ ' (work|metadata)$'";

    [Fact]
    public async Task A_plan_and_its_run_share_a_session()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE who AS SELECT pg_backend_pid() AS pid;");
        var runner = await PlanAsync(project, database.ConnectionString);
        var planned = await database.ScalarAsync<int>($"SELECT pid {Sessions}");

        await RunAsync(runner);

        Assert.Equal(planned, await database.ScalarAsync<int>("SELECT pid FROM who"));
    }

    [Fact]
    public async Task A_run_takes_another_where_the_session_of_the_plan_has_ended()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);");
        var runner = await PlanAsync(project, database.ConnectionString);
        Assert.True(await database.ScalarAsync<bool>($"SELECT pg_terminate_backend(pid) {Sessions}"));

        await RunAsync(runner);

        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM a"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(";Command Timeout=0")]
    public async Task A_run_takes_another_where_the_session_of_the_plan_is_silent(string settings)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);");
        var runner = await PlanAsync(project, through + settings);
        relay.HalfOpen();
        var clock = Stopwatch.StartNew();

        await RunAsync(runner);

        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM a"));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    [Fact]
    public async Task A_command_takes_another_where_the_session_of_the_last_has_ended()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        await target.ReplaceAsync("""{"version":3,"sources":[]}""", TestStores.Create);
        Assert.True(await database.ScalarAsync<bool>($"SELECT pg_terminate_backend(pid) {Sessions}"));

        await target.RunAsync("""{"type":"add_host_to_tls_allowlist","args":{"host":"a.example"}}""");

        Assert.Equal(1L, await database.ScalarAsync<long>($"SELECT count(*) {Sessions}"));
        Assert.Contains("a.example", (await target.ExportAsync()).Document.Root.ToJsonString());
    }

    [Theory]
    [InlineData("SET search_path = pg_catalog; SET statement_timeout = 123", "SELECT concat(current_setting('search_path'), ' ', current_setting('statement_timeout'))", "\"$user\", public 0")]
    [InlineData("CREATE TEMPORARY TABLE left_over (id int)", "SELECT coalesce(to_regclass('left_over')::text, 'none')", "none")]
    [InlineData("SELECT pg_advisory_lock(4711)", "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711", "0")]
    [InlineData("SET ROLE pg_monitor", "SELECT concat(current_user <> 'pg_monitor', ' ', current_setting('role'))", "t none")]
    [InlineData("CREATE ROLE kept_session; GRANT CREATE ON SCHEMA public TO kept_session; SET SESSION AUTHORIZATION kept_session", "SELECT (current_user <> 'kept_session')::text", "true")]
    public async Task What_a_command_leaves_in_its_session_does_not_reach_the_next(string sql, string question, string expected)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        await target.ReplaceAsync("""{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[],"configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"}}}}]}""", TestStores.Create);
        try
        {
            await target.RunAsync(CommandLoad.RunSql([sql])["args"]![0]!.ToJsonString());

            var answer = await target.RunAsync(CommandLoad.RunSql([question])["args"]![0]!.ToJsonString());

            Assert.Equal(expected, answer!["result"]![1]![0]!.GetValue<string>());
        }
        finally
        {
            await database.ExecuteAsync("DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'kept_session') THEN DROP OWNED BY kept_session; DROP ROLE kept_session; END IF; END $$");
        }
    }

    [Fact]
    public async Task A_session_that_a_pooler_lends_is_not_reset()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.Target().ReplaceAsync("""{"version":3,"sources":[]}""", TestStores.Create);
        await using var bouncer = await PgBouncer.StartAsync(database, "transaction", alternates: false);
        await using var target = new PostgresMetadataTarget(PostgresConnectionString.Read(bouncer.ConnectionString), null, 3);
        await using var other = new NpgsqlConnection(bouncer.ConnectionString);
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using (var command = new NpgsqlCommand("SELECT pg_advisory_lock(4712)", other))
        {
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }


        await target.ExportAsync();
        await target.ExportAsync();

        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4712"));
    }

    [Fact]
    public async Task Sessions_are_closed_with_the_target()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);");
        await using (var metadata = database.Target())
        await using (var target = project.Target(database.ConnectionString))
        {
            await metadata.ExportAsync();
            await target.ReadAsync(CancellationToken.None);
            Assert.Equal(2L, await database.ScalarAsync<long>($"SELECT count(*) {Sessions}"));
        }

        await WaitForNoneAsync(database);
    }

    // The server ends a process a moment after its client has left.
    private static async Task WaitForNoneAsync(TestDatabase database)
    {
        for (var attempt = 0; await database.ScalarAsync<long>($"SELECT count(*) {Sessions}") > 0; attempt++)
        {
            Assert.True(attempt < 100, "The sessions are still open.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<MigrationRunner> PlanAsync(TestProject project, string connectionString)
    {
        var runner = project.Runner(connectionString);
        await runner.PlanAsync(new MigrationGoal.AllPending(), new PlanOptions(), CancellationToken.None);
        return runner;
    }

    private static Task RunAsync(MigrationRunner runner) =>
        runner.RunAsync(new MigrationGoal.AllPending(), new PlanOptions(), new RunOptions(), null, new RecordingObserver(), CancellationToken.None);
}
