using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>Several migrations in one request, each in a transaction of its own.</summary>
public sealed class ServerGroupTests(PostgresServer server)
{
    private static string All(int count) => string.Join(',', Enumerable.Range(1, count));

    [Theory]
    [InlineData(3)]
    [InlineData(2)]
    public async Task A_hundred_migrations_take_at_most_twenty_requests(int config)
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        using var project = new TestProject(config);
        for (var i = 1; i <= 100; i++)
        {
            project.Add(i, $"INSERT INTO t VALUES ({i});", $"DELETE FROM t WHERE id = {i};");
        }

        var before = place.Host.Requests.Count;
        var observer = await project.RunAsync(place.Host);
        var up = place.Host.Requests.Count - before;
        var undone = await project.RunAsync(place.Host, new MigrationGoal.Last(100));

        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), observer.Results.Select(r => r.Version));
        Assert.All(observer.Results, r => Assert.NotNull(r.Duration));
        Assert.InRange(up, 1, 20);
        Assert.InRange(place.Host.Requests.Count - before - up, 1, 20);
        Assert.Equal(100, undone.Results.Count);
        Assert.Equal("", await place.StateAsync(config));
        Assert.Equal(0L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM t"));
        // Each is a transaction of its own.
        Assert.Equal(200L, await place.Database.ScalarAsync<long>("SELECT count(DISTINCT xmin::text) FROM hasura_migrations.log"));
    }

    [Fact]
    public async Task The_one_that_fails_is_named_runs_once_and_keeps_those_before_it()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        await place.Database.ExecuteAsync("CREATE SEQUENCE tries");
        using var project = new TestProject();
        for (var i = 1; i <= 8; i++)
        {
            // A sequence keeps its number after a rollback.
            project.Add(i, i == 5 ? "SELECT nextval('tries'); INSERT INTO nowhere VALUES (1);" : $"INSERT INTO t VALUES ({i});");
        }

        var observer = new RecordingObserver();
        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(place.Host, observer: observer));

        Assert.Equal(("MigrationFailed", 5L, "42P01", 4), (error.ErrorId, error.Version, error.SqlState, error.AppliedBefore));
        Assert.EndsWith("up.sql", error.File);
        Assert.Equal([1L, 2, 3, 4], observer.Results.Select(r => r.Version));
        Assert.Equal("1,2,3,4", await place.StateAsync(3));
        Assert.Equal("1:succeeded,2:succeeded,3:succeeded,4:succeeded,5:failed", await place.LogAsync());
        Assert.Equal(1L, await place.Database.ScalarAsync<long>("SELECT last_value FROM tries"));
    }

    [Theory]
    [InlineData("504:before")]
    [InlineData("504:during")]
    [InlineData("504:after")]
    [InlineData("drop:during")]
    [InlineData("repeat:during")]
    [InlineData("repeat:after")]
    [InlineData("truncate")]
    public async Task A_lost_answer_of_a_group_is_looked_up_and_each_migration_happens_once(string fault)
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        using var project = new TestProject();
        for (var i = 1; i <= 10; i++)
        {
            project.Add(i, $"INSERT INTO t SELECT {i} FROM pg_sleep(0.02);");
        }

        // The second group is from 3 to 6.
        place.Host.FaultNext(fault, r => r.Body.Contains("SELECT 4 FROM", StringComparison.Ordinal));

        var observer = await project.RunAsync(place.Host);

        Assert.Equal(Enumerable.Range(1, 10).Select(i => (long)i), observer.Results.Select(r => r.Version));
        Assert.Equal(All(10), await place.Database.ScalarAsync<string>("SELECT string_agg(id::text, ',' ORDER BY id) FROM t"));
        Assert.Equal(10L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.log WHERE outcome = 'succeeded'"));
        Assert.Equal(All(10), await place.StateAsync(3));
    }

    [Fact]
    public async Task A_file_that_repeats_what_a_guard_says_is_named()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        using var project = new TestProject();
        for (var i = 1; i <= 6; i++)
        {
            project.Add(i, i == 4 ? "DO $$ BEGIN RAISE EXCEPTION '%', substring(current_query() FROM 'hasura_migrations [0-9a-f]{32}: ') || 'moved' USING ERRCODE = 'HM005'; END $$;" : $"INSERT INTO t VALUES ({i});");
        }

        var observer = new RecordingObserver();
        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(place.Host, observer: observer));

        Assert.Equal((4L, 3), (error.Version, error.AppliedBefore));
        Assert.EndsWith("up.sql", error.File);
        Assert.Equal([1L, 2, 3], observer.Results.Select(r => r.Version));
        Assert.Equal("1,2,3", await place.StateAsync(3));
    }

    [Fact]
    public async Task Two_runs_at_once_do_each_migration_once()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        using var project = new TestProject();
        for (var i = 1; i <= 30; i++)
        {
            project.Add(i, $"INSERT INTO t SELECT {i} FROM pg_sleep(0.005);");
        }

        var observers = await Task.WhenAll(project.RunAsync(place.Host), project.RunAsync(place.Host));

        Assert.Equal(Enumerable.Range(1, 30).Select(i => (long)i), observers.SelectMany(o => o.Results).Select(r => r.Version).Order());
        Assert.Equal(All(30), await place.Database.ScalarAsync<string>("SELECT string_agg(id::text, ',' ORDER BY id) FROM t"));
    }

    [Fact]
    public async Task A_stop_ends_the_migration_at_work_and_those_behind_it_do_not_begin()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        using var project = new TestProject();
        for (var i = 1; i <= 6; i++)
        {
            project.Add(i, i == 4 ? "SELECT pg_sleep(60);" : $"INSERT INTO t VALUES ({i});");
        }

        using var stop = new CancellationTokenSource();
        var observer = new RecordingObserver();
        var run = project.RunAsync(place.Host, observer: observer, cancellationToken: stop.Token);
        for (var tries = 0; tries < 3000 && await place.Database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep' AND query LIKE '%hasura_migrations%'") == 0; tries++)
        {
            await Task.Delay(20);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        Assert.Equal("1,2,3", await place.Database.ScalarAsync<string>("SELECT string_agg(id::text, ',' ORDER BY id) FROM t"));
        Assert.Equal("1,2,3", await place.StateAsync(3));
    }

    [Fact]
    public async Task What_a_file_sets_is_gone_before_the_next_one_of_its_request()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        using var project = new TestProject()
            .Add(1, "SELECT 1;")
            .Add(2, "SELECT 2;")
            .Add(3, "SET search_path = nowhere; SET my.own = 'x'; SET statement_timeout = '7s'; CREATE TEMP TABLE left_over (id int); SET ROLE pg_monitor; RESET ROLE;")
            .Add(4, "CREATE TABLE seen AS SELECT current_setting('search_path') AS path, current_setting('my.own', true) AS own, current_setting('statement_timeout') AS timeout, to_regclass('left_over') AS left_over;");

        await project.RunAsync(place.Host);

        var seen = JsonNode.Parse((await place.Database.ScalarAsync<string>("SELECT row_to_json(s)::text FROM seen s"))!)!;
        Assert.Equal("\"$user\", public", seen["path"]!.ToString());
        Assert.Equal("", seen["own"]?.ToString() ?? "");
        Assert.Equal("0", seen["timeout"]!.ToString());
        Assert.Null(seen["left_over"]);
    }
}
