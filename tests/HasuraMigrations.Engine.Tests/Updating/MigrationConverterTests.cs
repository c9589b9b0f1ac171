using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Updating;

namespace HasuraMigrations.Engine.Tests.Updating;

/// <summary>SQL of YAML steps comes into SQL files in the order in which it runs; what is no SQL is never dropped without a word.</summary>
public sealed class MigrationConverterTests
{
    private const string Track = "{type: track_table, args: a}";
    private const string Untrack = "{type: untrack_table, args: {table: a}}";

    [Fact]
    public void An_up_step_runs_its_file_first_and_a_down_step_last()
    {
        using var project = new TestProject(1);
        project.Add(1, "CREATE TABLE a (i int) -- first", "DROP TABLE a").Yaml(1, "up", Sql("INSERT INTO a VALUES (1)"), Track, $"{{type: bulk, args: [{Sql("INSERT INTO a VALUES (2);")}, {Track}]}}").Yaml(1, "down", Untrack, Sql("DELETE FROM a"));

        var converted = Convert(project);

        var migration = Assert.Single(converted.New.Migrations);
        Assert.Equal("CREATE TABLE a (i int); -- first\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n", migration.Text(MigrationStepKind.UpSql));
        Assert.Equal("DELETE FROM a;\nDROP TABLE a;\n", migration.Text(MigrationStepKind.DownSql));
        Assert.Equal((2, 2, false), Assert.Single(converted.Changed) is var c ? (c.Statements - 1, c.Actions, c.New is null) : default);
        Assert.True(converted is { HasActions: true, HasSql: true });
    }

