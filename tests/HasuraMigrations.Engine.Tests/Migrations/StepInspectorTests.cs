using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using static HasuraMigrations.Engine.Tests.Support.Plans;

namespace HasuraMigrations.Engine.Tests.Migrations;

public sealed class StepInspectorTests
{
    private const string Directive = "-- hasura:no-transaction\n";

    /// <summary>Text, id, severity, line and column.</summary>
    public static TheoryData<string, string, FindingSeverity, int, int> Found => new()
    {
        { "SELECT 1;\n  VACUUM;", "NotInTransaction", FindingSeverity.Error, 2, 3 },
        { "CREATE INDEX CONCURRENTLY i ON t (a);", "NotInTransaction", FindingSeverity.Error, 1, 1 },
        { "SELECT 1;\nALTER SYSTEM SET work_mem = '1MB';", "NotInTransaction", FindingSeverity.Error, 2, 1 },
        { "-- c\nCREATE DATABASE d;", "NotInTransaction", FindingSeverity.Error, 2, 1 },
        { "SELECT 1;\nCOPY t FROM STDIN;", "CopyNotSupported", FindingSeverity.Error, 2, 1 },
        { "COPY t TO STDOUT;", "CopyNotSupported", FindingSeverity.Error, 1, 1 },
        { "SELECT 1;\n\\i other.sql\n", "PsqlCommand", FindingSeverity.Error, 2, 1 },
        { "SELECT\n  $1;", "SqlParameter", FindingSeverity.Error, 2, 3 },
        { "SELECT 1;\nSELECT 'a\0b';", "SqlContainsNul", FindingSeverity.Error, 2, 10 },
        { "SELECT 1;\nSELECT 'open;", "SqlUnterminated", FindingSeverity.Error, 2, 8 },
        { "SELECT \"open;", "SqlUnterminated", FindingSeverity.Error, 1, 8 },
        { "SELECT $x$ open;", "SqlUnterminated", FindingSeverity.Error, 1, 8 },
        { "SELECT 1; /* open", "SqlUnterminated", FindingSeverity.Error, 1, 11 },
        { "SET client_encoding = 'LATIN1';\nSELECT 'a';", "ForeignEncoding", FindingSeverity.Warning, 1, 1 },
        { "SELECT 1;\nSET client_encoding = 'LATIN1';\nSELECT 'ü';", "ForeignEncoding", FindingSeverity.Error, 2, 1 },
        { "ALTER TYPE e ADD VALUE 'x';\nINSERT INTO t VALUES ('x');", "EnumValueUsed", FindingSeverity.Warning, 1, 1 },
        { "ALTER TYPE e ADD VALUE 'it''s';\nINSERT INTO t VALUES ('it''s');", "EnumValueUsed", FindingSeverity.Warning, 1, 1 },
        { "ROLLBACK;", "TransactionControl", FindingSeverity.Error, 1, 1 },
    };

    [Theory]
    [MemberData(nameof(Found))]
    public void Given_a_statement_that_would_fail_it_is_found_with_its_place(string up, string id, FindingSeverity severity, int line, int column)
    {
        using var project = new TestProject(2).Add(1, up);

        var plan = Plan(project.Scan(), Ledger());
        var finding = Assert.Single(plan.Findings, f => f.Id != "StateStoreMissing");

        Assert.Equal((id, severity, 1L), (finding.Id, finding.Severity, finding.Version));
        Assert.Equal((line, column), (finding.Line, finding.Column));
        Assert.Equal(Path.Combine(project.Migrations, "1_m", "up.sql"), finding.File);
    }

    [Theory]
    [InlineData("ALTER TYPE e ADD VALUE 'x';")]
    [InlineData("REFRESH MATERIALIZED VIEW CONCURRENTLY v;")]
    [InlineData("PREPARE p AS SELECT $1;")]
    [InlineData("CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT $1 $$;")]
    [InlineData("SAVEPOINT s; ROLLBACK TO s;")]
    [InlineData("SELECT '\\i';")]
    [InlineData("DO $$ BEGIN COMMIT; END $$;")]
    [InlineData(Directive + "VACUUM;")]
    [InlineData(Directive + "BEGIN; SELECT 1; ROLLBACK;")]
    public void Given_something_that_only_looks_bad_nothing_is_found(string up) =>
        Assert.DoesNotContain(PlanUp(up).Findings, f => f.Id != "StateStoreMissing");

    [Theory]
    [InlineData("BEGIN;\nSELECT 1;\nCOMMIT;", "", 1)]
    [InlineData("START TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1; SELECT 2; END;", "ISOLATION LEVEL SERIALIZABLE", 2)]
    [InlineData("-- c\nbegin isolation level repeatable read;\nSELECT 1;\ncommit work;", "isolation level repeatable read", 1)]
    [InlineData("SELECT 0; BEGIN; SELECT 1; COMMIT; SELECT 2; BEGIN; SELECT 3; COMMIT;", "", 4)]
    public void Given_blocks_of_begin_and_commit_our_transaction_takes_their_place(string up, string options, int statements)
    {
        var plan = PlanUp(up);
        var migration = Assert.Single(plan.Migrations);

        Assert.Empty(plan.Ids(FindingSeverity.Error));
        Assert.True(migration.IsTransactional);
        Assert.Equal(options, migration.TransactionOptions);
        Assert.Equal(statements, migration.Steps[0].Statements.Count());
        Assert.DoesNotContain(migration.Steps[0].Statements, s => s.IsTransactionControl);
    }

