using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Records;

/// <summary>A version that Hasura's record has no more is judged by what its up step made.</summary>
[Trait("Case", "11")]
public sealed class StateEvidenceTests(PostgresServer server)
{
    public static TheoryData<string, string, string, MigrationState> Steps => new()
    {
        { "CREATE TABLE a (id int);", "", "DROP TABLE a", MigrationState.Pending },
        { "CREATE TABLE a (id int);", "", "SELECT 1", MigrationState.Applied },
        { "CREATE TABLE a (id int); CREATE VIEW v AS SELECT * FROM a;", "", "DROP VIEW v", MigrationState.InDoubt },
        { "INSERT INTO t VALUES (1);", "", "SELECT 1", MigrationState.InDoubt },
        { "ALTER TABLE t ADD COLUMN c int, ADD d text, ADD CONSTRAINT k CHECK (c > 0);", "", "ALTER TABLE t DROP COLUMN c, DROP COLUMN d", MigrationState.Pending },
        { "ALTER TABLE t ADD COLUMN c int, ADD CONSTRAINT k CHECK (c > 0);", "", "ALTER TABLE t DROP CONSTRAINT k", MigrationState.InDoubt },
        { "CREATE TYPE mood AS ENUM ('sad'); CREATE DOMAIN d AS int;", "", "DROP TYPE mood; DROP DOMAIN d", MigrationState.Pending },
        { "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';", "", "DROP FUNCTION f(); DROP PROCEDURE p();", MigrationState.Pending },
        { "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER tr BEFORE INSERT OR UPDATE OF id ON t FOR EACH ROW EXECUTE FUNCTION g();", "", "DROP FUNCTION g() CASCADE", MigrationState.Pending },
        { "CREATE SCHEMA s; CREATE TABLE s.a (id int); CREATE UNIQUE INDEX ON s.a (id); CREATE INDEX i ON s.a (id);", "", "DROP SCHEMA s CASCADE", MigrationState.Pending },
        { "SET search_path = other; CREATE TABLE b (id int);", "", "DROP TABLE other.b; CREATE TABLE b (id int)", MigrationState.Pending },
        { "SELECT set_config('search_path', '', false); CREATE TABLE public.b (id int);", "", "DROP TABLE b", MigrationState.Pending },
        { "CREATE POLICY pol ON t FOR SELECT USING (true); CREATE SEQUENCE sq; CREATE MATERIALIZED VIEW mv AS SELECT 1;", "", "DROP POLICY pol ON t; DROP SEQUENCE sq; DROP MATERIALIZED VIEW mv", MigrationState.Pending },
        { "CREATE TABLE \"Weird \"\"Name\" (id int);", "", "DROP TABLE \"Weird \"\"Name\"", MigrationState.Pending },
        // What a later version takes away says nothing of an earlier one.
        { "CREATE TABLE a (id int);", "DROP TABLE a;", "SELECT 1", MigrationState.InDoubt },
        { "CREATE TABLE a (id int);", "ALTER TABLE a RENAME TO a2;", "SELECT 1", MigrationState.InDoubt },
        { "CREATE TABLE a (id int);", "DO $$ BEGIN EXECUTE 'DROP TABLE a'; END $$;", "SELECT 1", MigrationState.InDoubt },
        { "CREATE TABLE a (id int);", "ALTER TABLE a ADD COLUMN b int;", "DROP TABLE a", MigrationState.Pending },
        { "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';", "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';", "SELECT 1", MigrationState.InDoubt },
        // So does what the step itself takes away again.
        { "CREATE TABLE a (id int); DROP TABLE a; CREATE TABLE b (id int);", "", "DROP TABLE b", MigrationState.Pending },
        { "CREATE TABLE a (id int); DROP TABLE a;", "", "SELECT 1", MigrationState.InDoubt },
        { "CREATE TEMP TABLE a (id int);", "", "SELECT 1", MigrationState.InDoubt },
    };

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task The_catalog_decides(string up, string later, string then, MigrationState expected)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA other; CREATE TABLE t (id int); CREATE SCHEMA hdb_catalog; CREATE TABLE hdb_catalog.schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);");
        using var project = new TestProject(2).Add(1, up);
        if (later.Length > 0)
        {
            project.Add(2, later);
        }

        await project.RunAsync(database.ConnectionString);
        await database.ExecuteAsync($"{then}; DELETE FROM hdb_catalog.schema_migrations WHERE version = 1");

        Assert.Equal(expected, (await project.StatusAsync(database.ConnectionString))[0].Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_version_in_doubt_blocks_only_what_touches_it(bool isDirect)
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect);
        await place.Database.ExecuteAsync("CREATE TABLE t (id int)");
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);", "DROP TABLE a;").Add(2, "INSERT INTO t VALUES (1);", "DELETE FROM t;").Add(3, "CREATE TABLE c (id int);", "DROP TABLE c;");
        await place.RunAsync(project);
        await place.Database.ExecuteAsync("UPDATE hdb_catalog.hdb_version SET cli_state = cli_state #- '{migrations,default,2}'");
        project.Add(4, "CREATE TABLE d (id int);", "DROP TABLE d;");

        var (migrations, findings) = await place.StatusWithFindingsAsync(project);
        Assert.Equal([MigrationState.Applied, MigrationState.InDoubt, MigrationState.Applied, MigrationState.Pending], migrations.Select(m => m.Status));
        var finding = Assert.Single(findings, f => f.Id == "StateInDoubt");
        Assert.Equal((2L, FindingSeverity.Warning), (finding.Version, finding.Severity));
        Assert.Contains("Repair-HasuraMigration -Version 2 -As RolledBack", finding.RecommendedAction);

        Assert.Equal([4L], (await place.RunAsync(project)).Results.Select(r => r.Version));
        Assert.Equal([4L], (await place.RunAsync(project, new MigrationGoal.Last(1))).Results.Select(r => r.Version));
        Assert.Equal([3L], (await place.RunAsync(project, new MigrationGoal.Exactly([3], MigrationDirection.Down))).Results.Select(r => r.Version));
        MigrationGoal[] blocked = [new MigrationGoal.Last(1), new MigrationGoal.DownTo(1), new MigrationGoal.Exactly([2], MigrationDirection.Up), new MigrationGoal.Exactly([1], MigrationDirection.Down), new MigrationGoal.To(2)];
        foreach (var goal in blocked)
        {
            var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => place.RunAsync(project, goal));
            Assert.Contains(error.Findings, f => f.Id == "StateInDoubt" && f.Version == 2 && f.RecommendedAction!.Contains("-Version 2 -As RolledBack", StringComparison.Ordinal));
        }

        await place.RepairAsync(project, MigrationRepair.AsApplied, 2);
        Assert.Equal("1,2", await place.StateAsync(3));
    }

    [Theory]
    [InlineData(true, "cli_state - 'migrations'")]
    [InlineData(false, "cli_state #- '{migrations,default}'")]
    [InlineData(true, "cli_state, hasura_uuid = gen_random_uuid()")]
    public async Task A_record_without_an_entry_or_of_another_instance_is_rewritten_with_a_warning(bool isDirect, string change)
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect);
        using var project = new TestProject().Add(1, "SELECT 1;").Add(2, "CREATE TABLE b (id int);");
        await place.RunAsync(project);
        await place.Database.ExecuteAsync($"UPDATE hdb_catalog.hdb_version SET cli_state = {change}");
        await place.Database.ExecuteAsync("UPDATE hdb_catalog.hdb_version SET cli_state = cli_state #- '{migrations,default}'");

        var (migrations, findings) = await place.StatusWithFindingsAsync(project);
        Assert.All(migrations, m => Assert.Equal(MigrationState.Applied, m.Status));
        Assert.Equal(FindingSeverity.Warning, Assert.Single(findings, f => f.Id == "StateRewritten").Severity);
        Assert.Empty((await place.RunAsync(project)).Results);
        Assert.Equal("1,2", await place.StateAsync(3));
    }

    [Fact]
    public async Task A_server_without_the_tables_of_a_project_gets_them_with_the_first_migration()
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect: true);
        using var project = new TestProject(2).Add(1, "CREATE TABLE a (id int);");

        await place.RunAsync(project);

        Assert.Equal("1", await place.StateAsync(2));
    }

    [Fact]
    public async Task The_first_run_without_a_catalog_warns_once_and_names_the_parameter()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);");

        var first = await project.RunAsync(database.ConnectionString);
        project.Add(2, "CREATE TABLE b (id int);");
        var second = await project.RunAsync(database.ConnectionString);

        Assert.Contains("-MetadataConnectionString", Assert.Single(first.Findings, f => f.Id == "MetadataDatabaseUnknown").RecommendedAction);
        Assert.DoesNotContain(second.Findings, f => f.Id == "MetadataDatabaseUnknown");
    }

    [Fact]
    public async Task The_catalog_is_looked_for_in_the_other_databases_of_the_project()
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect: true);
        await using var second = await server.CreateDatabaseAsync();
        await place.Database.ExecuteAsync("""UPDATE hdb_catalog.hdb_version SET cli_state = '{"migrations": {"second": {"1": false}}, "settings": {"migration_mode": "true"}, "isStateCopyCompleted": true}'""");
        using var project = new TestProject()
            .Write("migrations/second/1_m/up.sql", "INSERT INTO t VALUES (1);").Write("migrations/second/2_m/up.sql", "CREATE TABLE b (id int);").Write("migrations/default/9_m/up.sql", "SELECT 1;");
        var opened = project.Open();
        var resolver = new ConnectionResolver(opened, new ConnectionRequest { ConnectionStrings = new Dictionary<string, string> { ["default"] = place.Database.ConnectionString, ["second"] = second.ConnectionString } }, 1);
        await using var target = MigrationTargets.Open(resolver.Resolve(opened.Database("second")), "second", 3);
        var runner = new MigrationRunner(MigrationSource.Scan(opened, opened.Database("second")), target);

        Assert.Equal([MigrationState.Applied, MigrationState.Pending], (await runner.StatusAsync(CancellationToken.None)).Migrations.Select(m => m.Status));
        var observer = new RecordingObserver();
        await runner.RunAsync(new MigrationGoal.AllPending(), new PlanOptions(), new RunOptions(), null, observer, CancellationToken.None);

        Assert.Equal([2L], observer.Results.Select(r => r.Version));
        Assert.Equal("1,2", await place.Database.ScalarAsync<string>("SELECT string_agg(k, ',' ORDER BY k) FROM hdb_catalog.hdb_version, jsonb_object_keys(cli_state #> '{migrations,second}') k"));
    }
}
