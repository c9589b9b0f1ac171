using Npgsql;

namespace HasuraMigrations.Engine.Tests.Support;

public sealed class PostgresServerTests(PostgresServer server)
{
    [Fact]
    public async Task Gives_each_test_a_database_of_its_own_and_drops_it_after()
    {
        string name;
        await using (var database = await server.CreateDatabaseAsync())
        await using (var other = await server.CreateDatabaseAsync())
        {
            name = database.Name;
            await database.ExecuteAsync("CREATE TABLE t (id int)");
            Assert.Equal(name, await database.ScalarAsync<string>("SELECT current_database()"));
            Assert.Null(await other.ScalarAsync<string>("SELECT to_regclass('t')::text"));
        }

        await using var last = await server.CreateDatabaseAsync();
        Assert.Equal(0L, await last.ScalarAsync<long>($"SELECT count(*) FROM pg_database WHERE datname = '{name}'"));
    }

    [Fact]
    public async Task Copies_a_template_for_many_tests_at_once()
    {
        var databases = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
            await server.CreateDatabaseAsync(await server.TemplateAsync("one table", FillAsync))));

        foreach (var database in databases)
        {
            Assert.Equal(3L, await database.ScalarAsync<long>("SELECT count(*) FROM filled"));
            await database.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(13)]
    [InlineData(18)]
    public async Task Starts_servers_of_other_versions(int version)
    {
        await using var database = await server.OfVersion(version).CreateDatabaseAsync();

        Assert.Equal(version, await database.ScalarAsync<int>("SELECT current_setting('server_version_num')::int / 10000"));
        Assert.Equal("UTF8", await database.ScalarAsync<string>("SHOW server_encoding"));
    }

    private static async Task FillAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("CREATE TABLE filled AS SELECT generate_series(1, 3) AS id", connection);
        await command.ExecuteNonQueryAsync();
    }
}