    [Theory]
    [InlineData("BEGIN; SELECT 1; ROLLBACK;", "TransactionControl")]
    [InlineData("BEGIN; SELECT 1; COMMIT AND CHAIN; SELECT 2; COMMIT;", "TransactionControl")]
    [InlineData("BEGIN; SELECT 1;", "TransactionUnfinished")]
    [InlineData("SELECT 1; COMMIT;", "TransactionControl")]
    [InlineData("BEGIN; BEGIN; COMMIT; COMMIT;", "TransactionControl")]
    [InlineData("BEGIN ISOLATION LEVEL SERIALIZABLE, read\n only; SELECT 1; COMMIT;", "TransactionReadOnly")]
    [InlineData("COMMIT; BEGIN;", "TransactionControl")]
    [InlineData("SELECT 1; BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 2; COMMIT;", "TransactionControl")]
    [InlineData("BEGIN; SELECT 1; PREPARE TRANSACTION 'p';", "TransactionControl")]
    public void Given_other_transaction_control_the_file_is_refused_at_the_first_statement_in_the_way(string up, string id) =>
        Assert.Equal([id], PlanUp(up).Ids(FindingSeverity.Error));

    [Fact]
    public void Given_no_transactions_at_all_nothing_is_merged()
    {
        var plan = PlanUp("BEGIN; SELECT 1; COMMIT; VACUUM;", MigrationTransactionMode.None);

        Assert.Empty(plan.Ids(FindingSeverity.Error));
        Assert.False(plan.Migrations[0].IsTransactional);
        Assert.Equal(4, plan.Migrations[0].Steps[0].Statements.Count());
    }

    [Fact]
    public void Given_one_transaction_for_all_the_directive_is_refused()
    {
        Assert.Equal(["NoTransactionInOneTransaction"], PlanUp(Directive + "VACUUM;", MigrationTransactionMode.All).Ids(FindingSeverity.Error));
        Assert.False(PlanUp(Directive + "VACUUM;").Migrations[0].IsTransactional);
    }

    [Fact]
    public void Given_one_transaction_for_all_the_modes_of_a_file_are_told_to_be_ignored() =>
        Assert.Equal(["TransactionModesIgnored"], PlanUp("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT;", MigrationTransactionMode.All).Ids(FindingSeverity.Warning));

    [Fact]
    public void Given_an_enum_value_added_in_one_file_and_used_in_another_it_matters_in_one_transaction_only()
    {
        var source = Source((1, "ALTER TYPE e ADD VALUE 'x';", null), (2, "SELECT 1;", null), (3, "INSERT INTO t VALUES ('x');", null));

        Assert.Empty(Plan(source, Ledger()).Ids(FindingSeverity.Warning));
        Assert.Equal(["EnumValueUsed"], Plan(source, Ledger(), options: new PlanOptions { TransactionMode = MigrationTransactionMode.All }).Ids(FindingSeverity.Warning));
    }

    [Theory]
    [InlineData("- type: [\n")]
    [InlineData("- type: clear_metadata\n  args: {}\n---\n- type: drop_inconsistent_metadata\n  args: {}\n")]
    public void Given_a_file_that_is_no_list_of_actions_it_is_told_once(string yaml)
    {
        using var project = new TestProject(1).Write("migrations/2_y/up.yaml", yaml);

        Assert.Equal(["MigrationYamlInvalid"], Plan(project.Scan(), Ledger()).Ids(FindingSeverity.Error));
    }

    [Fact]
    public void Given_files_that_cannot_be_read_as_sql_they_are_told()
    {
        using var project = new TestProject(1).Add(1, "\uFEFFSELECT 1;").Write("migrations/2_y/up.yaml", "- args: {}\n").Add(3, "");
        File.WriteAllBytes(Path.Combine(project.Migrations, "3_m", "up.sql"), [(byte)'\n', 0xFF]);

        var plan = Plan(project.Scan(), Ledger());

        Assert.Equal(["ByteOrderMark"], plan.Ids(FindingSeverity.Warning));
        Assert.Equal(["MigrationYamlInvalid", "FileEncodingInvalid"], plan.Ids(FindingSeverity.Error));
        Assert.Equal(2, plan.Findings.Single(f => f.Id == "FileEncodingInvalid").Line);
    }

    [Theory]
    [InlineData("-- nothing\n")]
    [InlineData(" \n;;")]
    [InlineData("/* a */")]
    public void Given_only_comments_an_up_is_a_warning_and_a_down_is_refused_unless_allowed(string text)
    {
        var source = Source((1, text, text));

        Assert.Equal(["StepCommentOnly"], Plan(source, Ledger()).Ids(FindingSeverity.Warning));
        Assert.Equal(["DownEmpty"], Plan(source, Applied(1), new MigrationGoal.Last(1)).Ids(FindingSeverity.Error));
        Assert.Equal(["DownEmpty"], Plan(source, Applied(1), new MigrationGoal.Last(1), new PlanOptions { AllowEmptyDown = true }).Ids(FindingSeverity.Warning));
    }
}
