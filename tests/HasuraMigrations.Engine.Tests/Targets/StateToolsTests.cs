using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>Hasura's record is read, copied between stores and instances, and set, on both targets.</summary>
public sealed class StateToolsTests(PostgresServer server)
{
    private const string Full = """{"migrations": {"default": {"1": false, "2": true, "x": 5}, "other": {"9": false}}, "settings": {"migration_mode": "true", "kept": "k"}, "isStateCopyCompleted": false, "unknown": {"a": [1.50, null]}}""";

    public static TheoryData<HasuraApi?, int> Places => new() { { null, 2 }, { null, 3 }, { HasuraApi.V1, 2 }, { HasuraApi.V2, 2 }, { HasuraApi.V2, 3 } };

    public static TheoryData<bool> Ways => [true, false];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_record_exported_on_one_instance_is_consistent_on_another(HasuraApi? api, int config)
    {
        await using var first = await TargetPlace.OpenAsync(server, api);
        await using var second = await TargetPlace.OpenAsync(server, api);
        using var project = new TestProject(config);
        project.Add(1, "CREATE TABLE a (id int)").Add(2, "CREATE TABLE b (id int)").Add(3, "CREATE TABLE c (id int)");
        var create = new RunOptions { CreateStateStore = api is null };
        await first.RunAsync(project, new MigrationGoal.Next(2), create);
        // On the second, only version 1 ran; version 2 is told by the import.
        await second.RunAsync(project, new MigrationGoal.Next(1), create);
        var used = StateRecord.Used(config);

        var path = Write(project, new StateFile([await ReadAsync(first, project)]).ToText());
        var change = StateChange.Copy(StateFile.Read(path).Find("default", path), used, used, "state imported");
        var done = await WriteAsync(second, project, change);
        var again = await WriteAsync(second, project, change);

        Assert.Equal([2L], done.Added);
        Assert.Empty(again.Added);
        Assert.Equal((1, 2), (done.Present, again.Present));
        Assert.Equal("1,2", await second.StateAsync(config));
        var (migrations, findings) = await second.StatusWithFindingsAsync(project);
        Assert.Equal([MigrationState.Applied, MigrationState.Applied, MigrationState.Pending], migrations.Select(m => m.Status));
        Assert.Equal(["AppliedByHasura"], findings.Select(f => f.Id));
        Assert.Equal("a", await second.TablesAsync());
        Assert.Equal("state imported 0 (Hasura's record)", await second.Database.ScalarAsync<string>("SELECT outcome || ' ' || version || ' ' || name FROM hasura_migrations.log ORDER BY id DESC LIMIT 1"));
        Assert.Equal([3L], (await second.RunAsync(project)).Results.Select(r => r.Version));
        Assert.Empty((await second.StatusWithFindingsAsync(project)).Findings);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_table_moves_to_the_catalog_state_and_nothing_else_changes(bool isDirect)
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect);
        using var project = new TestProject(3);
        await SetAsync(place, Full);
        await place.Database.ExecuteAsync("CREATE TABLE hdb_catalog.schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO hdb_catalog.schema_migrations VALUES (1, true), (5, true), (6, false); CREATE TABLE hdb_catalog.migration_settings (setting text NOT NULL PRIMARY KEY, value text NOT NULL); INSERT INTO hdb_catalog.migration_settings VALUES ('migration_mode', 'false')");

        var record = await ReadAsync(place, project);
        var done = await WriteAsync(place, project, StateChange.Copy(record, MigrationStateStore.Table, MigrationStateStore.Catalog, "moved"));

