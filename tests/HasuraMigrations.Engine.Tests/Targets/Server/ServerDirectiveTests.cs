using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>Files that run without a transaction, through a server.</summary>
public sealed class ServerDirectiveTests(PostgresServer server)
{
    private const string Directive = "-- hasura:no-transaction\n";
    private const string Indexed = Directive + "SET search_path = other;\nCREATE INDEX CONCURRENTLY i ON t (id);\nINSERT INTO t VALUES (7);\nVACUUM t;\n";

    [Fact]
    public async Task A_file_without_a_transaction_runs_statement_by_statement_with_its_settings()
    {
        await using var place = await OtherAsync();
        using var project = new TestProject().Add(1, Indexed, Directive + "DROP INDEX CONCURRENTLY other.i;\nDELETE FROM other.t;").Add(2, "CREATE TABLE t2 (id int);");

        var applied = await project.RunAsync(place.Host);

        Assert.Equal([1L, 2L], applied.Results.Select(r => r.Version));
        Assert.Equal("t2", await place.TablesAsync());
        Assert.True(await place.Database.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 'other.i'::regclass"));
        Assert.Equal("1,2", await place.StateAsync(3));
        Assert.DoesNotContain("progressed", (await place.LogAsync()).Split(',')[^1]);

        await project.RunAsync(place.Host, new MigrationGoal.Last(2), new PlanOptions { AllowEmptyDown = true });
        Assert.Equal(0L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.history"));
        Assert.True(await place.Database.ScalarAsync<bool>("SELECT to_regclass('other.i') IS NULL AND NOT EXISTS (SELECT FROM other.t)"));
    }

    [Fact]
    public async Task A_file_without_a_transaction_keeps_what_was_done_and_is_resumed()
    {
        await using var place = await OtherAsync();
        using var project = new TestProject().Add(1, Directive + "INSERT INTO other.t VALUES (1);\nCREATE INDEX CONCURRENTLY i ON other.missing (id);\nINSERT INTO other.t VALUES (2);\n");

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(place.Host));
        Assert.Equal(("MigrationFailedPartly", "42P01", 2, 3), (error.ErrorId, error.SqlState, error.StatementNumber, error.Line));
        Assert.Equal(MigrationState.Interrupted, (await project.StatusAsync(place.Host)).Migrations.Single().Status);

        await place.Database.ExecuteAsync("CREATE TABLE other.missing (id int)");
        Assert.Equal(MigrationOutcome.Applied, Assert.Single((await project.RunAsync(place.Host)).Results).Outcome);
        Assert.Equal("1,2", await place.Database.ScalarAsync<string>("SELECT string_agg(id::text, ',' ORDER BY id) FROM other.t"));
    }

    [Fact]
    public async Task Two_runs_of_files_without_a_transaction_do_the_work_once()
    {
        await using var place = await OtherAsync();
        using var project = new TestProject();
        for (var i = 1; i <= 4; i++)
        {
            project.Add(i, Directive + $"INSERT INTO other.t VALUES ({i});\nSELECT pg_sleep(0.3);\nCREATE INDEX CONCURRENTLY i{i} ON other.t (id);\n");
        }

        var observers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => project.RunAsync(place.Host))));

        Assert.Equal([1L, 2L, 3L, 4L], observers.SelectMany(o => o.Results).Select(r => r.Version).Order());
        Assert.Equal("1,2,3,4", await place.Database.ScalarAsync<string>("SELECT string_agg(id::text, ',' ORDER BY id) FROM other.t"));
        Assert.Equal(4L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE indrelid = 'other.t'::regclass AND indisvalid"));
    }

    [Theory]
    [InlineData("504:during")]
    [InlineData("drop:after")]
    [InlineData("drop:before")]
    public async Task A_lost_answer_outside_a_transaction_is_looked_up_too(string fault)
    {
        await using var place = await OtherAsync();
        using var project = new TestProject();
        for (var i = 1; i <= 5; i++)
        {
            project.Add(i, Directive + $"INSERT INTO other.t VALUES ({i});\nCREATE INDEX CONCURRENTLY i{i} ON other.t (id);\n");
            place.Host.FaultNext(fault, r => r.Body.Contains("CREATE INDEX CONCURRENTLY", StringComparison.Ordinal));
        }

        Assert.Equal(5, (await project.RunAsync(place.Host)).Results.Count);

        Assert.Equal(5L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM other.t"));
        Assert.Equal(5L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE indrelid = 'other.t'::regclass AND indisvalid"));
    }

    [Theory]
    [InlineData(HasuraApi.V1, 2, null)]
    [InlineData(HasuraApi.V2, 3, "v2.45.0")]
    public async Task A_server_that_knows_no_other_way_than_transactions_is_no_place_for_such_a_file(HasuraApi api, int config, string? version)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync(api, o => o with { Version = version });
        using var project = new TestProject(config).Add(1, Directive + "VACUUM;");

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(host));

        Assert.Equal("NoTransactionNotSupported", error.ErrorId);
        Assert.Contains("up.sql", error.Message);
    }

    private async Task<Place> OtherAsync()
    {
        var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        await place.Database.ExecuteAsync("CREATE SCHEMA other; CREATE TABLE other.t (id int)");
        return place;
    }
}
