using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Squashing;

/// <summary>Files of SQL are joined so that each means what it meant alone, or the plan says why they cannot be.</summary>
public sealed class SquashPlannerTests
{
    [Fact]
    public void Pieces_stand_in_order_below_the_list_of_what_they_were()
    {
        using var project = new TestProject();
        project.Add(1, "CREATE TABLE a (i int);", "DROP TABLE a;", "one").Add(2, "CREATE TABLE b (i int);\n", "DROP TABLE b;\n", "two words");

        var migration = project.Plan(1).Migration;

        Assert.Equal((2L, "sq"), (migration.Version, migration.Name));
        Assert.Equal(
            $"""
            -- squashed by Merge-HasuraMigration from
            --   1_one/up.sql {StepText.Of("CREATE TABLE a (i int);").Checksum}
            --   2_two words/up.sql {StepText.Of("CREATE TABLE b (i int);\n").Checksum}

            -- 1_one
            CREATE TABLE a (i int);

            -- 2_two words
            CREATE TABLE b (i int);

            """,
            migration.Text(MigrationStepKind.UpSql),
            ignoreLineEndingDifferences: true);
        Assert.Equal("DROP TABLE b;\nDROP TABLE a;", Squashes.Bare(migration.Text(MigrationStepKind.DownSql)));
        Assert.Equal([(1L, "one"), (2L, "two words")], SquashManifest.Read(migration)!.Versions.Select(v => (v.Version, v.Name)));
    }

    [Fact]
    public void A_file_with_variables_is_not_joined_with_others()
    {
        using var project = new TestProject();
        project.Add(1, "SELECT '${a}';").Add(2, "-- hasura:variables\nSELECT ${a};");

        var failure = Assert.Throws<HasuraMigrationException>(() => project.Plan(1));

        var finding = Assert.Single(failure.Findings);
        Assert.Equal(("VariableNotSupported", 2L, 1), (finding.Id, finding.Version, finding.Line));
    }

    [Theory]
    [InlineData("SELECT 1", "SELECT 1;")]
    [InlineData("SELECT 1;", "SELECT 1;")]
    [InlineData("SELECT 1 -- end", "SELECT 1; -- end")]
    [InlineData("SELECT 1 -- end;", "SELECT 1; -- end;")]
    [InlineData("SELECT 1 /* ; */", "SELECT 1; /* ; */")]
    [InlineData("SELECT 1\n;\n\n", "SELECT 1\n;")]
    [InlineData("SELECT ';'", "SELECT ';';")]
    [InlineData("SELECT 1; -- no statement", "SELECT 1; -- no statement")]
    [InlineData("BEGIN; SELECT 1; COMMIT;", " SELECT 1; ")]
    [InlineData("BEGIN;\nSELECT 1;\nEND", "SELECT 1;")]
    [InlineData("\\restrict KEY\nSELECT 1;\n\\unrestrict KEY\n", "SELECT 1;")]
    public void The_last_statement_of_a_piece_ends_with_a_semicolon(string up, string piece)
    {
        using var project = new TestProject();
        project.Add(1, up).Add(2, "SELECT 2");

        Assert.Equal($"{piece}\nSELECT 2;", Squashes.Bare(project.Plan(1).Migration.Text(MigrationStepKind.UpSql)));
    }

    [Theory]
    [InlineData("SET search_path = app", "RESET search_path;")]
    [InlineData("SET LOCAL search_path = app", "RESET search_path;")]
    [InlineData("SELECT pg_catalog.set_config('search_path', '', false)", "RESET search_path;")]
    [InlineData("SET my.value = '1'", "RESET my.value;")]
    [InlineData("SET ROLE app; SET work_mem = '1MB'; SET SESSION AUTHORIZATION app", "RESET SESSION AUTHORIZATION;\nRESET ROLE;\nRESET work_mem;")]
    [InlineData("SET search_path = app; RESET search_path", "")]
    [InlineData("SET search_path = app; RESET ALL", "")]
    [InlineData("SET SESSION CHARACTERISTICS AS TRANSACTION DEFERRABLE", "RESET default_transaction_isolation;\nRESET default_transaction_read_only;\nRESET default_transaction_deferrable;")]
    [InlineData("DO $$ BEGIN PERFORM set_config('search_path', 'app', false); END $$", "RESET ALL;")]
    [InlineData("CREATE TEMP TABLE t (i int)", "DISCARD TEMP;")]
    [InlineData("PREPARE p AS SELECT 1", "DEALLOCATE ALL;")]
    [InlineData("SET CONSTRAINTS ALL DEFERRED", "SET CONSTRAINTS ALL IMMEDIATE;")]
    [InlineData("CREATE TABLE t (i int)", "")]
    public void What_a_piece_leaves_in_the_session_is_removed_before_the_next(string up, string removal)
    {
        using var project = new TestProject();
        project.Add(1, up).Add(2, "SELECT 2;");

        var text = Squashes.Bare(project.Plan(1).Migration.Text(MigrationStepKind.UpSql));

        Assert.Equal($"{up.TrimEnd(';')};\n{(removal.Length > 0 ? $"{removal}\n" : "")}SELECT 2;", text);
    }

