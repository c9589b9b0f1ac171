using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Runs;

/// <summary>YAML migrations straight on a database: SQL, actions, records and metadata are one transaction.</summary>
public sealed class ActionsRunTests(PostgresServer server)
{
    private const string Tracked = """
        - type: run_sql
          args:
            sql: CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a);
        - type: track_table
          args: {schema: public, name: a}
        - type: track_table
          args: {schema: public, name: b}
        - type: create_object_relationship
          args: {table: b, name: a, using: {foreign_key_constraint_on: a_id}}
        """;

    private const string Untracked = """
        - type: untrack_table
          args: {table: a, cascade: true}
        - type: run_sql
          args: {sql: DROP TABLE b}
        """;

    public static TheoryData<HasuraApi?> Catalogs => new(HasuraApi.V1, HasuraApi.V2, (HasuraApi?)null);

    [Theory]
    [MemberData(nameof(Catalogs))]
    public async Task They_are_applied_and_rolled_back_whatever_catalog_is_there(HasuraApi? api)
    {
        await using var database = await PrepareAsync(api);
        using var project = Project();
        var options = new RunOptions { CreateStateStore = true };
        var all = new PlanOptions { TransactionMode = MigrationTransactionMode.All };

        var applied = await project.RunAsync(database.ConnectionString, plan: all, options: options);

        Assert.Equal([1L, 2L, 3L], applied.Results.Select(r => r.Version));
        Assert.All(applied.Results, r => Assert.NotNull(r.Duration));
        Assert.Equal("a,b2", await TrackedAsync(database));
        Assert.Equal("1:succeeded,2:succeeded,3:succeeded", await database.ScalarAsync<string>("SELECT string_agg(version || ':' || outcome, ',' ORDER BY id) FROM hasura_migrations.log"));
        Assert.Equal(3L, await database.ScalarAsync<long>("SELECT count(*) FROM hdb_catalog.schema_migrations"));

        var undone = await project.RunAsync(database.ConnectionString, new MigrationGoal.Last(3), all, options);
        Assert.Equal([3L, 2L, 1L], undone.Results.Select(r => r.Version));
        Assert.Equal("", await TrackedAsync(database));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM hdb_catalog.schema_migrations"));
    }

