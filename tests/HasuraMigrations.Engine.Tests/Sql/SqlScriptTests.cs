using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Tests.Sql;

public class SqlScriptTests
{
    [Theory]
    [InlineData("select 1; select 2", "select 1", "select 2")]
    [InlineData("select ';'; select 'it''s;'", "select ';'", "select 'it''s;'")]
    [InlineData(@"select 'a\'; select 2", @"select 'a\'", "select 2")]
    [InlineData(@"select E'a\';b'; select 2", @"select E'a\';b'", "select 2")]
    [InlineData(@"select e'\\'; select 2", @"select e'\\'", "select 2")]
    [InlineData("select e'a'\n'b\\';c'; select 2", "select e'a'\n'b\\';c'", "select 2")]
    [InlineData("select e'a' -- x\n -- y\n 'b\\';c'; select 2", "select e'a' -- x\n -- y\n 'b\\';c'", "select 2")]
    [InlineData(@"select U&'\0061;' uescape '!'; select 2", @"select U&'\0061;' uescape '!'", "select 2")]
    [InlineData(@"select U&""a;""""b"", ""c;d"", b'0;', X'f;', N';'; x", @"select U&""a;""""b"", ""c;d"", b'0;', X'f;', N';'", "x")]
    [InlineData("select $$;$$; select $t$ $$;$$ $u$;$t$; x", "select $$;$$", "select $t$ $$;$$ $u$;$t$", "x")]
    [InlineData("select $ж1$;$ж1$; select a$b$; c$b$; x", "select $ж1$;$ж1$", "select a$b$", "c$b$", "x")]
    [InlineData("select $1$$;$$; select $1a; x", "select $1$$;$$", "select $1a", "x")]
    [InlineData("/* ; /* ; */ ; */ select 1 /* /*/ ;*/ ;*/; x", "select 1", "x")]
    [InlineData("select 1 -- ;\n; x -- y;", "select 1", "x")]
    [InlineData("select 1 -- ;\r+ 2; x", "select 1 -- ;\r+ 2", "x")]
    [InlineData("select 1 +--;\n 2; select 3 */*;*/ 4; x", "select 1 +--;\n 2", "select 3 */*;*/ 4", "x")]
    [InlineData("select @-5, a->>'x;', 1..2, .5, 1e-3; x", "select @-5, a->>'x;', 1..2, .5, 1e-3", "x")]
    [InlineData("create rule r as on insert to t do (a; b); x", "create rule r as on insert to t do (a; b)", "x")]
    [InlineData("a); b", "a)", "b")]
    [InlineData("a[1:2]; b", "a[1:2]", "b")]
    [InlineData("; ;; a;;", "a")]
    [InlineData("")]
    [InlineData(" -- only\n/* comments */ ")]
    public void CutsAtSemicolons(string text, params string[] expected) => Cuts(text, expected);

    [Theory]
    [InlineData("create function f() returns int begin atomic select 1; select case when a then 1 else 2 end; end; x")]
    [InlineData("create or replace procedure p() begin /* ; */ atomic insert into t values (1); end; x")]
    [InlineData("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT a.end, 1 AS case, begin FROM t; END; x")]
    [InlineData("create function begin() returns int language sql return 1; x")]
    [InlineData("create function f() returns int return case when true then 1 end; x")]
    [InlineData("create function f(a int default (1)) returns int as $$ begin; end $$ language plpgsql; x")]
    public void KeepsRoutineBodiesWhole(string text) => Cuts(text, text[..^3], "x");

    [Fact]
    public void TakesBeginAtomicElsewhereForWords() =>
        Cuts("create view v as begin atomic select 1; end; x", "create view v as begin atomic select 1", "end", "x");

    [Theory]
    [InlineData("set standard_conforming_strings = off; select 'a\\';b'; x", 3)]
    [InlineData("set standard_conforming_strings to 'off'; select 'a\\';b'; x", 3)]
    [InlineData("set session standard_conforming_strings to false; select 'a\\';b'; x", 3)]
    [InlineData("set \"standard_conforming_strings\" = 0; select 'a\\';b'; x", 3)]
    [InlineData("set standard_conforming_strings = off; reset standard_conforming_strings; select 'a\\'; x", 4)]
    [InlineData("set standard_conforming_strings = off; set standard_conforming_strings = default; select 'a\\'; x", 4)]
    [InlineData("set standard_conforming_strings = off; reset all; select 'a\\'; x", 4)]
    [InlineData("set local standard_conforming_strings = off; select 'a\\';b'; x", 3)]
    [InlineData("begin; set local standard_conforming_strings = off; commit; select 'a\\'; x", 5)]
    [InlineData("begin; set standard_conforming_strings = off; rollback; select 'a\\'; x", 5)]
    [InlineData("set standard_conforming_strings = off; select b'\\'; x", 3)]
    [InlineData("select 'set standard_conforming_strings = off'; select 'a\\'; x", 3)]
    public void FollowsStandardConformingStrings(string text, int statements) =>
        Assert.Equal(statements, SqlScript.Parse(text).Statements.Count);

