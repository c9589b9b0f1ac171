using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>YAML migrations through a server of version 1.</summary>
public sealed class ServerActionsTests(PostgresServer server)
{
    private const string Up = """
        - type: run_sql
          args:
            sql: CREATE TABLE b (id int); SET search_path = nowhere;
        - type: replace_metadata
          args:
            version: 2
            tables:
            - table: {schema: public, name: a}
        """;

    private const string Tracked = "SELECT string_agg(table_name, ',' ORDER BY table_name) FROM hdb_catalog.hdb_table WHERE NOT is_system_defined";

    [Fact]
    public async Task Sql_and_actions_of_a_migration_are_one_transaction_in_the_order_of_Hasura()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V1, withTable: false);
        using var project = Project("- type: clear_metadata\n  args: {}\n- type: run_sql\n  args: {sql: DROP TABLE b}\n").Add(2, "CREATE TABLE c (id int);", "DROP TABLE c;");

        var applied = await project.RunAsync(place.Host, plan: new PlanOptions { TransactionMode = MigrationTransactionMode.All });

        Assert.Equal([1L, 2L], applied.Results.Select(r => r.Version));
        Assert.Equal("a,b,c", await place.TablesAsync());
        Assert.Equal("a", await place.Database.ScalarAsync<string>(Tracked));
        Assert.Single(place.Host.Requests, r => r.Type == "bulk");

        await project.RunAsync(place.Host, new MigrationGoal.Last(2));
        Assert.Equal("", await place.TablesAsync());
        Assert.Null(await place.Database.ScalarAsync<string>(Tracked));
        Assert.Equal("", await place.StateAsync(1));
    }

    [Fact]
    public async Task An_action_that_fails_is_named_with_its_line_and_nothing_stays()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V1, withTable: false);
        using var project = Project("[]").Write("migrations/1_m/up.yaml", "- type: run_sql\n  args: {sql: SELECT 1}\n- type: run_sql\n  args: {sql: SELECT 1/0}\n");

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(place.Host));

        Assert.Equal((1L, 3, 2), (error.Version, error.Line, error.StatementNumber));
        Assert.EndsWith("up.yaml", error.File);
        Assert.Contains("up.yaml:3:3, action 2 (run_sql)", error.Message);
        Assert.Equal("", await place.TablesAsync());
    }

    [Theory]
    [InlineData("- type: run_sql\n  args: {sql: 'BEGIN; SELECT 1; COMMIT'}\n", "TransactionControl", 1)]
    [InlineData("- type: run_sql\n  args: {sql: SELECT 1}\n- args: {}\n", "MigrationYamlInvalid", 3)]
    [InlineData("- type: [\n", "MigrationYamlInvalid", null)]
    public async Task A_file_that_cannot_be_sent_is_refused_with_its_line(string yaml, string id, int? line)
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V1, withTable: false);
        using var project = new TestProject(1).Write("migrations/1_m/up.yaml", yaml);

        var error = await Record.ExceptionAsync(() => project.RunAsync(place.Host)) as HasuraMigrationException;

        Assert.Equal(id, error?.ErrorId);
        Assert.True(line is null || error!.Message.Contains($"up.yaml:{line}", StringComparison.Ordinal), error!.Message);
        Assert.DoesNotContain(place.Host.Requests, r => r.Type == "bulk");
    }

    [Fact]
    public async Task A_server_of_version_2_is_no_place_for_them()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        using var project = Project("[]");

        Assert.Equal("StepKindNotSupported", (await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(place.Host))).ErrorId);
    }

    private static TestProject Project(string down) => new TestProject(1).Add(1, "CREATE TABLE a (id int); SET search_path = nowhere;", "DROP TABLE a;")
        .Write("migrations/1_m/up.yaml", Up).Write("migrations/1_m/down.yaml", down);
}
