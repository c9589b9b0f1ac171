using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Tests.Targets.Server;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Records;

/// <summary>The log of an early version of the module, which had no indexes.</summary>
public sealed class LogIndexTests(PostgresServer server)
{
    private const string Drop = "DROP INDEX hasura_migrations.log_attempt, hasura_migrations.log_database";
    private const string Indexes = "SELECT coalesce(string_agg(indexname, ',' ORDER BY indexname), '') FROM pg_indexes WHERE schemaname = 'hasura_migrations' AND tablename = 'log'";

    [Fact]
    public async Task It_gets_them_with_the_next_run_on_a_database()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "SELECT 1;");
        await project.RunAsync(database.ConnectionString);
        await database.ExecuteAsync(Drop);

        await project.StatusAsync(database.ConnectionString);
        Assert.Equal("log_pkey", await database.ScalarAsync<string>(Indexes));

        await project.Add(2, "SELECT 1;").RunAsync(database.ConnectionString);
        Assert.Equal("log_attempt,log_database,log_pkey", await database.ScalarAsync<string>(Indexes));
    }

    [Fact]
    public async Task It_gets_them_with_the_next_run_through_a_server()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        using var project = new TestProject().Add(1, "SELECT 1;");
        await project.RunAsync(place.Host);
        await place.Database.ExecuteAsync(Drop);

        await project.Add(2, "SELECT 1;").RunAsync(place.Host);

        Assert.Equal("log_attempt,log_database,log_pkey", await place.Database.ScalarAsync<string>(Indexes));
    }

    [Fact]
    public async Task A_role_that_does_not_own_it_works_without()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "SELECT 1;");
        await project.RunAsync(database.ConnectionString);
        var role = $"guest_{Guid.NewGuid():N}";
        await database.ExecuteAsync($"""
            {Drop};
            CREATE ROLE {role};
            GRANT USAGE ON SCHEMA hasura_migrations TO {role};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hasura_migrations TO {role};
            """);

        var observer = await project.Add(2, "SELECT 1;").RunAsync(database.ConnectionString + $";Options=-c role={role}");

        Assert.Equal([2L], observer.Results.Select(r => r.Version));
        Assert.Equal("log_pkey", await database.ScalarAsync<string>(Indexes));
    }
}
