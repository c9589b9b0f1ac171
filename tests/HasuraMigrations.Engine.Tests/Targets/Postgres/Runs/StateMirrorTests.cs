using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Runs;

/// <summary>History beside Hasura's own record, in the same database and elsewhere.</summary>
public sealed class StateMirrorTests(PostgresServer server)
{
    private const string TableState = "CREATE SCHEMA hdb_catalog; CREATE TABLE hdb_catalog.schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL); CREATE TABLE hdb_catalog.migration_settings (setting text PRIMARY KEY, value text NOT NULL); INSERT INTO hdb_catalog.migration_settings VALUES ('migration_mode', 'true');";
    private const string TableVersions = "SELECT coalesce(string_agg(version::text, ',' ORDER BY version), '') FROM hdb_catalog.schema_migrations";
    private const string CatalogVersions = "SELECT coalesce(string_agg(k, ',' ORDER BY k), '') FROM hdb_catalog.hdb_version, jsonb_object_keys(cli_state #> '{migrations,default}') k";

    private static readonly RunOptions Create = new() { CreateStateStore = true };

    [Fact]
    public async Task TableStateIsWrittenWithEachMigrationAndRollback()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(TableState);
        using var project = new TestProject(2).Add(1, "CREATE TABLE a (id int);", "DROP TABLE a;").Add(2, "CREATE TABLE b (id int);", "DROP TABLE b;").Add(3, "SELECT 1/0;");

