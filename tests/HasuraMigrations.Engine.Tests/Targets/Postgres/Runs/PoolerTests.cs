using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Runs;

/// <summary>Runs through a real pgbouncer.</summary>
public sealed class PoolerTests(PostgresServer server)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pooler_in_transaction_mode_is_refused_before_anything_runs(bool alternates)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var bouncer = await PgBouncer.StartAsync(database, "transaction", alternates);
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);").Add(2, "-- hasura:no-transaction\nCREATE TABLE b (id int);");

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(bouncer.ConnectionString));

        Assert.Equal("PoolerDetected", error.ErrorId);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Fact]
    public async Task A_pooler_in_session_mode_is_as_good_as_the_server()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var bouncer = await PgBouncer.StartAsync(database, "session", alternates: false);
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);").Add(2, "-- hasura:no-transaction\nCREATE TABLE b (id int);");

        var observer = await project.RunAsync(bouncer.ConnectionString);

        Assert.Equal([1L, 2], observer.Results.Select(r => r.Version));
    }
}