    [Theory]
    [InlineData("-- hasura:no-transaction\nCREATE INDEX CONCURRENTLY ON a (i);", "SquashNoTransaction", 1)]
    [InlineData("SELECT 1;\nCREATE INDEX CONCURRENTLY ON a (i);", "NotInTransaction", 2)]
    [InlineData("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT;", "SquashNoTransaction", 1)]
    [InlineData("SET search_path = app;\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1;", "SquashNoTransaction", 2)]
    [InlineData("SELECT 1;\nCOMMIT;", "TransactionControl", 2)]
    [InlineData("SELECT 'open", "SqlUnterminated", 1)]
    [InlineData("SELECT 1;\nSELECT (1", "SqlUnterminated", 2)]
    [InlineData("SELECT 1;\n\\d", "PsqlCommand", 2)]
    public void What_cannot_be_joined_is_refused_with_its_place_and_what_to_do(string up, string id, int line)
    {
        using var project = new TestProject();
        project.Add(1, "SELECT 1;").Add(2, "SELECT 1;").Add(3, up).Add(4, "SELECT 1;").Add(5, "SELECT 1;");

        var error = Assert.Throws<HasuraMigrationException>(() => project.Plan(1));

        Assert.Equal((id, line), (error.ErrorId, error.Line));
        Assert.EndsWith(Path.Combine("3_m", "up.sql"), error.File);
        if (id is "SquashNoTransaction" or "NotInTransaction")
        {
            Assert.Contains("up to 2 (-To 2), and separately those from 4 (-From 4)", error.RecommendedAction);
        }
    }

    [Fact]
    public void An_enum_value_that_a_later_piece_uses_is_a_warning_with_its_place()
    {
        using var project = new TestProject();
        project.Add(1, "ALTER TYPE mood ADD VALUE 'glad';").Add(2, "SELECT 1;\nINSERT INTO t VALUES ('glad');");

        var finding = Assert.Single(project.Plan(1).Findings, f => f.Id == "EnumValueUsed");

        Assert.Equal((FindingSeverity.Warning, 2L, 2), (finding.Severity, finding.Version, finding.Line));
    }

    [Fact]
    public void Files_of_comments_alone_are_one_that_does_nothing()
    {
        using var project = new TestProject();
        project.Add(1, "-- one").Add(2, "-- two");

        var migration = project.Plan(1).Migration;

        Assert.Equal("SELECT 1;", Squashes.Bare(migration.Text(MigrationStepKind.UpSql)));
        Assert.Equal([1L, 2], SquashManifest.Read(migration)!.Versions.Select(v => v.Version));
    }

    [Fact]
    public void A_list_that_is_longer_than_a_part_of_a_long_text_is_read_whole()
    {
        var versions = Enumerable.Range(1, 20_000).Select(v => new SquashedVersion(v, "a name", new Dictionary<string, string> { ["up.sql"] = new string('a', 64) })).ToList();
        var text = new SquashManifest(versions).Text(isYaml: false) + "SELECT 1;\n" + new string(' ', 5 << 20);

        var read = SquashManifest.Read(new SourceMigration(1, "sq", "", [new SourceStep(MigrationStepKind.UpSql, StepText.Of(text))]));

        Assert.Equal(20_000, read!.Versions.Count);
        Assert.Equal((20_000L, "a name", 1), (read.Last, read.Versions[^1].Name, read.Versions[^1].Checksums.Count));
    }

    [Fact]
    public void Quotes_that_are_read_differently_behind_another_file_are_not()
    {
        using var project = new TestProject();
        project.Add(1, "SET standard_conforming_strings = off; SELECT 'it\\'s';").Add(2, "SELECT 'a\\'; SELECT 2;");

        var text = project.Plan(1).Migration.Text(MigrationStepKind.UpSql);

        Assert.Contains("RESET standard_conforming_strings;", text);
    }

