using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>The oldest and the newest supported server, and one in a container.</summary>
public sealed class ServerVersionTests(PostgresServer server)
{
    [Theory]
    [InlineData(13)]
    [InlineData(18)]
    public Task MigrationsGoUpAndDown(int version) => GoUpAndDownAsync(server.OfVersion(version));

    [Fact]
    public async Task MigrationsGoUpAndDownInAContainer()
    {
        await using var container = PostgresServer.InContainer();
        await GoUpAndDownAsync(container);
    }

    private static async Task GoUpAndDownAsync(PostgresServer server)
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject()
            .Add(1, "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE a (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, m mood);", "DROP TABLE a; DROP TYPE mood;")
            .Add(2, "BEGIN ISOLATION LEVEL SERIALIZABLE;\nSAVEPOINT s; INSERT INTO a VALUES (1, 'sad'); RELEASE s; SELECT 'postgres=r'::aclitem;\nCOMMIT;", "DELETE FROM a;")
            .Add(3, "-- hasura:no-transaction\nCREATE INDEX CONCURRENTLY a_m ON a (m);\nVACUUM a;\nALTER TYPE mood ADD VALUE 'glad';\nUPDATE a SET m = 'glad';", "-- hasura:no-transaction\nDROP INDEX CONCURRENTLY a_m;")
            .Add(4, "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$BEGIN RETURN 1; END$$; DO 'BEGIN PERFORM f(); END'; LOCK TABLE a;", "DROP FUNCTION f();");

        var applied = await project.RunAsync(database.ConnectionString);
        Assert.Equal([1L, 2, 3, 4], applied.Results.Select(r => r.Version));
        Assert.Equal("glad", await database.ScalarAsync<string>("SELECT m::text FROM a"));

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.Add(5, "SELECT 1;\nSELECT\n  nope;").RunAsync(database.ConnectionString));
        Assert.Equal((5L, 2, 3, 3), (error.Version, error.StatementNumber, error.Line, error.Column));

        var undone = await project.RunAsync(database.ConnectionString, new MigrationGoal.Last(int.MaxValue));
        Assert.Equal([4L, 3, 2, 1], undone.Results.Select(r => r.Version));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"));
    }
}
