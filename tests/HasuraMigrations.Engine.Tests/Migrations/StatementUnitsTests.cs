using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Tests.Support;
using static HasuraMigrations.Engine.Tests.Support.Plans;

namespace HasuraMigrations.Engine.Tests.Migrations;

/// <summary>A plan accounts for every statement of a file: it runs, or it is refused, or a warning says why it is skipped.</summary>
[Trait("Case", "1")]
public sealed class StatementUnitsTests
{
    private const string Directive = "-- hasura:no-transaction\n";

    public static TheoryData<string, string, string, int, int> Refused => new()
    {
        { "1.1", "create table kept(x int);\nBEGIN;\ncreate table lost(x int);\nthis is not even sql;", "TransactionUnfinished", 3, 1 },
        { "1.1", "START TRANSACTION;", "TransactionUnfinished", 2, 1 },
        { "1.2", "BEGIN;\ncreate table t2(x int);\nPREPARE TRANSACTION 'x';\nCOMMIT PREPARED 'x';\ncreate table after_it(x int);", "TransactionControl", 4, 1 },
        { "1.2", "PREPARE TRANSACTION 'x';", "TransactionControl", 2, 1 },
        { "1.3", "BEGIN;\ncreate table s2();\nCOMMIT AND CHAIN;\ncreate table s2b();\nROLLBACK;", "TransactionControl", 4, 1 },
        { "1.3", "BEGIN; select 1;\n  ROLLBACK AND CHAIN; COMMIT;", "TransactionControl", 3, 3 },
        { "1.3", "COMMIT AND CHAIN;", "TransactionControl", 2, 1 },
        { "1.5", "SET default_transaction_read_only = on;", "TransactionReadOnly", 2, 1 },
        { "1.5", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;", "TransactionReadOnly", 2, 1 },
        { "1.5", "BEGIN;\nselect 1;\nSET TRANSACTION READ ONLY;\nCOMMIT;", "TransactionReadOnly", 4, 1 },
        { "1.1", "SAVEPOINT a;", "TransactionControl", 2, 1 },
        { "1.1", "RELEASE a;", "TransactionControl", 2, 1 },
        { "1.1", "ROLLBACK TO SAVEPOINT a;", "TransactionControl", 2, 1 },
        { "1.1", "BEGIN;\nVACUUM;\nCOMMIT;", "NotInTransaction", 3, 1 },
        { "1.1", "BEGIN;\nCOMMIT PREPARED 'x';\nCOMMIT;", "NotInTransaction", 3, 1 },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_counted_is_refused_at_its_place(string number, string sql, string id, int line, int column)
    {
        var plan = PlanUp(Directive + sql);

        var finding = plan.Findings.First(f => f.Severity == FindingSeverity.Error);
        Assert.Equal((id, (int?)line, (int?)column), (finding.Id, finding.Line, finding.Column));
        Assert.False(string.IsNullOrEmpty(finding.RecommendedAction), number);
    }

    public static TheoryData<string, string> Accepted => new()
    {
        { "BEGIN ISOLATION LEVEL SERIALIZABLE; create table iso(); COMMIT;", "Counted:1-3:ISOLATION LEVEL SERIALIZABLE" },
        { "BEGIN; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; create table iso(); END;", "Counted:1-4:ISOLATION LEVEL SERIALIZABLE" },
        { "BEGIN READ ONLY; SELECT 1; COMMIT;", "Discarded:1-3:READ ONLY" },
        { "BEGIN READ ONLY, READ WRITE; SELECT 1; COMMIT;", "Counted:1-3:READ ONLY, READ WRITE" },
        { "BEGIN READ ONLY; SET TRANSACTION READ WRITE; create table t(); COMMIT;", "Counted:1-4:READ ONLY, READ WRITE" },
        { "BEGIN; create table a(); ABORT; select 1;", "Discarded:1-3:|Counted:4-4:" },
        { "BEGIN; SAVEPOINT a; create table a(); ROLLBACK TO a; BEGIN; COMMIT;", "Counted:1-6:" },
        { "select 1; VACUUM; DO $$BEGIN END$$;", "Counted:1-1:|Alone:2-2:|Alone:3-3:" },
        { "COMMIT PREPARED 'x';", "Alone:1-1:" },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Blocks_and_statements_become_units(string sql, string expected)
    {
        var units = StatementUnits.Cut(SqlScript.Parse(Directive + sql));

        Assert.Empty(units.Refused);
        Assert.Equal(expected, string.Join('|', units.Units.Select(u => $"{u.Kind}:{u.First.Ordinal}-{u.Last.Ordinal}:{u.Options}")));
    }

    [Fact]
    public void What_does_nothing_is_skipped_with_a_warning()
    {
        var plan = PlanUp(Directive + "COMMIT;\nselect 1;\nROLLBACK;\nSET TRANSACTION READ WRITE;\n\\restrict Abc9\nselect 2;\n\\unrestrict Abc9\n");

        Assert.Empty(plan.Ids(FindingSeverity.Error));
        Assert.Equal(["DumpGuardSkipped", "DumpGuardSkipped", "StatementSkipped", "StatementSkipped", "StatementSkipped"], plan.Ids(FindingSeverity.Warning).Order());
        Assert.Equal([2, 4, 5, 6, 8], plan.Findings.Where(f => f.Line is not null).Select(f => f.Line!.Value).Order());
    }

    [Theory]
    [InlineData("\\restrict Abc9\nselect 1;\n\\unrestrict Abc9\n", true)]
    [InlineData("\\restrict Abc9\r\nselect 1;\r\n\\unrestrict Abc9\r\n", true)]
    [InlineData("\\restrict\nselect 1;\n", false)]
    [InlineData("\\restrict a b\nselect 1;\n", false)]
    [InlineData("\\restricted Abc9\nselect 1;\n", false)]
    [InlineData("\\i other.sql\nselect 1;\n", false)]
    [InlineData("select 1\n\\restrict Abc9\n;", false)]
    public void Exactly_the_lines_of_a_dump_are_left_out(string sql, bool isTaken)
    {
        var plan = PlanUp(sql);

        Assert.Equal(isTaken ? [] : ["PsqlCommand"], plan.Ids(FindingSeverity.Error));
        Assert.Equal(isTaken, plan.Ids(FindingSeverity.Warning).Contains("DumpGuardSkipped"));
        if (isTaken)
        {
            Assert.Equal(["select 1"], plan.Migrations[0].Steps[0].Statements.Select(s => s.Text));
        }
    }

    public static TheoryData<string, string, bool> TransactionalFiles => new()
    {
        { "BEGIN; alter type t add value 'x'; COMMIT; BEGIN; update n set c='x'; COMMIT;", "TransactionControl", false },
        { "BEGIN; SET LOCAL search_path = a; create table t(); COMMIT; create table u();", "TransactionControl", true },
        { "BEGIN; create temp table t() on commit drop; COMMIT; create temp table t();", "TransactionControl", true },
        { "alter type t add value 'x'; COMMIT; BEGIN; update n set c='x';", "TransactionControl", false },
        { "BEGIN; select 1; ROLLBACK;", "TransactionControl", true },
        { "select 1; BEGIN; select 2;", "TransactionUnfinished", false },
        { "BEGIN READ ONLY; select 1; COMMIT;", "TransactionReadOnly", true },
        { "BEGIN READ /* */ ONLY; select 1; COMMIT;", "TransactionReadOnly", true },
        { "SET transaction_read_only = true; select 1;", "TransactionReadOnly", false },
        { "BEGIN; select 1; PREPARE TRANSACTION 'x';", "TransactionControl", false },
        { "BEGIN; select 1; COMMIT AND CHAIN; select 2; COMMIT;", "TransactionControl", false },
        { "select 1; BEGIN ISOLATION LEVEL SERIALIZABLE; select 2; COMMIT;", "TransactionControl", true },
    };

    [Theory]
    [MemberData(nameof(TransactionalFiles))]
    public void The_directive_is_advised_only_where_the_file_runs_with_it(string sql, string id, bool isAdvised)
    {
        var finding = Assert.Single(PlanUp(sql).Findings, f => f.Severity == FindingSeverity.Error);

        Assert.Equal(id, finding.Id);
        Assert.False(string.IsNullOrEmpty(finding.RecommendedAction));
        var helps = finding.RecommendedAction!.Contains(SqlScript.NoTransactionDirective, StringComparison.Ordinal);
        var runs = !PlanUp(Directive + sql).Ids(FindingSeverity.Error).Any();
        Assert.Equal(runs, helps);
        Assert.True(!isAdvised || helps);
    }

    [Theory]
    [InlineData("BEGIN; select 1; COMMIT;", "select 1", "")]
    [InlineData("BEGIN ISOLATION LEVEL SERIALIZABLE; SET TRANSACTION READ WRITE; select 1; COMMIT;", "select 1", "ISOLATION LEVEL SERIALIZABLE, READ WRITE")]
    [InlineData("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; select 1;", "select 1", "ISOLATION LEVEL REPEATABLE READ")]
    [InlineData("select 0; BEGIN; select 1; END; select 2;", "select 0,select 1,select 2", "")]
    public void Plain_blocks_are_merged_with_the_modes_of_the_first(string sql, string sent, string options)
    {
        var plan = PlanUp(sql);

        Assert.Empty(plan.Ids(FindingSeverity.Error));
        Assert.Equal(sent, string.Join(',', plan.Migrations[0].Steps[0].Statements.Select(s => s.Text)));
        Assert.Equal(options, plan.Migrations[0].TransactionOptions);
    }

    [Fact]
    public void Every_statement_of_random_files_is_accounted_for()
    {
        var random = new Random(20261128);
        for (var i = 0; i < 3000; i++)
        {
            var sql = BlockFiles.Random(random, "t");
            AssertAccounted(Directive + sql);
            AssertAccounted(sql);
        }
    }

    [Fact]
    public void Every_statement_of_the_sample_projects_is_accounted_for()
    {
        SharedData.Needs(Corpus.CorpusCase.Root is not null, "corpus");
        var files = Directory.EnumerateFiles(Corpus.CorpusCase.Root!, "*.sql", SearchOption.AllDirectories).ToList();

        foreach (var text in files.Select(File.ReadAllText))
        {
            AssertAccounted(text);
            AssertAccounted(Directive + text);
        }

        Assert.InRange(files.Count, 1000, int.MaxValue);
    }

    private static void AssertAccounted(string sql)
    {
        var plan = PlanUp(sql);
        if (plan.Ids(FindingSeverity.Error).Any())
        {
            return;
        }

        var step = plan.Migrations[0].Steps[0];
        var told = plan.Findings.Where(f => f.Id is "StatementSkipped" or "DumpGuardSkipped").Select(f => (f.Line, f.Column)).ToHashSet();
        var sent = plan.Migrations[0].IsTransactional
            ? step.Statements.Concat(step.Merged)
            : step.CutUnits().SelectMany(u => Enumerable.Range(u.First.Ordinal - 1, u.Last.Ordinal - u.First.Ordinal + 1).Select(i => step.Script.Statements[i]));
        Assert.Equal(
            step.Script.Statements.Select(s => s.Ordinal),
            sent.Concat(step.Script.Statements.Where(s => told.Contains((s.Position.Line, s.Position.Column)))).Select(s => s.Ordinal).Distinct().Order());
        var inBlocks = plan.Migrations[0].IsTransactional ? step.Script.Statements.Count - step.LeftOut.Distinct().Count() : step.CutUnits().Sum(u => u.Inner.Count);
        Assert.Equal(
            step.Script.Statements.Count(s => !s.Has(SqlStatementTraits.DumpGuard) && s.Class is not (SqlStatementClass.Begin or SqlStatementClass.Commit or SqlStatementClass.Rollback or SqlStatementClass.SetTransaction)),
            inBlocks - (plan.Migrations[0].IsTransactional ? step.Statements : step.CutUnits().SelectMany(u => u.Inner)).Count(s => s.Class is SqlStatementClass.Begin or SqlStatementClass.Commit or SqlStatementClass.Rollback or SqlStatementClass.SetTransaction));
    }
}
