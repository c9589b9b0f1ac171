using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Squashing;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Proofs;

/// <summary>A squashed migration does what its range does, or the proof says how it differs.</summary>
public sealed class SquashProofTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Objects_privileges_rows_and_changing_values_are_equal()
    {
        await PostgresServer.NeedsDumpAsync();
        using var project = new TestProject(2);
        project.Add(1, "CREATE TABLE base (i int PRIMARY KEY); CREATE ROLE of_base")
            .Add(2, "SET search_path = pg_catalog; CREATE TABLE public.a (id uuid DEFAULT gen_random_uuid(), at timestamptz DEFAULT now(), made timestamptz DEFAULT 'now' CHECK (made > '2000-01-01'), n serial, t text)", "DROP TABLE a")
            .Add(3, "INSERT INTO a (t) SELECT 'it''s, (x)' FROM generate_series(1, 3); GRANT SELECT ON a TO missing_role", "DELETE FROM a")
            .Add(4, "CREATE ROLE proof_role; GRANT INSERT ON a TO proof_role, of_base", "REVOKE INSERT ON a FROM proof_role, of_base; DROP ROLE proof_role")
            // Of a Hasura server.
            .Add(5, "CREATE VIEW events AS SELECT id FROM hdb_catalog.event_log UNION ALL SELECT id FROM hdb_catalog.hdb_scheduled_events", "DROP VIEW events");

        var proven = await ProveAsync(project, 2);

        Assert.Equal(5, proven.Migration.Version);
        Assert.Empty(proven.Findings);
    }

    [Theory]
    [InlineData("CREATE TABLE extra (i int);", "", "Created instead: 'CREATE TABLE public.extra")]
    [InlineData("UPDATE a SET t = 'other';", "", "1 row(s) of public.a (i, t) were expected, and 1 found; missing: '1, 'x''.")]
    [InlineData("ALTER TABLE a ALTER i SET DEFAULT '2';", "", "Not created: 'CREATE TABLE public.a (     i integer DEFAULT 1")]
    [InlineData("SELECT 1/0;", "", "its up step fails: 22012: division by zero (part of 3_m)")]
    [InlineData("GRANT SELECT ON a TO public;", "", "Created instead: 'GRANT SELECT")]
    [InlineData("", "CREATE TABLE left_over (i int);", "its down step leads to another database. Created instead: 'CREATE TABLE public.left_over")]
    [InlineData("", "SELECT 1/0;", "its down step fails: 22012: division by zero")]
    public async Task What_differs_is_named(string up, string down, string why)
    {
        await PostgresServer.NeedsDumpAsync();
        using var project = new TestProject(2);
        project.Add(1, "CREATE TABLE base (i int)").Add(2, "CREATE TABLE a (i int DEFAULT 1, t text)", "DROP TABLE a").Add(3, "INSERT INTO a VALUES (1, 'x')", "DELETE FROM a");
        var plan = project.Plan(2);
        var steps = plan.Migration.Steps.Select(s => new SourceStep(s.Kind, StepText.Of(s.Text.Text + (s.Direction == MigrationDirection.Up ? up : down))));

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => ProveAsync(plan with { Migration = plan.Migration with { Steps = [.. steps] } }, 2));

        Assert.Equal("SquashNotEqual", error.ErrorId);
        Assert.Contains(why, error.Message);
    }

    [Fact]
    public async Task What_fails_before_the_squash_is_no_proof()
    {
        await PostgresServer.NeedsDumpAsync();
        using var project = new TestProject(2);
        project.Add(1, "CREATE TABLE a (i int)").Add(2, "INSERT INTO missing VALUES (1)").Add(3, "CREATE TABLE c (i int)", "DROP TABLE c");

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => ProveAsync(project, 1));
        var proven = await ProveAsync(project, 1, new ProofOptions(SetupSql: "CREATE TABLE missing (i int)"));

        Assert.Equal("SquashNotProven", error.ErrorId);
        Assert.Contains("migration 2 fails in an empty database: relation \"missing\" does not exist", error.Message);
        Assert.EndsWith(Path.Combine("2_m", "up.sql"), error.File);
        Assert.Empty(proven.Findings);
    }

    [Fact]
    public async Task A_down_step_that_fails_both_ways_is_a_warning()
    {
        await PostgresServer.NeedsDumpAsync();
        using var project = new TestProject(2);
        project.Add(1, "CREATE TABLE a (i int)", "DROP TABLE no_such").Add(2, "CREATE TABLE b (i int)", "DROP TABLE b");

        var proven = await ProveAsync(project, 1);

        Assert.Equal(("DownFails", FindingSeverity.Warning, 1L), proven.Findings.Select(f => (f.Id, f.Severity, f.Version!.Value)).Single());
    }

    [Fact]
    public async Task An_enum_value_used_in_the_same_transaction_is_found_out()
    {
        await PostgresServer.NeedsDumpAsync();
        using var project = new TestProject(2);
        project.Add(1, "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE a (m mood)").Add(2, "ALTER TYPE mood ADD VALUE 'glad'").Add(3, "INSERT INTO a VALUES ('glad')");

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => ProveAsync(project, 2));

        Assert.Contains("unsafe use of new value \"glad\"", error.Message);
        Assert.Contains("part of 3_m", error.Message);
    }

    [Fact]
    public async Task Metadata_is_compared_and_merging_given_up_where_it_is_at_fault()
    {
        await PostgresServer.NeedsDumpAsync();
        using var project = new TestProject(1);
        project.Add(1, "CREATE TABLE t (i int); CREATE TABLE u (i int)", "DROP TABLE t; DROP TABLE u").Yaml(1, "up", "{type: track_table, args: t}", "{type: create_select_permission, args: {table: t, role: r, permission: {columns: [i], filter: {}}}}").Yaml(1, "down", "{type: untrack_table, args: {table: t, cascade: true}}")
            .Add(2, "ALTER TABLE t RENAME i TO j", "ALTER TABLE t RENAME j TO i")
            .Yaml(3, "up", "{type: track_table, args: u}", "{type: create_object_relationship, args: {table: u, name: t, using: {manual_configuration: {remote_table: t, column_mapping: {i: j}}}}}").Yaml(3, "down", "{type: untrack_table, args: {table: u}}");

        var plan = project.Plan(1);
        var proven = await ProveAsync(plan, 1);
        // Merging that left out too much.
        var wrong = plan.Migration with { Steps = [.. plan.Migration.Steps.Select(s => s.Kind == MigrationStepKind.UpYaml ? new SourceStep(s.Kind, StepText.Of(s.Text.Text.Replace("create_select_permission", "create_insert_permission", StringComparison.Ordinal).Replace("columns:", "check: {}\n      columns:", StringComparison.Ordinal))) : s)] };
        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => ProveAsync(plan with { Migration = wrong }, 1));
        var kept = await ProveAsync(plan with { Migration = wrong, Unmerged = plan.Migration }, 1);

        Assert.Empty(proven.Findings);
        Assert.Equal("SquashNotEqual", error.ErrorId);
        Assert.Contains("leads to other metadata", error.Message);
        Assert.Equal(["SquashActionsKept"], kept.Findings.Select(f => f.Id));
        Assert.Same(plan.Migration, kept.Migration);
    }

    private static Task<ProvenSquash> ProveAsync(TestProject project, long from, ProofOptions? options = null) => ProveAsync(project.Plan(from), 2, options);

    private static Task<ProvenSquash> ProveAsync(SquashPlan plan, int configVersion, ProofOptions? options = null) =>
        new SquashProof(options ?? new ProofOptions(), configVersion, _ => { }).ProveAsync(plan, "default", Token);
}
