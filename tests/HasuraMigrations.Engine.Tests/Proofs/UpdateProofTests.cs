using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Updating;

namespace HasuraMigrations.Engine.Tests.Proofs;

/// <summary>Converted migrations do what the old ones do, or the proof says how they differ; a replay gives the metadata.</summary>
public sealed class UpdateProofTests
{
    [Fact]
    public async Task A_replay_gives_the_metadata_and_the_SQL_is_proven()
    {
        await PostgresServer.NeedsDumpAsync();
        using var project = new TestProject(1);
        project.Add(1, "CREATE TABLE a (i int PRIMARY KEY, t text)", "DROP TABLE a")
            .Yaml(1, "up", "{type: track_table, args: a}", "{type: run_sql, args: {sql: ALTER TABLE a RENAME COLUMN t TO u}}", "{type: create_event_trigger, args: {name: e, table: a, webhook: 'http://x', insert: {columns: '*'}}}")
            .Yaml(2, "up", "{type: create_select_permission, args: {table: a, role: user, permission: {columns: [u], filter: {}}}}")
            .Yaml(3, "up", "{type: run_sql, args: {sql: 'ALTER TABLE a DROP COLUMN u', cascade: true}}");

        var replay = await RunAsync(project);

        var table = Assert.Single((replay.Metadata.Version == 3 ? replay.Metadata.Sources.Single() : replay.Metadata.Root)["tables"].AsObjects());
        Assert.Equal("a", table["table"]!["name"]!.ToString());
        Assert.Null(table["select_permissions"]);
        Assert.NotNull(table["event_triggers"]);
        Assert.DoesNotContain(replay.Findings, f => f.Severity > FindingSeverity.Information);
    }

    [Fact]
    public async Task What_fails_or_differs_is_named()
    {
        await PostgresServer.NeedsDumpAsync();
        using var project = new TestProject(1);
        project.Add(1, "CREATE TABLE a (i int)", "DROP TABLE a").Yaml(1, "up", "{type: run_sql, args: {sql: INSERT INTO a VALUES (1)}}");
        var converted = new MigrationConverter(project.Open()).Convert();
        SourceMigration Other(string up) => converted.New.Migrations[0] with { Steps = [new SourceStep(MigrationStepKind.UpSql, StepText.Of(up)), converted.New.Migrations[0].Steps[1]] };

        var other = await FailsAsync(converted with { New = new MigrationSource("default", [Other("CREATE TABLE a (i int); INSERT INTO a VALUES (2)")], []) });
        var failing = await FailsAsync(converted with { New = new MigrationSource("default", [Other("SELECT 1/0")], []) });
        project.Yaml(1, "up", "{type: run_sql, args: {sql: SELECT 1/0}}");
        var broken = await FailsAsync(new MigrationConverter(project.Open()).Convert());

        Assert.Equal(("UpdateNotEqual", "UpdateNotEqual", "UpdateNotProven"), (other.ErrorId, failing.ErrorId, broken.ErrorId));
        Assert.Contains("1 row(s) of public.a", other.Message);
        Assert.Contains("division by zero", failing.Message);
        Assert.Contains("migration 1 fails", broken.Message);
    }

    private static Task<UpdateReplay> RunAsync(TestProject project) =>
        new UpdateProof(new ProofOptions(), _ => { }).RunAsync(new MigrationConverter(project.Open()).Convert(), isCompared: true, TestContext.Current.CancellationToken);

    private static Task<HasuraMigrationException> FailsAsync(ConvertedMigrations migrations) =>
        Assert.ThrowsAsync<HasuraMigrationException>(() => new UpdateProof(new ProofOptions(), _ => { }).RunAsync(migrations, isCompared: true, TestContext.Current.CancellationToken));
}
