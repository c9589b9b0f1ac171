using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;
using static HasuraMigrations.Engine.Tests.Support.Plans;

namespace HasuraMigrations.Engine.Tests.Migrations;

public sealed class MigrationPlannerTests
{
    private const string Directive = "-- hasura:no-transaction\n";
    private const string Long = Directive + "SELECT 1;\nSELECT 2;\nSELECT 3;\n";

    private static readonly MigrationGoal Undo = new MigrationGoal.Last(1);

    [Theory]
    [InlineData(false, false, FindingSeverity.Error)]
    [InlineData(true, false, FindingSeverity.Warning)]
    [InlineData(false, true, FindingSeverity.Warning)]
    public void Given_a_changed_up_it_stops_unless_allowed_or_going_down(bool allow, bool down, FindingSeverity severity)
    {
        var row = RowOf(Migration(1, "SELECT 1;", "SELECT -1;"));
        var source = Source((1, "SELECT 1; -- changed", "SELECT -1;"));

        var plan = Plan(source, Ledger(row), down ? Undo : null, new PlanOptions { AllowChanged = allow });

        Assert.Equal(["MigrationChanged"], plan.Ids(severity));
    }

    [Fact]
    public void Given_an_applied_up_that_is_gone_or_was_assumed_it_counts_as_changed_too()
    {
        var row = RowOf(Migration(1, "SELECT 1;", "SELECT -1;"));

        Assert.Equal(["MigrationChanged"], Plan(Source((1, null, "SELECT -1;")), Ledger(row)).Ids(FindingSeverity.Error));
        Assert.Equal(["MigrationChanged"], Plan(Source((1, "SELECT 2;", "SELECT -1;")), Ledger(row with { IsChecksumAssumed = true })).Ids(FindingSeverity.Error));
        Assert.Empty(Plan(Versions(1), Ledger(row with { IsChecksumAssumed = true })).Ids(FindingSeverity.Error));
        Assert.DoesNotContain(Plan(Source((1, "SELECT 1;\r\n", null)), Ledger(RowOf(Migration(1, "SELECT 1;\n", null)))).Findings, f => f.Id != "StateStoreMissing");
    }

    [Theory]
    [InlineData("SELECT -2;")]
    [InlineData(null)]
    public void Given_a_changed_down_it_is_information(string? down)
    {
        var row = RowOf(Migration(1, "SELECT 1;", "SELECT -1;"));

        Assert.Equal(["DownChanged"], Plan(Source((1, "SELECT 1;", down)), Ledger(row)).Ids(FindingSeverity.Information));
    }

