using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Faults;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>What a run straight on PostgreSQL says and does where the network fails it.</summary>
public sealed class LostConnectionTests(PostgresServer server)
{
    private const string CatalogVersions = "SELECT string_agg(k, ',' ORDER BY k::bigint) FROM hdb_catalog.hdb_version, jsonb_object_keys(cli_state -> 'migrations' -> 'default') k";

    private static readonly RunOptions Watchful = new() { WatchInterval = TimeSpan.FromMilliseconds(100) };

    [Theory]
    [Trait("Case", "15.3")]
    [InlineData("before-send", false)]
    [InlineData("before-send", true)]
    [InlineData("no-transaction-in-doubt", false)]
    [InlineData("no-transaction-in-doubt", true)]
    public async Task An_answer_that_is_lost_without_a_sign_is_looked_up(string point, bool isHalfOpen)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        using var project = new TestProject()
            .Add(1, "CREATE TABLE a (id int);")
            .Add(2, "-- hasura:no-transaction\nCREATE INDEX CONCURRENTLY a_id ON a (id);\nINSERT INTO a VALUES (2);")
            .Add(3, "INSERT INTO a VALUES (3);");
        var reached = 0;

        var observer = await FaultCases.AtPointsAsync(
            name =>
            {
                if (name == point && Interlocked.Increment(ref reached) == 1)
                {
                    (isHalfOpen ? (Action)relay.HalfOpen : relay.Swallow)();
                }
            },
            () => project.RunAsync(through, options: Watchful));

        Assert.Equal([1L, 2, 3], observer.Results.Select(r => r.Version));
        Assert.Equal(!isHalfOpen && point == "before-send", observer.Results.First().IsResolved);
        Assert.Equal("2,3", await database.ScalarAsync<string>("SELECT string_agg(id::text, ',' ORDER BY id) FROM a"));
        Assert.Equal("1,2,3", await database.ScalarAsync<string>("SELECT string_agg(version::text, ',' ORDER BY id) FROM hasura_migrations.log WHERE outcome = 'succeeded'"));
        Assert.Contains("once, and opened again", Assert.Single(observer.Findings, f => f.Id == "ConnectionReopened").Message);
    }

    [Fact]
    [Trait("Case", "15.2")]
    public async Task A_session_to_the_metadata_database_that_ends_is_opened_again_and_told_at_the_end()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var metadata = await server.CreateDatabaseAsync();
        var end = $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{metadata.Name}' AND application_name LIKE '% metadata';";
        using var project = new TestProject().Add(1, $"CREATE TABLE a (id int); {end}").Add(2, "CREATE TABLE b (id int);").Add(3, $"CREATE TABLE c (id int); {end}");

        var observer = await project.RunAsync(database.ConnectionString, options: new RunOptions { CreateStateStore = true }, metadata: metadata.ConnectionString);

        Assert.Equal([1L, 2, 3], observer.Results.Select(r => r.Version));
        Assert.Equal("1,2,3", await metadata.ScalarAsync<string>(CatalogVersions));
        var told = Assert.Single(observer.Findings, f => f.Id == "ConnectionReopened");
        Assert.Contains($"to the metadata database, ", told.Message);
        Assert.DoesNotContain("could not be written yet", string.Join('\n', observer.Messages));
    }

    [Fact]
    [Trait("Case", "15.6")]
    public async Task Any_number_of_losses_is_lived_through_where_the_run_comes_on_between_them()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id int)");
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        using var project = new TestProject();
        for (var i = 1; i <= 4; i++)
        {
            project.Add(i, $"-- hasura:no-transaction\nINSERT INTO a VALUES ({i});\nINSERT INTO a VALUES ({i});\n");
        }

        var cuts = 0;
        var observer = await FaultCases.AtPointsAsync(
            name =>
            {
                if (name == "no-transaction-between-statements")
                {
                    cuts++;
                    relay.Cut();
                }
            },
            () => project.RunAsync(through));

        Assert.Equal(8, cuts);
        Assert.Equal([1L, 2, 3, 4], observer.Results.Select(r => r.Version));
        Assert.Equal("1,1,2,2,3,3,4,4", await database.ScalarAsync<string>("SELECT string_agg(id::text, ',' ORDER BY id) FROM a"));
    }

    [Fact]
    [Trait("Case", "15.6")]
    public async Task Work_that_is_lost_again_and_again_is_given_up_with_what_was_committed_reported()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);").Add(2, "-- hasura:no-transaction\nCREATE TABLE b (id int);").Add(3, "CREATE TABLE never_there (id int);");
        relay.CutAtRequest("never_there", int.MaxValue);

        var observer = new RecordingObserver();
        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(through, options: new RunOptions { NoStoreText = true }, observer: observer));

        Assert.Equal(("ConnectionLost", 3L, 2), (error.ErrorId, error.Version, error.AppliedBefore));
        Assert.Contains("The connection was lost 6 times in a row. The history shows that it was not committed.", error.Message);
        Assert.Equal([1L, 2], observer.Results.Select(r => r.Version));
    }

    [Fact]
    [Trait("Case", "15.7")]
    public async Task How_long_a_server_is_waited_for_is_set()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);");

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => FaultCases.AtPointsAsync(
            name =>
            {
                if (name == "before-send")
                {
                    relay.Close();
                }
            },
            () => project.RunAsync(through, options: new RunOptions { ReconnectTimeout = TimeSpan.FromMilliseconds(300) })));

        Assert.Equal("OutcomeUnknown", error.ErrorId);
        Assert.Contains("within 0.3 s (-ReconnectTimeout)", error.Message);
    }

    [Theory]
    [Trait("Case", "15.7")]
    [InlineData("may_be_untrusted")]
    [InlineData("pg_try_advisory_lock")]
    [InlineData("FROM hasura_migrations.history")]
    public async Task A_cut_while_the_plan_is_read_is_tried_again(string request)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);");
        await project.RunAsync(database.ConnectionString);
        project.Add(2, "CREATE TABLE b (id int);");

        relay.CutAtRequest(request, 2);
        Assert.Equal([2L], (await project.RunAsync(through)).Results.Select(r => r.Version));
        relay.CutAtRequest("may_be_untrusted", 2);
        Assert.All(await project.StatusAsync(through), m => Assert.Equal(MigrationState.Applied, m.Status));
    }

    [Fact]
    [Trait("Case", "15.7")]
    public async Task A_plan_that_cannot_be_read_is_given_up_after_a_few_tries()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        using var project = new TestProject();
        relay.CutAtRequest("may_be_untrusted", int.MaxValue);

        Assert.Equal("DatabaseUnreachable", (await Assert.ThrowsAsync<HasuraMigrationException>(() => project.StatusAsync(through))).ErrorId);
    }
}