        Assert.Equal([5L, 6], done.Added);
        Assert.Equal(["migration_mode"], done.Settings);
        await AssertStateAsync(place, """{"migrations": {"default": {"1": false, "2": true, "5": true, "6": false, "x": 5}, "other": {"9": false}}, "settings": {"migration_mode": "false", "kept": "k"}, "isStateCopyCompleted": true, "unknown": {"a": [1.50, null]}}""");
        Assert.Equal("1,5,6", await place.StateAsync(2));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_catalog_state_moves_to_tables_that_are_created(bool isDirect)
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect);
        using var project = new TestProject(3);
        await SetAsync(place, Full);

        var record = await ReadAsync(place, project);
        Assert.Null(record.Table);
        Assert.Equal(["x"], record.Odd(MigrationStateStore.Catalog));
        var done = await WriteAsync(place, project, StateChange.Copy(record, MigrationStateStore.Catalog, MigrationStateStore.Table, "moved"));

        Assert.Equal([1L, 2], done.Added);
        Assert.Equal("1 false,2 true", await place.Database.ScalarAsync<string>("SELECT string_agg(version || ' ' || dirty, ',' ORDER BY version) FROM hdb_catalog.schema_migrations"));
        Assert.Equal("kept=k,migration_mode=true", await place.Database.ScalarAsync<string>("SELECT string_agg(setting || '=' || value, ',' ORDER BY setting) FROM hdb_catalog.migration_settings"));
        await AssertStateAsync(place, Full);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_import_keeps_what_others_wrote_and_brings_what_it_does_not_know(bool isDirect)
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect);
        using var project = new TestProject(3);
        await SetAsync(place, """{"migrations": {"default": {"2": false}, "mine": {"7": false}}, "theirs": true, "isStateCopyCompleted": true}""");
        var filed = new StateRecord("default", null, new StateCatalog(null, JsonNode.Parse(Full)!.AsObject()));

        await WriteAsync(place, project, StateChange.Copy(filed, MigrationStateStore.Catalog, MigrationStateStore.Catalog, "state imported"));

        await AssertStateAsync(place, """{"migrations": {"default": {"1": false, "2": false, "x": 5}, "mine": {"7": false}}, "theirs": true, "settings": {"migration_mode": "true", "kept": "k"}, "isStateCopyCompleted": true, "unknown": {"a": [1.50, null]}}""");
    }

    [Fact]
    public async Task Versions_of_a_table_that_is_still_to_be_copied_are_not_lost()
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect: true);
        using var project = new TestProject(3);
        await place.Database.ExecuteAsync("CREATE TABLE hdb_catalog.schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO hdb_catalog.schema_migrations VALUES (4, false)");
        var filed = new StateRecord("default", null, new StateCatalog(null, JsonNode.Parse("""{"migrations": {"default": {"1": false}}}""")!.AsObject()));
        await WriteAsync(place, project, StateChange.Setting(MigrationStateStore.Catalog, "migration_mode", "true"));
        await AssertStateAsync(place, """{"settings": {"migration_mode": "true"}}""");

        await WriteAsync(place, project, StateChange.Copy(filed, MigrationStateStore.Catalog, MigrationStateStore.Catalog, "state imported"));

        Assert.Equal("1,4", await place.StateAsync(3));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_setting_is_set_and_heeded(HasuraApi? api, int config)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = new TestProject(config);
        project.Add(1, "CREATE TABLE a (id int)").Add(2, "CREATE TABLE b (id int)");
        await place.RunAsync(project, new MigrationGoal.Next(1), new RunOptions { CreateStateStore = api is null });
        var used = StateRecord.Used(config);

        var done = await WriteAsync(place, project, StateChange.Setting(used, "migration_mode", "false"));

        Assert.Equal(["migration_mode"], done.Settings);
        Assert.Equal("false", (await ReadAsync(place, project)).Settings(used)["migration_mode"]);
        Assert.Equal("1", await place.StateAsync(config));
        Assert.Equal("MigrationModeOff", (await Assert.ThrowsAsync<HasuraMigrationException>(() => place.RunAsync(project))).ErrorId);
        await WriteAsync(place, project, StateChange.Setting(used, "migration_mode", "true"));
        Assert.Equal([2L], (await place.RunAsync(project)).Results.Select(r => r.Version));
    }

    [Fact]
    public async Task A_client_that_overwrites_the_catalog_state_is_seen()
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect: true);
        using var project = new TestProject(3);
        // The first write is undone at once, as an older copy would do it.
        await place.Database.ExecuteAsync("""
            CREATE TABLE hdb_catalog.writes (n int);
            CREATE FUNCTION hdb_catalog.undo() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO hdb_catalog.writes VALUES (1); IF (SELECT count(*) FROM hdb_catalog.writes) = 1 THEN NEW.cli_state := OLD.cli_state; END IF; RETURN NEW; END $f$;
            CREATE TRIGGER undo BEFORE UPDATE ON hdb_catalog.hdb_version FOR EACH ROW EXECUTE FUNCTION hdb_catalog.undo();
            """);

        await WriteAsync(place, project, StateChange.Setting(MigrationStateStore.Catalog, "migration_mode", "false"));

        Assert.Equal(2L, await place.Database.ScalarAsync<long>("SELECT count(*) FROM hdb_catalog.writes"));
        await AssertStateAsync(place, """{"settings": {"migration_mode": "false"}}""");
    }

    [Fact]
    public async Task The_catalog_state_may_be_in_another_database()
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2);
        await using var data = await server.CreateDatabaseAsync();
        using var project = new TestProject(3);
        await SetAsync(place, Full);
        var filed = new StateRecord("default", new StateTable(new Dictionary<long, bool> { [8] = false }, null), null);

        var done = await project.Runner(data.ConnectionString, place.Database.ConnectionString).WriteStateAsync(StateChange.Copy(filed, MigrationStateStore.Table, MigrationStateStore.Catalog, "moved"), new RunOptions(), new RecordingObserver(), CancellationToken.None);

        Assert.Equal([8L], done.Added);
        await AssertStateAsync(place, """{"migrations": {"default": {"1": false, "2": true, "8": false, "x": 5}, "other": {"9": false}}, "settings": {"migration_mode": "true", "kept": "k"}, "isStateCopyCompleted": true, "unknown": {"a": [1.50, null]}}""");
        Assert.Equal("moved", await data.ScalarAsync<string>("SELECT outcome FROM hasura_migrations.log"));
    }

    [Fact]
    public async Task A_catalog_that_is_not_there_is_an_error()
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        using var project = new TestProject(3);

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => WriteAsync(place, project, StateChange.Setting(MigrationStateStore.Catalog, "migration_mode", "true")));

        Assert.Equal("StateNotFound", error.ErrorId);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("{\n\"a\": ]", 2)]
    [InlineData("[]", null)]
    [InlineData("""{"format": "hasura-migrations plan 1"}""", null)]
    [InlineData("""{"format": "hasura-migrations state 2"}""", null)]
    [InlineData("""{"format": "hasura-migrations state 1", "databases": {}}""", null)]
    [InlineData("""{"format": "hasura-migrations state 1", "databases": [null]}""", null)]
    [InlineData("""{"format": "hasura-migrations state 1", "databases": [{"name": "a"}, {"name": "a"}]}""", null)]
    [InlineData("""{"format": "hasura-migrations state 1", "databases": [{"name": "a", "name": "b"}]}""", null)]
    [InlineData("""{"format": "hasura-migrations state 1", "databases": [{"name": "a", "table": {}}]}""", null)]
    [InlineData("""{"format": "hasura-migrations state 1", "databases": [{"name": "a", "table": {"schema_migrations": {"x": false}}}]}""", null)]
    [InlineData("""{"format": "hasura-migrations state 1", "databases": [{"name": "a", "table": {"schema_migrations": {"1": "no"}}}]}""", null)]
    [InlineData("""{"format": "hasura-migrations state 1", "databases": [{"name": "a", "catalog": {"cli_state": []}}]}""", null)]
    public void A_file_that_is_none_is_refused(string text, int? line)
    {
        using var project = new TestProject();

        var error = Assert.Throws<HasuraMigrationException>(() => StateFile.Read(Write(project, text)));

        Assert.Equal("StateFileInvalid", error.ErrorId);
        Assert.EndsWith("state.json", error.File);
        Assert.True(line is null || (error.Line == line && error.Message.Contains($": line {line}: ", StringComparison.Ordinal)), $"{error.Line} {error.Message}");
    }

    [Fact]
    public void A_file_holds_both_stores_whole()
    {
        using var project = new TestProject();
        var id = Guid.NewGuid();
        var record = new StateRecord("default", new StateTable(new Dictionary<long, bool> { [7] = true, [1] = false }, null), new StateCatalog(id, JsonNode.Parse(Full)!.AsObject()));

        var path = Write(project, new StateFile([record, new StateRecord("empty", null, null)]).ToText());
        var read = StateFile.Read(path);

        var found = read.Find("default", path);
        Assert.Equal(record.Table!.Versions.OrderBy(v => v.Key), found.Table!.Versions.OrderBy(v => v.Key));
        Assert.Null(found.Table.Settings);
        Assert.Equal(id, found.Catalog!.InstanceId);
        Assert.Equal(JsonNode.Parse(Full)!.ToJsonString(), found.Catalog.State.ToJsonString());
        Assert.False(read.Find("empty", path).Has(MigrationStateStore.Catalog));
        Assert.Contains("'default', 'empty'", Assert.Throws<HasuraMigrationException>(() => read.Find("gone", path)).Message);
    }

    [Theory]
    [InlineData("citus")]
    [InlineData("mssql")]
    public async Task The_record_of_a_source_of_another_kind_is_in_the_catalog_state(string kind)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync(change: o => o with { Kinds = new Dictionary<string, string> { ["default"] = kind } });
        await database.ExecuteAsync($"UPDATE hdb_catalog.hdb_version SET cli_state = '{Full}'");
        using var project = new TestProject(3);
        await using var target = project.Target(host);
        var path = Write(project, """{"format": "hasura-migrations state 1", "databases": [{"name": "default", "table": {"schema_migrations": {"2": false, "7": false}}}]}""");

        var before = await target.ReadRecordAsync(CancellationToken.None);
        var change = StateChange.Copy(StateFile.Read(path).Find("default", path), MigrationStateStore.Table, MigrationStateStore.Catalog, "moved");
        var done = await new MigrationRunner(project.Scan(), target).WriteStateAsync(change, new RunOptions(), new RecordingObserver(), CancellationToken.None);

        Assert.True(before.Has(MigrationStateStore.Catalog));
        Assert.False(before.Has(MigrationStateStore.Table));
        Assert.Equal([7L], done.Added);
        Assert.Equal("""{"1": false, "2": true, "7": false, "x": 5}""", await database.ScalarAsync<string>("SELECT cli_state #>> '{migrations,default}' FROM hdb_catalog.hdb_version"));
    }

    private static string Write(TestProject project, string text)
    {
        var path = Path.Combine(project.Directory, "state.json");
        File.WriteAllText(path, text);
        return path;
    }

    private static async Task<StateRecord> ReadAsync(TargetPlace place, TestProject project)
    {
        await using var target = place.Target(project);
        return await target.ReadRecordAsync(CancellationToken.None);
    }

    private static async Task<StateDifference> WriteAsync(TargetPlace place, TestProject project, StateChange change)
    {
        await using var target = place.Target(project);
        return await new MigrationRunner(project.Scan(), target).WriteStateAsync(change, new RunOptions(), new RecordingObserver(), CancellationToken.None);
    }

    private static Task SetAsync(TargetPlace place, string state) => place.Database.ExecuteAsync($"UPDATE hdb_catalog.hdb_version SET cli_state = '{state}'");

    private static async Task AssertStateAsync(TargetPlace place, string expected) =>
        Assert.True(await place.Database.ScalarAsync<bool>($"SELECT cli_state = '{expected}'::jsonb FROM hdb_catalog.hdb_version"), await place.Database.ScalarAsync<string>("SELECT cli_state::text FROM hdb_catalog.hdb_version"));
}