        await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString));
        Assert.Equal("1,2", await database.ScalarAsync<string>(TableVersions));

        await project.RunAsync(database.ConnectionString, new MigrationGoal.Last(1));
        Assert.Equal("1", await database.ScalarAsync<string>(TableVersions));
    }

    [Fact]
    public async Task WhereNoServerIsKnownNobodyIsToldAndAFindingReportsIt()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject(2).Add(1, "CREATE TABLE a (id int);");

        var observer = await project.RunAsync(database.ConnectionString);
        var again = await project.Add(2, "CREATE TABLE b (id int);").RunAsync(database.ConnectionString, options: new RunOptions { NoReload = true });

        Assert.Equal(FindingSeverity.Information, Assert.Single(observer.Findings, f => f.Id == "ReloadUnknown").Severity);
        Assert.DoesNotContain(again.Findings, f => f.Id == "ReloadUnknown");
    }

    [Fact]
    public async Task ServersBefore11AreToldWithoutTheColumnTheyLack()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(TableState + "CREATE TABLE hdb_catalog.hdb_schema_update_event (instance_id uuid NOT NULL, occurred_at timestamptz NOT NULL DEFAULT now()); CREATE UNIQUE INDEX ON hdb_catalog.hdb_schema_update_event ((occurred_at IS NOT NULL)); INSERT INTO hdb_catalog.hdb_schema_update_event VALUES ('00000000-0000-0000-0000-000000000000', '2000-01-01');");
        using var project = new TestProject(2).Add(1, "CREATE TABLE a (id int);");

        var observer = await project.RunAsync(database.ConnectionString);

        Assert.DoesNotContain(observer.Findings, f => f.Id is "ReloadFailed" or "ReloadUnknown");
        Assert.True(await database.ScalarAsync<bool>("SELECT occurred_at > '2020-01-01' FROM hdb_catalog.hdb_schema_update_event"));
    }

    [Fact]
    public async Task VersionsAppliedByHasuraAreAdoptedWithAssumedChecksums()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(TableState + "CREATE TABLE a (id int); INSERT INTO hdb_catalog.schema_migrations VALUES (1, false);");
        using var project = new TestProject(2).Add(1, "CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int);");

        var before = await project.StatusAsync(database.ConnectionString);
        Assert.Equal((MigrationState.Applied, MigrationOrigin.Hasura), (before[0].Status, before[0].Origin));
        Assert.False(await database.ScalarAsync<bool>("SELECT to_regnamespace('hasura_migrations') IS NOT NULL"));

        var applied = await project.RunAsync(database.ConnectionString);
        Assert.Equal([2L], applied.Results.Select(r => r.Version));
        var after = await project.StatusAsync(database.ConnectionString);
        Assert.Equal([MigrationChecksumState.Assumed, MigrationChecksumState.Unchanged], after.Select(m => m.ChecksumState));
        Assert.Equal("1,2", await database.ScalarAsync<string>(TableVersions));
    }

    [Fact]
    public async Task VersionRolledBackByAnotherToolIsPendingAndApplied()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(TableState);
        using var project = new TestProject(2).Add(1, "CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int);");
        await project.RunAsync(database.ConnectionString);

        await database.ExecuteAsync("DROP TABLE b; DELETE FROM hdb_catalog.schema_migrations WHERE version = 2");
        var status = await project.StatusAsync(database.ConnectionString);
        Assert.Equal(MigrationState.Pending, status[1].Status);
        Assert.Contains(status[1].Findings, f => f.Id == "RolledBackElsewhere");

        Assert.Equal([2L], (await project.RunAsync(database.ConnectionString)).Results.Select(r => r.Version));
        Assert.Equal("1,2", await database.ScalarAsync<string>(TableVersions));
    }

    [Fact]
    public async Task StateThatWasEmptiedWhileAllIsThereIsWrittenAgain()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(TableState);
        using var project = new TestProject(2).Add(1, "CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int);");
        await project.RunAsync(database.ConnectionString);
        await database.ExecuteAsync("TRUNCATE hdb_catalog.schema_migrations");

        Assert.All(await project.StatusAsync(database.ConnectionString), m => Assert.Equal(MigrationState.Applied, m.Status));
        Assert.Empty((await project.RunAsync(database.ConnectionString)).Results);
        Assert.Equal("1,2", await database.ScalarAsync<string>(TableVersions));
    }

    [Fact]
    public async Task DirtyVersionRefusesARunUntilItIsRepaired()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(TableState + "INSERT INTO hdb_catalog.schema_migrations VALUES (1, true);");
        using var project = new TestProject(2).Add(1, "CREATE TABLE a (id int);");

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(database.ConnectionString));
        Assert.Equal("MigrationDirty", error.ErrorId);

        await project.Runner(database.ConnectionString).RepairAsync(MigrationRepair.AsRolledBack, [1], new RunOptions(), new RecordingObserver(), CancellationToken.None);
        Assert.Equal("", await database.ScalarAsync<string>(TableVersions));
        Assert.Single((await project.RunAsync(database.ConnectionString)).Results);
    }

    [Fact]
    public async Task CatalogStateInTheSameDatabaseKeepsWhatItHolds()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);", "DROP TABLE a;").Add(2, "CREATE TABLE b (id int);", "DROP TABLE b;");
        await project.RunAsync(database.ConnectionString, new MigrationGoal.Next(1), options: Create);
        Assert.Equal("47", await database.ScalarAsync<string>("SELECT version FROM hdb_catalog.hdb_version"));
        await database.ExecuteAsync("""UPDATE hdb_catalog.hdb_version SET cli_state = jsonb_set(cli_state, '{migrations,other}', '{"9": false}') || '{"unknown": [1]}'""");

        await project.RunAsync(database.ConnectionString);
        Assert.Equal("1,2", await database.ScalarAsync<string>(CatalogVersions));
        await project.RunAsync(database.ConnectionString, new MigrationGoal.Last(1));

        Assert.Equal("1", await database.ScalarAsync<string>(CatalogVersions));
        Assert.Equal("""{"9": false}|[1]|true|true""", await database.ScalarAsync<string>("SELECT concat_ws('|', cli_state #>> '{migrations,other}', cli_state ->> 'unknown', cli_state ->> 'isStateCopyCompleted', cli_state #>> '{settings,migration_mode}') FROM hdb_catalog.hdb_version"));
    }

    [Fact]
    public async Task CatalogStateElsewhereFollowsAndALostVersionIsJudgedByWhatIsThere()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var metadata = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);", "DROP TABLE a;").Add(2, "CREATE TABLE b (id int);", "DROP TABLE b;").Add(3, "-- hasura:no-transaction\nCREATE TABLE c (id int);", "DROP TABLE c;");

        await project.RunAsync(database.ConnectionString, options: Create, metadata: metadata.ConnectionString);
        Assert.Equal("1,2,3", await metadata.ScalarAsync<string>(CatalogVersions));
        Assert.False(await database.ScalarAsync<bool>("SELECT to_regnamespace('hdb_catalog') IS NOT NULL"));

        await project.RunAsync(database.ConnectionString, new MigrationGoal.Last(1), metadata: metadata.ConnectionString);
        Assert.Equal("1,2", await metadata.ScalarAsync<string>(CatalogVersions));
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.history"));

        await metadata.ExecuteAsync("UPDATE hdb_catalog.hdb_version SET cli_state = cli_state #- '{migrations,default,2}'");
        await project.RunAsync(database.ConnectionString, new MigrationGoal.Next(0), metadata: metadata.ConnectionString);
        Assert.Equal("1,2", await metadata.ScalarAsync<string>(CatalogVersions));

        await database.ExecuteAsync("ALTER TABLE b RENAME TO gone");
        await metadata.ExecuteAsync("UPDATE hdb_catalog.hdb_version SET cli_state = cli_state #- '{migrations,default,2}'");
        Assert.Equal(MigrationState.Pending, (await project.StatusAsync(database.ConnectionString, metadata.ConnectionString))[1].Status);
    }

    [Fact]
    public async Task RollbackThatCouldNotTellTheStateIsNotTakenForAppliedByHasura()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var metadata = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);", "DROP TABLE a;");
        await project.RunAsync(database.ConnectionString, options: Create, metadata: metadata.ConnectionString);
        await metadata.ExecuteAsync("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'; CREATE TRIGGER refuse BEFORE UPDATE ON hdb_catalog.hdb_version FOR EACH ROW EXECUTE FUNCTION refuse();");

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(database.ConnectionString, new MigrationGoal.Last(1), metadata: metadata.ConnectionString));
        Assert.Equal("StateStoreFailed", error.ErrorId);
        Assert.Equal(MigrationState.Pending, Assert.Single(await project.StatusAsync(database.ConnectionString, metadata.ConnectionString)).Status);

        await metadata.ExecuteAsync("DROP TRIGGER refuse ON hdb_catalog.hdb_version");
        Assert.Single((await project.RunAsync(database.ConnectionString, metadata: metadata.ConnectionString)).Results);
        Assert.Equal("1", await metadata.ScalarAsync<string>(CatalogVersions));
    }

    [Fact]
    public async Task OldTableOfAProjectMovedToVersion3CountsAsApplied()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int);");
        await project.RunAsync(database.ConnectionString, new MigrationGoal.Exactly([2], MigrationDirection.Up), options: Create);
        await database.ExecuteAsync("UPDATE hdb_catalog.hdb_version SET cli_state = '{}'; DROP SCHEMA hasura_migrations CASCADE; DROP TABLE b; CREATE TABLE hdb_catalog.schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO hdb_catalog.schema_migrations VALUES (1, false);");

        Assert.Equal([2L], (await project.RunAsync(database.ConnectionString)).Results.Select(r => r.Version));
        Assert.Equal("1,2", await database.ScalarAsync<string>(CatalogVersions));
    }

    [Fact]
    public async Task RunningServersAreToldOnceByRunThatExecutedAndNotWithNoReload()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int);").Add(3, "CREATE TABLE c (id int);").Add(4, "SELECT 1/0;");
        await project.RunAsync(database.ConnectionString, new MigrationGoal.Next(1), options: Create);
        const string notice = "SELECT m.resource_version || ' ' || n.resource_version || ' ' || (n.notification #>> '{sources}') FROM hdb_catalog.hdb_metadata m, hdb_catalog.hdb_schema_notifications n";
        Assert.Equal("2 2 [\"default\"]", await database.ScalarAsync<string>(notice));

        await project.RunAsync(database.ConnectionString, new MigrationGoal.Next(1), options: new RunOptions { NoReload = true });
        Assert.Equal("2 2 [\"default\"]", await database.ScalarAsync<string>(notice));

        await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString));
        Assert.Equal("3 3 [\"default\"]", await database.ScalarAsync<string>(notice));
    }

    [Fact]
    public async Task StateStoreIsNeverMadeInsideAPartOfOne()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA hdb_catalog");
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);");

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(database.ConnectionString, options: Create));

        Assert.Equal("StateStoreExists", error.ErrorId);
    }

    [Fact]
    public async Task LostFilesAreRolledBackFromTheStoredText()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);", "DROP TABLE a;\r\n");
        await project.RunAsync(database.ConnectionString);
        Directory.Delete(Path.Combine(project.Migrations, "1_m"), recursive: true);

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(database.ConnectionString, new MigrationGoal.Last(1)));
        Assert.Equal("DownMissing", error.ErrorId);

        var undone = await project.RunAsync(database.ConnectionString, new MigrationGoal.Last(1), new PlanOptions { FromHistory = true });
        Assert.Equal(MigrationOutcome.RolledBack, Assert.Single(undone.Results).Outcome);
        Assert.False(await database.ScalarAsync<bool>("SELECT to_regclass('a') IS NOT NULL"));
    }

    [Fact]
    public async Task ServersOfVersion1AreToldThroughTheirOwnTable()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(TableState + "CREATE TABLE hdb_catalog.hdb_schema_update_event (instance_id uuid NOT NULL, occurred_at timestamptz NOT NULL DEFAULT now(), invalidations json NOT NULL); CREATE UNIQUE INDEX one ON hdb_catalog.hdb_schema_update_event ((occurred_at IS NOT NULL));");
        using var project = new TestProject(1).Add(1, "CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int);");

        await project.RunAsync(database.ConnectionString, new MigrationGoal.Next(1));
        await project.RunAsync(database.ConnectionString);

        Assert.Equal("1 true", await database.ScalarAsync<string>("SELECT count(*) || ' ' || min(invalidations ->> 'metadata') FROM hdb_catalog.hdb_schema_update_event"));
    }
}
