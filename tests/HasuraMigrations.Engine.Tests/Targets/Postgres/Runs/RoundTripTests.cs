using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Runs;

/// <summary>How often a run waits for an answer, which is its time where the database is far away.</summary>
public sealed class RoundTripTests(PostgresServer server)
{
    [Fact]
    public async Task A_status_takes_two_round_trips()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE t_1 (id int);").Write("migrations/default/repeatable/v.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS one;");
        await project.RunAsync(database.ConnectionString, options: new RunOptions { CreateStateStore = true });
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        var toOpen = await TripsToOpenAsync(relay, through);

        await project.Runner(through).StatusAsync(CancellationToken.None);

        Assert.Equal(2, relay.Trips - AtRest(toOpen) - toOpen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Plan_and_run_wait_for_eight_round_trips_however_many_migrations_a_group_has(int count)
    {
        // One is for the migrations, which are one group. Three more are on the session that is at rest meanwhile: two while the other one
        // is opened, and one while it reads.
        const long expected = 8 + 3;
        var trips = await TripsOfRunAsync(count);
        // The server may answer the first migrations of a group before the last one is sent: that looks like a round trip, and nobody
        // waits for it. It can only add to the number.
        for (var tries = 0; trips > expected && tries < 4; tries++)
        {
            trips = Math.Min(trips, await TripsOfRunAsync(count));
        }

        Assert.Equal(expected, trips);
    }

    private async Task<long> TripsOfRunAsync(int count)
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE t_1 (id int);").Write("migrations/default/repeatable/v.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS one;");
        await project.RunAsync(database.ConnectionString, options: new RunOptions { CreateStateStore = true });
        for (var i = 2; i < 2 + count; i++)
        {
            project.Add(i, $"CREATE TABLE t_{i} (id int);");
        }

        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        var toOpen = await TripsToOpenAsync(relay, through);
        var runner = project.Runner(through);
        var observer = new RecordingObserver();

        await runner.PlanAsync(new MigrationGoal.AllPending(), new PlanOptions(), CancellationToken.None);
        await runner.RunAsync(new MigrationGoal.AllPending(), new PlanOptions(), new RunOptions(), null, observer, CancellationToken.None);

        Assert.Equal(count, observer.Results.Count);
        for (var tries = 0; relay.Connections > 0 && tries < 1000; tries++)
        {
            await Task.Delay(10);
        }

        return relay.Trips - AtRest(toOpen) - (2 * AtRest(toOpen));
    }

    // The session that was measured has also said good-bye.
    private static long AtRest(long toOpen) => toOpen + 1;

    private static async Task<long> TripsToOpenAsync(TcpRelay relay, string connectionString)
    {
        await using (var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString + ";Server Compatibility Mode=NoTypeLoading"))
        {
            await session.OpenAsync();
            return relay.Trips;
        }
    }
}
