using HasuraMigrations.Engine.Seeds;
using HasuraMigrations.Engine.Tests.Faults;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>A seed file that is to run once runs once, whatever becomes of connections and answers.</summary>
public sealed class SeedFaultTests(PostgresServer server)
{
    private const string Rows = "SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM t";
    private const string Recorded = "SELECT count(*) FROM hasura_migrations.seed WHERE path <> 'prepare.sql'";

    private static readonly SeedOptions Once = new() { IsOnce = true };

    public static TheoryData<MigrationTransactionMode> Modes => [MigrationTransactionMode.All, MigrationTransactionMode.PerMigration, MigrationTransactionMode.None];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_that_breaks_before_the_commit_is_made_up_for(MigrationTransactionMode mode)
    {
        await using var database = await CreateAsync();
        using var project = await ProjectAsync(database);
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        relay.CutAtRequest("INSERT INTO t SELECT 2", times: 1);

        var run = await project.SeedAsync(through, Once with { TransactionMode = mode });

        Assert.Equal("1,2,3", await database.ScalarAsync<string>(Rows));
        Assert.Equal(["1.sql", "2.sql", "3.sql"], run.Applied.Order());
        Assert.Equal(3, await database.ScalarAsync<long>(Recorded));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(MigrationTransactionMode.All)]
    [InlineData(MigrationTransactionMode.PerMigration)]
    public async Task A_connection_that_breaks_behind_the_commit_is_found_out(MigrationTransactionMode mode)
    {
        await using var database = await CreateAsync();
        using var project = await ProjectAsync(database);
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        relay.HoldAtRequest("INSERT INTO t SELECT 3");

        var running = project.SeedAsync(through, Once with { TransactionMode = mode });
        while (await database.ScalarAsync<long>(Recorded) < 3)
        {
            Assert.False(running.IsCompleted, running.Exception?.ToString() ?? "The run ended, and nothing held it.");
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        relay.CutAndRelease();
        var run = await running;

        Assert.Equal("1,2,3", await database.ScalarAsync<string>(Rows));
        Assert.Equal(["1.sql", "2.sql", "3.sql"], run.Applied.Order());
        Assert.True(run.Results.Last().IsResolved);
        Assert.Equal(3, (await project.SeedAsync(database.ConnectionString, Once)).Skipped.Count(p => p != "prepare.sql"));
    }

    [Fact]
    public async Task What_another_run_did_while_the_lock_was_lost_is_not_done_again()
    {
        await using var database = await CreateAsync();
        using var project = await ProjectAsync(database);
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        relay.CutAtRequest("INSERT INTO t SELECT 1", times: 1);
        var isOther = 0;
        var recording = new SeedRecording();

        // Both end with each file once, whoever gets the lock after the loss.
        var other = Task.Run(async () =>
        {
            while (!recording.Messages.Any(m => m.Contains("connection was lost", StringComparison.Ordinal)))
            {
                await Task.Yield();
            }

            Interlocked.Increment(ref isOther);
            return await project.SeedAsync(database.ConnectionString, Once);
        });
        var run = await project.SeedAsync(through, Once with { TransactionMode = MigrationTransactionMode.PerMigration }, recording: recording);
        var second = await other;

        Assert.Equal(1, isOther);
        Assert.Equal("1,2,3", await database.ScalarAsync<string>(Rows));
        Assert.Equal(["1.sql", "2.sql", "3.sql"], run.Applied.Concat(second.Applied).Order());
    }

    [Theory]
    [InlineData(HasuraApi.V2, "504:before", MigrationTransactionMode.All)]
    [InlineData(HasuraApi.V2, "504:after", MigrationTransactionMode.All)]
    [InlineData(HasuraApi.V2, "drop:after", MigrationTransactionMode.PerMigration)]
    [InlineData(HasuraApi.V2, "drop:during", MigrationTransactionMode.All)]
    [InlineData(HasuraApi.V2, "repeat:after", MigrationTransactionMode.All)]
    [InlineData(HasuraApi.V2, "repeat:during", MigrationTransactionMode.PerMigration)]
    [InlineData(HasuraApi.V2, "truncate", MigrationTransactionMode.All)]
    [InlineData(HasuraApi.V1, "504:after", MigrationTransactionMode.All)]
    [InlineData(HasuraApi.V1, "drop:before", MigrationTransactionMode.All)]
    [InlineData(HasuraApi.V1, "drop:after", MigrationTransactionMode.PerMigration)]
    public async Task An_answer_of_a_server_that_is_lost_is_found_out(HasuraApi api, string fault, MigrationTransactionMode mode)
    {
        await using var database = await CreateAsync();
        await using var host = await database.ServeAsync(api);
        using var project = new TestProject(api == HasuraApi.V1 ? 2 : 3);
        Fill(project);
        host.FaultNext(fault, r => r.Body.Contains("INSERT INTO t SELECT", StringComparison.Ordinal));

        var run = await project.SeedAsync(host, Once with { TransactionMode = mode });
        var again = await project.SeedAsync(host, Once);

        Assert.Equal("1,2,3", await database.ScalarAsync<string>(Rows));
        Assert.Equal(["1.sql", "2.sql", "3.sql"], run.Applied.Order());
        Assert.Equal(["1.sql", "2.sql", "3.sql"], again.Skipped);
    }

    [Fact]
    public async Task A_request_that_was_given_up_is_refused_when_it_comes_late()
    {
        await using var database = await CreateAsync();
        await using var host = await database.ServeAsync();
        using var project = new TestProject();
        Fill(project);
        host.FaultNext("504:before", r => r.Body.Contains("INSERT INTO t SELECT", StringComparison.Ordinal));
        await project.SeedAsync(host, Once);

        var late = await host.PostAsync("/v2/query", host.Requests.First(r => r.Body.Contains("INSERT INTO t SELECT", StringComparison.Ordinal)).Body);

        Assert.Contains("HM004", late.Body);
        Assert.Equal("1,2,3", await database.ScalarAsync<string>(Rows));
    }

    [Fact]
    public async Task Two_processes_at_once_run_each_file_once()
    {
        await using var database = await CreateAsync();
        using var project = new TestProject();
        Fill(project);

        var ends = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => SeedChild.RunAsync(project.Directory, database.ConnectionString)));

        Assert.Equal("1,2,3", await database.ScalarAsync<string>(Rows));
        Assert.Equal(["1.sql", "2.sql", "3.sql"], ends.SelectMany(e => e).Order());
    }

    [Theory]
    [InlineData("before-send")]
    [InlineData("after-send")]
    [InlineData("before-report")]
    public async Task A_process_that_is_killed_leaves_files_that_the_next_run_completes(string point)
    {
        await using var database = await CreateAsync();
        using var project = await ProjectAsync(database);

        await SeedChild.RunAsync(project.Directory, database.ConnectionString, point);
        await project.SeedAsync(database.ConnectionString, Once);

        Assert.Equal("1,2,3", await database.ScalarAsync<string>(Rows));
        Assert.Equal(3, await database.ScalarAsync<long>(Recorded));
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
        project.Seed("prepare.sql", "SELECT 1;");
        await project.SeedAsync(database.ConnectionString, Once);
        Fill(project);
        return project;
    }

    private static void Fill(TestProject project)
    {
        foreach (var i in Enumerable.Range(1, 3))
        {
            project.Seed($"{i}.sql", $"INSERT INTO t SELECT {i};");
        }
    }
}