    [Fact]
    public void A_missing_down_step_is_refused_or_noted()
    {
        using var project = new TestProject();
        project.Add(1, "SELECT 1;", "SELECT -1;").Add(2, "SELECT 2;").Add(3, "SELECT 3;", "-- nothing").Add(4, "SELECT 4;", "SELECT -4;");

        var error = Assert.Throws<HasuraMigrationException>(() => project.Plan(1, allowEmptyDown: false));
        var plan = project.Plan(1);

        Assert.Equal(["DownEmpty", "DownMissing"], error.Findings.Select(f => f.Id).Order());
        Assert.Equal(["DownEmpty", "DownMissing"], plan.Findings.Select(f => f.Id).Order());
        Assert.All(plan.Findings, f => Assert.Equal(FindingSeverity.Warning, f.Severity));
        Assert.Equal(
            "-- squashed by Merge-HasuraMigration\n\n-- 4_m\nSELECT -4;\n\n-- 3_m has only comments in its down step\n\n-- 2_m has no down step\n\n-- 1_m\nSELECT -1;\n",
            plan.Migration.Text(MigrationStepKind.DownSql));
    }

    [Fact]
    public void Without_any_down_step_there_is_none()
    {
        using var project = new TestProject();
        project.Add(1, "SELECT 1;").Add(2, "SELECT 2;");

        Assert.Equal([MigrationStepKind.UpSql], project.Plan(1).Migration.Steps.Select(s => s.Kind));
    }

    [Theory]
    [InlineData(7, null, "MigrationNotFound")]
    [InlineData(1, 7L, "MigrationNotFound")]
    [InlineData(3, 1L, "SquashRangeInvalid")]
    [InlineData(2, 2L, "SquashRangeInvalid")]
    [InlineData(3, null, "SquashRangeInvalid")]
    public void A_range_that_is_none_is_refused(long from, long? to, string id)
    {
        using var project = new TestProject();
        project.Add(1, "SELECT 1;").Add(2, "SELECT 2;").Add(3, "SELECT 3;");

        Assert.Equal(id, Assert.Throws<HasuraMigrationException>(() => project.Plan(from, to)).ErrorId);
    }

    [Fact]
    public void A_new_version_comes_only_behind_all_others()
    {
        using var project = new TestProject();
        project.Add(1, "SELECT 1;").Add(2, "SELECT 2;").Add(3, "SELECT 3;");

        Assert.True(project.Plan(1, keep: SquashVersion.New).Migration.Version > 1_700_000_000_000);
        Assert.Contains("such as 3", Assert.Throws<HasuraMigrationException>(() => project.Plan(1, 2, keep: SquashVersion.New)).Message);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData(" ")]
    public void A_name_that_is_none_is_refused(string name)
    {
        using var project = new TestProject();
        project.Add(1, "SELECT 1;").Add(2, "SELECT 2;");

        Assert.Equal("MigrationNameInvalid", Assert.Throws<HasuraMigrationException>(() => project.Plan(1, name: name)).ErrorId);
    }

    [Fact]
    public void Duplicates_and_migrations_without_an_up_step_are_refused()
    {
        using var project = new TestProject();
        project.Add(1, "SELECT 1;").Add(2, null, "SELECT 2;").Add(3, "SELECT 3;").Add(3, "SELECT 3;", name: "n");

        var error = Assert.Throws<HasuraMigrationException>(() => project.Plan(1));

        Assert.Equal("PlanRefused", error.ErrorId);
        Assert.Equal(["MigrationDuplicate", "UpMissing"], error.Findings.Select(f => f.Id).Order());
    }

    [Fact]
    public void A_squash_of_a_squash_lists_what_it_replaces_itself()
    {
        using var project = new TestProject();
        project.Add(1, "SELECT 1;").Add(2, "SELECT 2;").Add(3, "SELECT 3;");
        var first = project.Plan(1, 2);
        project.SquashFiles().Replace(first, project.Backup(first));

        var second = project.Plan(2).Migration;

        Assert.Equal([2L, 3], SquashManifest.Read(second)!.Versions.Select(v => v.Version));
        Assert.Equal("SELECT 1;\nSELECT 2;\nSELECT 3;", Squashes.Bare(second.Text(MigrationStepKind.UpSql)));
    }
}