    [Fact]
    public void SQL_of_an_action_is_taken_under_both_of_its_names()
    {
        using var project = new TestProject(1);
        project.Yaml(1, "up", "{type: pg_run_sql, args: {sql: SELECT 1}}");

        Assert.Contains("SELECT 1;", Assert.Single(Convert(project).New.Migrations).Text(MigrationStepKind.UpSql), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_SQL_in_YAML_stays_as_it_is()
    {
        using var project = new TestProject(1);
        project.Add(1, "CREATE TABLE a (i int)", "DROP TABLE a").Yaml(1, "up", Track).Yaml(1, "down", Untrack);
        var before = project.Scan().Migrations[0].Checksums();

        var migration = Assert.Single(Convert(project).New.Migrations);

        Assert.Equal([MigrationStepKind.UpSql, MigrationStepKind.DownSql], migration.Steps.Select(s => s.Kind));
        Assert.All(migration.Checksums(), c => Assert.Equal(before[c.Key], c.Value));
    }

    [Fact]
    public void Migrations_of_metadata_alone_are_removed_with_a_finding()
    {
        using var project = new TestProject(1);
        project.Add(1, "CREATE TABLE a (i int)").Yaml(2, "up", Track).Yaml(2, "down", Untrack);

        var converted = Convert(project);

        Assert.Equal([1L], converted.New.Migrations.Select(m => m.Version));
        var finding = Assert.Single(converted.Findings);
        Assert.Equal(("MigrationRemoved", FindingSeverity.Information, 2L), (finding.Id, finding.Severity, finding.Version));
        Assert.EndsWith("up.yaml", finding.File);
    }

    [Fact]
    public void A_version_keeps_an_up_step_and_can_still_be_rolled_back()
    {
        using var project = new TestProject(1);
        project.Yaml(1, "up", Sql("CREATE TABLE a (i int)")).Yaml(1, "down", Untrack)
            .Yaml(2, "up", Track).Yaml(2, "down", Sql("SELECT 2"))
            .Add(3, "CREATE TABLE c (i int)").Yaml(3, "down", Sql("DROP TABLE c"));

        var migrations = Convert(project).New.Migrations;

        Assert.Equal("SELECT 1;", Squashes.Bare(migrations[0].Text(MigrationStepKind.DownSql)));
        Assert.Equal(("SELECT 1;", "SELECT 2;"), (Squashes.Bare(migrations[1].Text(MigrationStepKind.UpSql)), Squashes.Bare(migrations[1].Text(MigrationStepKind.DownSql))));
        Assert.Equal("DROP TABLE c;", Squashes.Bare(migrations[2].Text(MigrationStepKind.DownSql)));
    }

    [Theory]
    [InlineData("SET search_path = x", "CREATE TABLE a (i int)", "SET search_path = x;\nRESET search_path;\nCREATE TABLE a (i int);\n")]
    [InlineData("BEGIN; CREATE TABLE a (i int); COMMIT;", "SELECT 1", "CREATE TABLE a (i int);\nSELECT 1;\n")]
    [InlineData("-- only a comment", "SELECT 1", "-- only a comment\nSELECT 1;\n")]
    public void What_a_file_leaves_in_the_session_ends_with_it(string file, string action, string expected)
    {
        using var project = new TestProject(1);
        project.Add(1, file).Yaml(1, "up", Sql(action));

        var text = Convert(project).New.Migrations[0].Text(MigrationStepKind.UpSql)!;

        Assert.Equal(expected, string.Concat(text.TrimEnd('\n').Split('\n').Select(l => l.Trim() + "\n")));
    }

    [Fact]
    public void A_comment_in_YAML_is_no_directive_of_the_file()
    {
        using var project = new TestProject(1);
        project.Yaml(1, "up", Sql("-- hasura:no-transaction\\nSELECT 1"));

        Assert.StartsWith("-- 1_m\n-- hasura:no-transaction\n", Convert(project).New.Migrations[0].Text(MigrationStepKind.UpSql));
    }

    [Theory]
    [InlineData("SELECT 1", "{type: insert, args: {table: a, objects: []}}", "UpdateNotConvertible", "changes rows")]
    [InlineData("SELECT 1", "{type: bulk, args: [{args: {sql: SELECT 2}}]}", "UpdateNotConvertible", "entries that are no actions")]
    [InlineData("SELECT 'open", "{type: run_sql, args: {sql: SELECT 2}}", "SqlUnterminated", "never closed")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1;", "{type: run_sql, args: {sql: SELECT 2}}", "UpdateNotConvertible", "left open")]
    [InlineData("-- hasura:variables\nSELECT 1", "{type: run_sql, args: {sql: SELECT 2}}", "UpdateNotConvertible", "variables")]
    [InlineData("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT;", "{type: run_sql, args: {sql: SELECT 2}}", "UpdateNotConvertible", "modes")]
    [InlineData("SELECT 1", "{type: run_sql, args: {sql: 'BEGIN; SELECT 2; COMMIT'}}", "TransactionControl", "transaction control")]
    [InlineData("SELECT 1", "{type: pg_run_sql, args: {sql: 'BEGIN; SELECT 2; COMMIT'}}", "TransactionControl", "transaction control")]
    public void What_cannot_be_converted_is_refused_with_its_place(string file, string action, string id, string why)
    {
        using var project = new TestProject(1);
        project.Add(7, file).Yaml(7, "up", action);

        var error = Assert.Throws<HasuraMigrationException>(() => Convert(project));

        var finding = Assert.Single(Finding.Of(error), f => f.Id == id);
        Assert.Contains(why, finding.Message);
        Assert.Equal(7, finding.Version);
        Assert.NotNull(finding.File);
        Assert.NotNull(finding.Line);
    }

    [Theory]
    [InlineData("{type: invoke_event_trigger, args: {name: x}}", "no file has it any more")]
    [InlineData("{type: not_known, args: {}}", "no file has it any more")]
    [InlineData("{type: run_sql, sql: SELECT 1}", "no text 'sql'")]
    public void What_no_file_can_have_is_a_warning(string action, string why)
    {
        using var project = new TestProject(1);
        project.Yaml(1, "up", Sql("SELECT 1"), action);

        var finding = Assert.Single(Convert(project).Findings);

        Assert.Equal(("ActionLeftOut", FindingSeverity.Warning, 3), (finding.Id, finding.Severity, finding.Line));
        Assert.Contains(why, finding.Message);
    }

    [Fact]
    public void Files_come_beside_those_that_they_replace()
    {
        using var project = new TestProject(1);
        project.Write("migrations/1_a.up.yaml", $"- {Sql("SELECT 1")}").Write("migrations/1_a.down.yaml", "[]")
            .Write("migrations/2_b/up.yaml", $"- {Sql("SELECT 2")}").Write("migrations/2_b/up.sql", "").Write("migrations/3_c.up.yaml", "[]");

        var converted = Convert(project);

        var files = converted.Changed.SelectMany(c => c.Files).Concat(converted.EmptyFiles).Select(f => $"{f.Kind} {Path.GetRelativePath(project.Migrations, f.Path).Replace('\\', '/')}").Order(StringComparer.Ordinal);
        Assert.Equal(["Delete 1_a.down.yaml", "Delete 1_a.up.yaml", "Delete 2_b/up.yaml", "Delete 3_c.up.yaml", "Write 1_a.up.sql", "Write 2_b/up.sql"], files);
    }

    private static string Sql(string sql) => "{type: run_sql, args: {sql: \"" + sql + "\"}}";

    private static ConvertedMigrations Convert(TestProject project) => new MigrationConverter(project.Open()).Convert();
}
