using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>
/// Versions in the tables of config version 2 count in config version 3 until they are in the catalog state, whatever is done first, and
/// whoever marked the state as complete for another database.
/// </summary>
public sealed class StateCopyTests(PostgresServer server)
{
    private const string Marked = """{"migrations": {"other": {"9": false}}, "settings": {"migration_mode": "true"}, "isStateCopyCompleted": true}""";

    private const string Tables = """
        CREATE TABLE a (id int);
        CREATE TABLE b (id int);
        CREATE TABLE hdb_catalog.schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);
        INSERT INTO hdb_catalog.schema_migrations VALUES (1, false), (2, false);
        """;

    /// <summary>Straight to the database or through the server, and the catalog state.</summary>
    public static TheoryData<bool, string> Places => new() { { true, "{}" }, { true, Marked }, { false, "{}" }, { false, Marked } };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_run_leaves_out_what_the_table_has(bool isDirect, string state)
    {
        await using var place = await OpenAsync(isDirect, state);
        using var project = Project();

        var run = await place.RunAsync(project);

        Assert.Equal([3L], run.Results.Select(r => r.Version));
        await AssertStateAsync(place, state, "1,2,3");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_repair_takes_along_what_the_table_has(bool isDirect, string state)
    {
        await using var place = await OpenAsync(isDirect, state);
        using var project = Project();

        await place.RepairAsync(project, MigrationRepair.AsApplied, 3);

        Assert.All(await place.StatusAsync(project), m => Assert.Equal(MigrationState.Applied, m.Status));
        await AssertStateAsync(place, state, "1,2,3");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task What_is_dirty_in_the_table_stays_so(bool isDirect, string state)
    {
        await using var place = await OpenAsync(isDirect, state);
        await place.Database.ExecuteAsync("UPDATE hdb_catalog.schema_migrations SET dirty = true WHERE version = 2");
        using var project = Project();
        Assert.Equal("MigrationDirty", (await Assert.ThrowsAsync<HasuraMigrationException>(() => place.RunAsync(project))).ErrorId);

        await place.RepairAsync(project, MigrationRepair.AsApplied, 3);
        await place.RepairAsync(project, MigrationRepair.RewriteState);

        Assert.Equal([MigrationState.Applied, MigrationState.Dirty, MigrationState.Applied], (await place.StatusAsync(project)).Select(m => m.Status));
        await AssertStateAsync(place, state, "1,2,3");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task What_is_removed_or_rolled_back_stays_so(bool isDirect, string state)
    {
        await using var place = await OpenAsync(isDirect, state);
        using var project = Project();
        await using var target = place.Target(project);

        await new MigrationRunner(project.Scan(), target).RemoveAsync([1], _ => Task.CompletedTask, (_, _) => Task.CompletedTask, new RunOptions(), new RecordingObserver(), CancellationToken.None);
        Assert.Equal("2", await place.StateAsync(3));
        await place.RepairAsync(project, MigrationRepair.AsRolledBack, 2);

        await AssertStateAsync(place, state, "");
        Assert.All(await place.StatusAsync(project), m => Assert.Equal(MigrationState.Pending, m.Status));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task An_import_takes_along_what_the_table_has(bool isDirect, string state)
    {
        await using var place = await OpenAsync(isDirect, state);
        using var project = Project();
        await using var target = place.Target(project);
        var filed = new StateRecord("default", null, new StateCatalog(null, JsonNode.Parse("""{"migrations": {"default": {"3": false}}}""")!.AsObject()));

        await new MigrationRunner(project.Scan(), target).WriteStateAsync(StateChange.Copy(filed, MigrationStateStore.Catalog, MigrationStateStore.Catalog, "imported"), new RunOptions(), new RecordingObserver(), CancellationToken.None);

        await AssertStateAsync(place, state, "1,2,3");
    }

    [Fact]
    public async Task Where_the_catalog_state_is_not_known_the_table_follows_what_is_done()
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        await place.Database.ExecuteAsync($"CREATE SCHEMA hdb_catalog; {Tables}");
        using var project = new TestProject(3).Add(1, "CREATE TABLE a (id int)", "DROP TABLE a").Add(2, "CREATE TABLE b (id int)", "DROP TABLE b").Add(3, "CREATE TABLE c (id int)", "DROP TABLE c");

        Assert.Equal([3L], (await place.RunAsync(project)).Results.Select(r => r.Version));
        Assert.Equal("1,2,3", await place.StateAsync(2));
        Assert.Equal([3L, 2L], (await place.RunAsync(project, new MigrationGoal.Last(2))).Results.Select(r => r.Version));

        Assert.Equal("1", await place.StateAsync(2));
        Assert.Equal([MigrationState.Applied, MigrationState.Pending, MigrationState.Pending], (await place.StatusAsync(project)).Select(m => m.Status));
        await place.RepairAsync(project, MigrationRepair.AsRolledBack, 1);
        Assert.All(await place.StatusAsync(project), m => Assert.Equal(MigrationState.Pending, m.Status));
        Assert.Contains((await place.StatusWithFindingsAsync(project)).Findings, f => f.Id == "StateStoreMissing" && f.Message.Contains("hdb_catalog.schema_migrations", StringComparison.Ordinal));
        await place.RepairAsync(project, MigrationRepair.AsApplied, 1);
        Assert.Equal([2L, 3L], (await place.RunAsync(project)).Results.Select(r => r.Version));
        Assert.Equal("1,2,3", await place.StateAsync(2));
    }

    [Fact]
    public async Task A_table_that_was_copied_counts_no_more_where_the_catalog_state_is_not_named()
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2);
        await using var data = await server.CreateDatabaseAsync();
        await data.ExecuteAsync($"CREATE SCHEMA hdb_catalog; {Tables}");
        using var project = new TestProject(3).Add(1, "CREATE TABLE a (id int)", "DROP TABLE a").Add(2, "CREATE TABLE b (id int)", "DROP TABLE b");
        await project.RunAsync(data.ConnectionString, new MigrationGoal.Last(1), metadata: place.Database.ConnectionString);
        Assert.Equal("1", await place.StateAsync(3));

        var status = await project.StatusAsync(data.ConnectionString);

        Assert.Equal([MigrationState.Applied, MigrationState.Pending], status.Select(m => m.Status));
    }

    private static TestProject Project() =>
        new TestProject(3).Add(1, "CREATE TABLE a (id int)").Add(2, "CREATE TABLE b (id int)").Add(3, "CREATE TABLE c (id int)");

    private async Task<TargetPlace> OpenAsync(bool isDirect, string state)
    {
        var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect);
        await place.Database.ExecuteAsync($"{Tables} UPDATE hdb_catalog.hdb_version SET cli_state = '{state}'");
        return place;
    }

    private static async Task AssertStateAsync(TargetPlace place, string before, string versions)
    {
        Assert.Equal(versions, await place.StateAsync(3));
        Assert.Equal(before == Marked ? "9" : null, await place.Database.ScalarAsync<string>("SELECT string_agg(k, ',') FROM hdb_catalog.hdb_version, jsonb_object_keys(cli_state #> '{migrations,other}') k"));
        Assert.Equal("true", await place.Database.ScalarAsync<string>("SELECT cli_state ->> 'isStateCopyCompleted' FROM hdb_catalog.hdb_version"));
    }
}
