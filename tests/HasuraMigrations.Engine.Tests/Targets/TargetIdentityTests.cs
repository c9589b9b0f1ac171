using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>A database is the same one by every way to it, and another one is not.</summary>
public sealed class TargetIdentityTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HasuraApi.V1)]
    [InlineData(HasuraApi.V2)]
    public async Task A_database_has_one_identity_directly_and_through_a_server(HasuraApi api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        await using var straight = Straight(place.Database);
        await using var target = new ServerMigrationTarget(new HasuraServerConnection(place.Host!.Endpoint.AbsoluteUri), "default", api == HasuraApi.V1 ? 2 : 3);
        var before = await straight.ReadIdentityAsync(Token);
        Assert.Equal((before, 0L), (await target.ReadIdentityAsync(Token), before.Serial));

        using var project = new TestProject().Add(1, "SELECT 1;").Add(2, "SELECT 2;");
        await project.RunAsync(place.Database.ConnectionString);

        var after = await straight.ReadIdentityAsync(Token);
        Assert.Equal((after, 2L), (await target.ReadIdentityAsync(Token), after.Serial));
        Assert.Equal(before with { Serial = 2 }, after);
    }

    [Fact]
    public async Task A_role_without_other_rights_reads_the_identity()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var other = await server.CreateDatabaseAsync();
        var role = $"plain_{database.Name}";
        await database.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'x'");
        try
        {
            await using var plain = new PostgresMigrationTarget(PostgresConnectionString.Read(new Npgsql.NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = "x" }.ConnectionString), null, "default", 2);
            await using var straight = Straight(database);
            await using var elsewhere = Straight(other);

            Assert.Equal(await straight.ReadIdentityAsync(Token), await plain.ReadIdentityAsync(Token));
            Assert.NotEqual(await straight.ReadIdentityAsync(Token), await elsewhere.ReadIdentityAsync(Token));
        }
        finally
        {
            await database.ExecuteAsync($"DROP ROLE {role}");
        }
    }

    private static PostgresMigrationTarget Straight(TestDatabase database) => new(PostgresConnectionString.Read(database.ConnectionString), null, "default", 2);
}
