using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>A repeatable file that changed runs once, whatever becomes of connections and answers.</summary>
public sealed class RepeatableFaultTests(PostgresServer server)
{
    private const string Rows = "SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM t";
    private const string Recorded = "SELECT count(*) FROM hasura_migrations.repeatable WHERE path <> 'repeatable/0.sql'";

    // What goes over the wire when the files are tried in another order.
    private const string TrialOnly = "SAVEPOINT hasura_migrations_file";

    [Fact]
    public async Task A_connection_that_breaks_before_the_commit_is_made_up_for()
    {
        await using var database = await CreateAsync();
        using var project = await ProjectAsync(database);
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        relay.CutAtRequest("INSERT INTO t SELECT 2", times: 1);

        var run = await project.RunAsync(through);

        Assert.Equal("1,2,3", await database.ScalarAsync<string>(Rows));
        Assert.Equal(3, run.Results.Count);
        Assert.Equal(3, await database.ScalarAsync<long>(Recorded));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_connection_that_breaks_behind_the_commit_is_found_out()
    {
        await using var database = await CreateAsync();
        using var project = await ProjectAsync(database);
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        relay.HoldAtRequest("INSERT INTO t SELECT 3");

        var running = project.RunAsync(through);
        while (await database.ScalarAsync<long>(Recorded) < 3)
        {
            Assert.False(running.IsCompleted, running.Exception?.ToString() ?? "The run ended, and nothing held it.");
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        relay.CutAndRelease();
        var run = await running;

        Assert.Equal("1,2,3", await database.ScalarAsync<string>(Rows));
        Assert.True(run.Results.Last().IsResolved);
        Assert.Empty((await project.RunAsync(database.ConnectionString)).Results);
    }

    [Fact]
    public async Task A_connection_that_breaks_while_files_are_tried_is_made_up_for()
    {
        await using var database = await CreateAsync();
        using var project = await ProjectAsync(database);
        project.Write(Path.Combine(project.Migrations, "repeatable", "a.sql"), "CREATE VIEW a AS SELECT * FROM b;");
        project.Write(Path.Combine(project.Migrations, "repeatable", "b.sql"), "CREATE VIEW b AS SELECT id FROM t;");
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        relay.CutAtRequest(TrialOnly, times: 1);

        var run = await project.RunAsync(through);

        Assert.Equal("1,2,3", await database.ScalarAsync<string>(Rows));
        Assert.Equal(["1", "2", "3", "b", "a"], run.Results.Select(r => Path.GetFileNameWithoutExtension(r.Name)));
        Assert.Equal(3, await database.ScalarAsync<long>("SELECT count(*) FROM a"));
    }

    [Theory]
    [InlineData(HasuraApi.V2, "504:before")]
    [InlineData(HasuraApi.V2, "504:after")]
    [InlineData(HasuraApi.V2, "drop:during")]
    [InlineData(HasuraApi.V2, "repeat:after")]
    [InlineData(HasuraApi.V1, "drop:after")]
    public async Task An_answer_of_a_server_that_is_lost_is_found_out(HasuraApi api, string fault)
    {
        await using var database = await CreateAsync();
        await using var host = await database.ServeAsync(api);
        using var project = new TestProject(api == HasuraApi.V1 ? 2 : 3);
        Fill(project);
        host.FaultNext(fault, r => r.Body.Contains("INSERT INTO t SELECT", StringComparison.Ordinal));

        var run = await project.RunAsync(host);
        var again = await project.RunAsync(host);

        Assert.Equal("1,2,3", await database.ScalarAsync<string>(Rows));
        Assert.Equal(3, run.Results.Count);
        Assert.Empty(again.Results);
    }

    [Theory]
    [InlineData(HasuraApi.V2, "504:before")]
    [InlineData(HasuraApi.V2, "drop:during")]
    [InlineData(HasuraApi.V1, "drop:after")]
    public async Task An_answer_of_a_server_that_is_lost_while_files_are_tried_is_made_up_for(HasuraApi api, string fault)
    {
        await using var database = await CreateAsync();
        await using var host = await database.ServeAsync(api);
        using var project = new TestProject(api == HasuraApi.V1 ? 2 : 3);
        project.Write(Path.Combine(project.Migrations, "repeatable", "a.sql"), "CREATE VIEW a AS SELECT * FROM b;");
        project.Write(Path.Combine(project.Migrations, "repeatable", "b.sql"), "CREATE VIEW b AS SELECT id FROM t;");
        // The SQLSTATE with which a trial ends.
        var isHit = false;
        host.FaultNext(fault, r => !isHit && (isHit = r.Body.Contains("HM009", StringComparison.Ordinal)));

        var run = await project.RunAsync(host);

        Assert.True(isHit);
        Assert.Equal(["repeatable/b.sql", "repeatable/a.sql"], run.Results.Select(r => r.Name));
    }

    [Fact]
    public async Task A_lock_of_another_session_is_waited_for_while_files_are_tried()
    {
        await using var database = await CreateAsync();
        using var project = new TestProject();
        project.Write(Path.Combine(project.Migrations, "repeatable", "a.sql"), "CREATE VIEW a AS SELECT * FROM b;");
        project.Write(Path.Combine(project.Migrations, "repeatable", "b.sql"), "ALTER TABLE t ADD note text; CREATE VIEW b AS SELECT id FROM t;");
        await using var other = await database.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await new Npgsql.NpgsqlCommand("LOCK TABLE t", other, transaction).ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var observer = new RecordingObserver();

        var running = project.RunAsync(database.ConnectionString, options: new RunOptions { DdlAttempt = TimeSpan.FromMilliseconds(50) }, observer: observer);
        while (!observer.Findings.Any(f => f.Id == "WaitingForTableLock"))
        {
            Assert.False(running.IsCompleted, running.Exception?.ToString() ?? "The run ended, and nothing held it.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        await running;

        Assert.Equal(["repeatable/b.sql", "repeatable/a.sql"], observer.Results.Select(r => r.Name));
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (id int)");
        return database;
    }

    // The tables of ours are there, so that only what the test is about is sent.
    private static async Task<TestProject> ProjectAsync(TestDatabase database)
    {
        var project = new TestProject();
        project.Write(Path.Combine(project.Migrations, "repeatable", "0.sql"), "SELECT 1;");
        await project.RunAsync(database.ConnectionString);
        Fill(project);
        return project;
    }

    private static void Fill(TestProject project)
    {
        foreach (var i in Enumerable.Range(1, 3))
        {
            project.Write(Path.Combine(project.Migrations, "repeatable", $"{i}.sql"), $"INSERT INTO t SELECT {i};");
        }
    }
}