    [Fact]
    public async Task A_document_of_another_version_in_the_last_file_is_named_and_logged()
    {
        await using var database = await PrepareAsync(HasuraApi.V1);
        using var project = Project().Write("migrations/4_m/up.yaml", "- type: replace_metadata\n  args: {version: 3, sources: [{name: default, kind: postgres, tables: [], configuration: {connection_info: {database_url: {from_env: A}}}}, {name: other, kind: postgres, tables: [], configuration: {connection_info: {database_url: {from_env: B}}}}]}\n");

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString, plan: new PlanOptions { TransactionMode = MigrationTransactionMode.All }));

        Assert.Equal((4L, 1), (error.Version, error.Line));
        Assert.EndsWith("up.yaml", error.File);
        Assert.Equal("4:failed", await database.ScalarAsync<string>("SELECT string_agg(version || ':' || outcome, ',' ORDER BY id) FROM hasura_migrations.log"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.history"));
    }

    [Theory]
    [InlineData(MigrationTransactionMode.All, 0)]
    [InlineData(MigrationTransactionMode.PerMigration, 3)]
    public async Task An_action_that_is_refused_is_named_and_leaves_nothing_of_its_transaction(MigrationTransactionMode mode, int before)
    {
        await using var database = await PrepareAsync(HasuraApi.V2);
        using var project = Project().Write("migrations/4_m/up.yaml", "- type: run_sql\n  args: {sql: CREATE TABLE c (id int)}\n- type: track_table\n  args: {schema: public, name: nowhere}\n");

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString, plan: new PlanOptions { TransactionMode = mode }));

        Assert.Equal(("MigrationFailed", 4L, 3, 2, before), (error.ErrorId, error.Version, error.Line, error.StatementNumber, error.AppliedBefore));
        Assert.Contains("up.yaml:3:3, action 2 (track_table)", error.Message);
        Assert.Contains("nowhere", error.Message);
        Assert.Equal(before == 0 ? "" : "a,b2", await TrackedAsync(database));
        Assert.Equal((long)before, await database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.history"));
        Assert.False(await database.ScalarAsync<bool>("SELECT to_regclass('c') IS NOT NULL"));
        Assert.Equal("4:failed", await database.ScalarAsync<string>("SELECT version || ':' || outcome FROM hasura_migrations.log ORDER BY id DESC LIMIT 1"));
    }

    [Theory]
    [MemberData(nameof(Catalogs))]
    public async Task Sql_alone_is_followed_by_metadata_too_in_a_project_that_keeps_it_in_migrations(HasuraApi? api)
    {
        await using var database = await PrepareAsync(api);
        using var project = Project();
        var options = new RunOptions { CreateStateStore = api is null };
        await project.RunAsync(database.ConnectionString, options: options);

        await project.Add(4, "ALTER TABLE b2 RENAME TO b3;").RunAsync(database.ConnectionString);
        Assert.Equal("a,b3", await TrackedAsync(database));

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.Add(5, "SELECT 1;\nDROP TABLE a CASCADE;").RunAsync(database.ConnectionString));
        Assert.Contains("relationship b3.a", error.Message);
        Assert.Contains("up.sql", error.Message);
        Assert.Equal("a,b3", await TrackedAsync(database));
        Assert.True(await database.ScalarAsync<bool>("SELECT to_regclass('a') IS NOT NULL"));
    }

    [Fact]
    public async Task Where_Hasura_never_was_sql_alone_runs_as_ever()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE b (id int)");
        using var project = Project();

        var results = (await project.RunAsync(database.ConnectionString, new MigrationGoal.Exactly([2], MigrationDirection.Up))).Results;

        Assert.Single(results);
    }

    [Fact]
    public async Task Sql_that_fails_in_an_action_or_a_file_is_named_with_its_line()
    {
        await using var database = await PrepareAsync(HasuraApi.V1);
        using var project = Project().Write("migrations/4_m/up.yaml", "- type: run_sql\n  args: {sql: SELECT 1/0}\n");

        var action = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString));
        project.Write("migrations/4_m/up.yaml", "- type: run_sql\n  args: {sql: SELECT 1}\n").Add(4, "SELECT 1;\n  SELECT nope;");
        var file = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString));

        Assert.Equal(("22012", 1, 1), (action.SqlState, action.Line, action.StatementNumber));
        Assert.EndsWith("up.yaml", action.File);
        Assert.Equal(("42703", 2, 10), (file.SqlState, file.Line, file.Column));
        Assert.EndsWith("up.sql", file.File);
    }

    [Fact]
    public async Task Without_metadata_or_a_transaction_they_are_refused_before_anything_is_written()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = Project();

        Assert.Equal("MetadataStoreMissing", (await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(database.ConnectionString))).ErrorId);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));

        project.Add(1, "-- hasura:no-transaction\nCREATE TABLE a (id int PRIMARY KEY);");
        Assert.Equal("NoTransactionNotSupported", (await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(database.ConnectionString))).ErrorId);
    }

    private static TestProject Project() => new TestProject(1)
        .Add(1, "CREATE TABLE a (id int PRIMARY KEY); SET search_path = nowhere;", "DROP TABLE a;").Write("migrations/1_m/up.yaml", Tracked).Write("migrations/1_m/down.yaml", Untracked)
        .Add(2, "ALTER TABLE b RENAME TO b2;", "ALTER TABLE b2 RENAME TO b;")
        .Write("migrations/3_m/up.yaml", "- type: create_select_permission\n  args: {table: a, role: user, permission: {columns: [id], filter: {}}}\n")
        .Write("migrations/3_m/down.yaml", "- type: drop_select_permission\n  args: {table: a, role: user}\n");

    private static async Task<string> TrackedAsync(TestDatabase database)
    {
        await using var target = database.Target(configVersion: 1);
        var root = (await target.ExportAsync()).Document.Root;
        var tables = root["sources"] is { } sources ? sources.AsObjects().SelectMany(s => s["tables"].AsObjects()) : root["tables"].AsObjects();
        return string.Join(',', tables.Select(t => t["table"]!["name"]?.ToString()).Order(StringComparer.Ordinal));
    }

    private async Task<TestDatabase> PrepareAsync(HasuraApi? api)
    {
        var database = await server.CreateDatabaseAsync();
        if (api is { } known)
        {
            await (await database.ServeAsync(known)).DisposeAsync();
        }

        return database;
    }
}