    [Fact]
    public void Given_an_applied_version_without_files_it_is_told_and_going_down_is_refused_unless_allowed()
    {
        Assert.Equal(["MigrationFileMissing"], Plan(Versions(1), Applied(1, 2)).Ids(FindingSeverity.Warning));

        var refused = Plan(Versions(1), Applied(1, 2), Undo);
        Assert.Equal(["DownMissing"], refused.Ids(FindingSeverity.Error));

        var allowed = Plan(Versions(1), Applied(1, 2), Undo, new PlanOptions { AllowEmptyDown = true });
        Assert.Empty(allowed.Ids(FindingSeverity.Error));
        Assert.Equal(("m2", 0), (allowed.Migrations[0].Name, allowed.Migrations[0].Steps.Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Given_a_down_step_that_the_record_cannot_keep_the_plan_is_refused(bool isRecordOnly)
    {
        using var project = new TestProject();
        var path = Path.Combine(project.Directory, "down.sql");
        File.WriteAllBytes(path, [.. "-- one\n-- "u8, 0xE9]);
        var source = new MigrationSource("default", [new SourceMigration(1, "a", project.Directory, [new SourceStep(MigrationStepKind.UpSql, StepText.Of("SELECT 1;")), new SourceStep(MigrationStepKind.DownSql, path)])], []);

        var plan = Plan(source, Ledger(), options: new PlanOptions { IsRecordOnly = isRecordOnly });

        var finding = Assert.Single(plan.Findings, f => f.Severity == FindingSeverity.Error);
        Assert.Equal(("FileEncodingInvalid", path, 2, 1L), (finding.Id, finding.File, finding.Line, finding.Version));
        Assert.Equal(isRecordOnly ? 0 : 1, plan.Migrations.Single().Steps.Count);
        // A rollback of its record alone does not read it.
        Assert.Empty(Plan(source, Applied(1), Undo, new PlanOptions { IsRecordOnly = true }).Ids(FindingSeverity.Error));
    }

    [Fact]
    public void Given_no_down_step_it_is_refused_unless_allowed()
    {
        var source = Source((1, "SELECT 1;", null));

        Assert.Equal(["DownMissing"], Plan(source, Applied(1), Undo).Ids(FindingSeverity.Error));
        Assert.Equal(["DownMissing"], Plan(source, Applied(1), Undo, new PlanOptions { AllowEmptyDown = true }).Ids(FindingSeverity.Warning));
    }

    [Theory]
    [InlineData(true, "SELECT 'stored';")]
    [InlineData(false, "SELECT -1;")]
    public void Given_stored_texts_they_are_used_when_told_to(bool fromHistory, string expected)
    {
        var stored = new Dictionary<long, SourceMigration> { [1] = Migration(1, "SELECT 1;", "SELECT 'stored';") };

        var plan = new MigrationPlanner(Versions(1), Applied(1), new PlanOptions { FromHistory = fromHistory }, stored).Plan(Undo);

        Assert.Equal(expected, plan.Migrations[0].Steps[0].Script.Text);
    }

    [Fact]
    public void Given_stored_texts_a_version_without_files_goes_down()
    {
        var stored = new Dictionary<long, SourceMigration> { [2] = Migration(2, "SELECT 2;", "SELECT 'stored';") };

        var plan = new MigrationPlanner(Versions(1), Applied(1, 2), new PlanOptions { FromHistory = true }, stored).Plan(Undo);

        Assert.Empty(plan.Ids(FindingSeverity.Error));
        Assert.Single(plan.Migrations[0].Steps);
    }

    [Fact]
    public void Given_several_errors_all_are_told_together()
    {
        var plan = Plan(Source((1, "VACUUM;", null), (2, "COPY t FROM STDIN;", null), (3, "SELECT $1; ROLLBACK;", null)), Ledger());

        var error = Assert.Throws<HasuraMigrationException>(plan.ThrowIfRefused);

        Assert.Equal("PlanRefused", error.ErrorId);
        Assert.Equal(["NotInTransaction", "CopyNotSupported", "SqlParameter", "TransactionControl"], error.Findings.Select(f => f.Id));
        Assert.All(error.Findings, f => Assert.Contains(f.Message, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Given_errors_of_one_kind_their_id_is_used()
    {
        var one = Assert.Throws<HasuraMigrationException>(Plan(Source((7, "VACUUM;", null)), Ledger()).ThrowIfRefused);
        var many = Assert.Throws<HasuraMigrationException>(Plan(Source([.. Enumerable.Range(1, 25).Select(v => ((long)v, (string?)"VACUUM;", (string?)null))]), Ledger()).ThrowIfRefused);

        Assert.Equal(("NotInTransaction", (object)7L), (one.ErrorId, one.Target!));
        Assert.Equal(("NotInTransaction", (object)"default"), (many.ErrorId, many.Target!));
        Assert.Equal(25, many.Findings.Count);
        Assert.Contains("5 more", many.Message, StringComparison.Ordinal);
        Plan(Versions(1, 2), Ledger()).ThrowIfRefused();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public void Given_an_interrupted_up_it_is_resumed(int finished)
    {
        var plan = Plan(Source((1, Long.Replace("\n", "\r\n"), null), (2, "SELECT 1;", null)), Ledger(Interrupted(1, Long, finished)));

        Assert.Empty(plan.Ids(FindingSeverity.Error));
        Assert.Equal([finished, 0], plan.Migrations.Select(m => m.ResumeAfter));
        Assert.Equal([false, true], plan.Migrations.Select(m => m.IsTransactional));
    }

    [Fact]
    public void Given_an_interrupted_run_without_transactions_its_own_blocks_stay_on_resume()
    {
        const string Text = "BEGIN; SELECT 1; COMMIT; SELECT 2;";

        var migration = Plan(Source((1, Text, null)), Ledger(Interrupted(1, Text, 3))).Migrations[0];

        Assert.Equal((3, false), (migration.ResumeAfter, migration.IsTransactional));
        Assert.Equal(4, migration.Steps[0].Statements.Count());
    }

    [Theory]
    [InlineData(Directive + "SELECT 9;\nSELECT 2;\nSELECT 3;\n", "ResumeChanged")]
    [InlineData(Directive + "SELECT 1;\n", "ResumeChanged")]
    [InlineData(Directive + "SELECT 1;\nSELECT 2;\nSELECT 'rest';\n", null)]
    public void Given_a_change_since_the_interruption_only_the_finished_part_counts(string text, string? id) =>
        Assert.Equal(id is null ? [] : [id], Plan(Source((1, text, null)), Ledger(Interrupted(1, Long, 2))).Ids(FindingSeverity.Error));

    [Theory]
    [InlineData(1, "ResumeImpossible")]
    [InlineData(0, null)]
    public void Given_a_temporary_object_it_cannot_be_resumed(int finished, string? id)
    {
        const string Text = Directive + "CREATE TEMP TABLE t (a int);\nSELECT 2;\n";

        Assert.Equal(id is null ? [] : [id], Plan(Source((1, Text, null)), Ledger(Interrupted(1, Text, finished))).Ids(FindingSeverity.Error));
    }

    [Fact]
    public void Given_an_interrupted_version_that_is_not_part_of_the_run_it_is_refused()
    {
        var source = Source((1, Long, Long), (2, "SELECT 2;", "SELECT -2;"));

        Assert.Equal(["MigrationUnfinished"], Plan(source, Ledger(Interrupted(1, Long, 1), Row(2)), Undo).Ids(FindingSeverity.Error));
        Assert.Equal(["MigrationUnfinished"], Plan(source, Ledger(Interrupted(1, Long, 1)), new MigrationGoal.Exactly([2], MigrationDirection.Up)).Ids(FindingSeverity.Error));
        Assert.Equal(["MigrationUnfinished"], Plan(source, Ledger(Interrupted(1, Long, 1, MigrationDirection.Down))).Ids(FindingSeverity.Error));
        Assert.Equal([1], Plan(source, Ledger(Interrupted(1, Long, 1, MigrationDirection.Down)), Undo).Migrations.Select(m => m.ResumeAfter));
    }

    [Fact]
    public void Given_errors_of_the_ledger_they_stop_the_plan()
    {
        var state = new StateSnapshot { Kind = StateStoreKind.Table, Versions = new Dictionary<long, bool> { [1] = true }, IsMigrationModeOn = false };

        Assert.Equal(["MigrationDirty", "MigrationModeOff"], Plan(Versions(1, 2), Ledger(state)).Ids(FindingSeverity.Error));
    }
}
