using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>What gateways do to requests beside answering them themselves: they send them again, or forget the answer.</summary>
public sealed class ServerLostAnswerTests(PostgresServer server)
{
    private static readonly RunOptions Watchful = new() { WatchInterval = TimeSpan.FromMilliseconds(100) };

    [Theory]
    [Trait("Case", "15.1")]
    [InlineData(HasuraApi.V2, 3, "repeat:after")]
    [InlineData(HasuraApi.V2, 3, "repeat:during")]
    [InlineData(HasuraApi.V1, 2, "repeat:after")]
    [InlineData(HasuraApi.V1, 2, "repeat:during")]
    public async Task A_request_that_a_gateway_sends_again_is_one_migration(HasuraApi api, int config, string fault)
    {
        await using var place = await Place.OpenAsync(server, api);
        using var project = new TestProject(config).Add(1, "INSERT INTO t SELECT 1 FROM pg_sleep(0.1);").Add(2, "INSERT INTO t VALUES (2);");
        place.Host.FaultNext(fault, r => r.Body.Contains("INSERT INTO t SELECT 1", StringComparison.Ordinal));

        var observer = await project.RunAsync(place.Host);

        Assert.Equal([1L, 2], observer.Results.Select(r => r.Version));
        Assert.Equal("1,2", await place.Database.ScalarAsync<string>("SELECT string_agg(id::text, ',' ORDER BY id) FROM t"));
        Assert.Equal("1:succeeded,2:succeeded", await place.LogAsync());
        Assert.Equal("1,2", await place.StateAsync(config));
        Assert.DoesNotContain(observer.Findings, f => f.Severity == FindingSeverity.Warning);
    }

    [Theory]
    [Trait("Case", "15.1")]
    [InlineData("repeat:after")]
    [InlineData("repeat:during")]
    public async Task A_statement_outside_a_transaction_that_a_gateway_sends_again_runs_once(string fault)
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        await place.Database.ExecuteAsync("CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN INSERT INTO t VALUES (7); COMMIT; PERFORM pg_sleep(0.1); END'");
        using var project = new TestProject().Add(1, "-- hasura:no-transaction\nCREATE INDEX CONCURRENTLY t_id ON t (id);").Add(2, "-- hasura:no-transaction\nCALL p();");
        place.Host.FaultNext(fault, r => r.Body.Contains("CREATE INDEX CONCURRENTLY", StringComparison.Ordinal) && r.Body.Contains("no_transaction", StringComparison.Ordinal));
        place.Host.FaultNext(fault, r => r.Body.Contains("CALL p()", StringComparison.Ordinal) && r.Body.Contains("no_transaction", StringComparison.Ordinal));

        var observer = new RecordingObserver();
        var error = await Record.ExceptionAsync(() => project.RunAsync(place.Host, observer: observer));

        // Of two requests at once the second may be the one that runs it, and then its answer is the true one. Else nobody can
        // look up what the first sending of a CALL came to; an index can be.
        Assert.Equal(1L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM t"));
        if (error is not null || fault == "repeat:after")
        {
            Assert.Equal("StatementInDoubt", Assert.IsType<HasuraMigrationException>(error).ErrorId);
        }

        Assert.Equal(error is null ? [1L, 2L] : [1L], observer.Results.Select(r => r.Version));
    }

    [Fact]
    [Trait("Case", "15.1")]
    public async Task A_statement_outside_a_transaction_that_never_arrived_is_not_in_doubt()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        await place.Database.ExecuteAsync("CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN INSERT INTO t VALUES (7); COMMIT; END'");
        using var project = new TestProject().Add(1, "-- hasura:no-transaction\nCALL p();");
        place.Host.FaultNext("drop:before", r => r.Body.Contains("CALL p()", StringComparison.Ordinal) && r.Body.Contains("no_transaction", StringComparison.Ordinal));

        Assert.Single((await project.RunAsync(place.Host)).Results);
        Assert.Equal(1L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM t"));
    }

    [Theory]
    [Trait("Case", "15.3")]
    [InlineData(HasuraApi.V2, 3, "swallow:before")]
    [InlineData(HasuraApi.V2, 3, "swallow:during")]
    [InlineData(HasuraApi.V2, 3, "swallow:after")]
    [InlineData(HasuraApi.V1, 2, "swallow:during")]
    public async Task An_answer_that_never_comes_is_looked_up_once_the_work_has_ended(HasuraApi api, int config, string fault)
    {
        await using var place = await Place.OpenAsync(server, api);
        using var project = new TestProject(config).Add(1, "INSERT INTO t SELECT 1 FROM pg_sleep(0.3);").Add(2, "INSERT INTO t VALUES (2);");
        place.Host.FaultNext(fault, r => r.Body.Contains("INSERT INTO t SELECT 1", StringComparison.Ordinal));

        var observer = await project.RunAsync(place.Host, options: Watchful);

        // A server of version 2 gets both in one request.
        var isResolved = fault != "swallow:before";
        Assert.Equal([(1L, isResolved), (2L, isResolved && api == HasuraApi.V2)], observer.Results.Select(r => (r.Version, r.IsResolved)));
        Assert.Equal("1,2", await place.Database.ScalarAsync<string>("SELECT string_agg(id::text, ',' ORDER BY id) FROM t"));
    }

    [Fact]
    [Trait("Case", "15.3")]
    public async Task An_index_whose_answer_never_comes_is_found()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        using var project = new TestProject().Add(1, "-- hasura:no-transaction\nCREATE INDEX CONCURRENTLY t_id ON t (id);\nINSERT INTO t VALUES (1);");
        place.Host.FaultNext("swallow:after", r => r.Body.Contains("CREATE INDEX CONCURRENTLY", StringComparison.Ordinal) && r.Body.Contains("no_transaction", StringComparison.Ordinal));

        Assert.Single((await project.RunAsync(place.Host, options: Watchful)).Results);
        Assert.Equal(1L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM t"));
    }
}