    [Theory]
    [InlineData("a; select 'b; c", SqlUnterminatedKind.String, 10)]
    [InlineData("a; select E'b\\'; c", SqlUnterminatedKind.String, 10)]
    [InlineData("a; select \"b; c", SqlUnterminatedKind.QuotedIdentifier, 10)]
    [InlineData("a; select $x$b; $$ c", SqlUnterminatedKind.DollarString, 10)]
    [InlineData("a; select /* /* */ b; c", SqlUnterminatedKind.Comment, 10)]
    [InlineData("a; select (b(c); d", SqlUnterminatedKind.Parenthesis, 10)]
    [InlineData("a; create function f() begin atomic b; c", SqlUnterminatedKind.RoutineBody, 23)]
    public void ReportsWhatIsOpen(string text, SqlUnterminatedKind kind, int index)
    {
        var script = SqlScript.Parse(text);
        Assert.Equal(new SqlUnterminated(kind, index), script.Unterminated);
        Assert.Equal(2, script.Statements.Count);
        Assert.True(script.Statements[1].Has(SqlStatementTraits.Unterminated));
        Assert.False(script.Statements[0].Has(SqlStatementTraits.Unterminated));
    }

    [Fact]
    public void FlagsPiecesWithoutAStatement()
    {
        var script = SqlScript.Parse("-- a\nselect 1; ; -- end\n");
        Assert.Equal(
            [SqlPieceKind.Statement, SqlPieceKind.Empty, SqlPieceKind.Empty],
            script.Pieces.Select(piece => piece.Kind));
        Assert.Equal((0, 14), (script.Pieces[0].Start, script.Pieces[0].Length));
        Assert.Equal(script.Statements[0], script.Pieces[0].Statement);
        Assert.Null(script.Unterminated);
    }

    [Fact]
    public void SetsCopyDataApart()
    {
        var script = SqlScript.Parse("copy t from stdin;\r\nit's\t\\.x;\r\n\\.\r\nselect 1; copy t from stdin;\nselect 2;");
        Assert.Equal(
            [SqlPieceKind.Statement, SqlPieceKind.CopyData, SqlPieceKind.Statement, SqlPieceKind.Statement, SqlPieceKind.Statement],
            script.Pieces.Select(piece => piece.Kind));
        Assert.Equal("select 2", script.Statements[3].Text);
    }

    [Theory]
    [InlineData("a\nb", 2, 2, 1)]
    [InlineData("a\r\nb", 3, 2, 1)]
    [InlineData("a\r\nb", 2, 1, 3)]
    [InlineData("a\rb\r\rc", 5, 4, 1)]
    [InlineData("😀😀x", 4, 1, 3)]
    [InlineData("😀😀x", 3, 1, 2)]
    [InlineData("é\n\t😀x", 5, 2, 3)]
    [InlineData("", 0, 1, 1)]
    [InlineData("a\n", 2, 2, 1)]
    public void CountsLinesAndCodePoints(string text, int index, int line, int column) =>
        Assert.Equal(new SqlPosition(line, column), SqlScript.Parse(text).PositionOf(index));

    [Fact]
    public void CountsFarIntoALongLine()
    {
        var text = "x\n" + string.Concat(Enumerable.Repeat("ab😀", 5000)) + "z";
        Assert.Equal(new SqlPosition(2, 15001), SqlScript.Parse(text).PositionOf(text.Length - 1));
    }

    [Theory]
    [InlineData("select 1;\n select '😀' + x;", 2, 14, "x")]
    [InlineData("select 1;\n select '😀' + x;", 2, 8, "'")]
    [InlineData("select 1;\n select '😀' + x;", 2, 0, "s")]
    [InlineData("select 1;\n select '😀' + x;", 2, 99, ";")]
    public void MapsServerPositions(string text, int ordinal, int position, string expected)
    {
        var script = SqlScript.Parse(text);
        var index = script.IndexOfServerPosition(script.Statements[ordinal - 1], position);
        Assert.Equal(expected, text.Substring(index, 1));
    }

    [Theory]
    [InlineData("-- hasura:no-transaction", true)]
    [InlineData("-- hasura:no-transaction\r\nselect 1", true)]
    [InlineData("  -- hasura:no-transaction \nselect 1", true)]
    [InlineData("-- hasura:no-transaction x\n", false)]
    [InlineData("--hasura:no-transaction\n", false)]
    [InlineData("-- Hasura:no-transaction\n", false)]
    [InlineData("\n-- hasura:no-transaction\n", false)]
    [InlineData("", false)]
    public void FindsTheDirective(string text, bool expected) =>
        Assert.Equal(expected, SqlScript.Parse(text).HasNoTransactionDirective);

    [Fact]
    public void LooksAtTheFirst256BytesForTheDirective()
    {
        Assert.True(SqlScript.Parse(new string(' ', 232) + "-- hasura:no-transaction").HasNoTransactionDirective);
        Assert.False(SqlScript.Parse(new string(' ', 233) + "-- hasura:no-transaction").HasNoTransactionDirective);
    }

    [Fact]
    public void TakesTimeInProportionToHostileText()
    {
        string[] seeds = ["$a", "$$ $a$", "/*", "*/ /*", "'", "E'\\", "\"", "(", "+-", "-", "copy t from stdin;\n", "'a'\n", "\\x\n", "a.", "u&", "select set_config("];
        foreach (var seed in seeds)
        {
            var text = string.Concat(Enumerable.Repeat(seed, 1_000_000 / seed.Length));
            var script = SqlScript.Parse(text);
            Assert.Equal(text.Length, script.Pieces.Sum(piece => piece.Length));
        }
    }

    private static void Cuts(string text, params string[] expected)
    {
        var script = SqlScript.Parse(text);
        Assert.Equal(expected, script.Statements.Select(statement => statement.Text));
        Assert.Equal(text, string.Concat(script.Pieces.Select(piece => text.Substring(piece.Start, piece.Length))));
    }
}
