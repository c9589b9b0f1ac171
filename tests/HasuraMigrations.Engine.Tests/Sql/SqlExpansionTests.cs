using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Sql;

public sealed class SqlExpansionTests(PostgresServer server)
{
    private static readonly Dictionary<string, string> Values = new()
    {
        ["a"] = "v",
        ["one"] = "-1",
        ["q"] = "it's \"a\" \\ b",
        ["n"] = "-12.5e3",
        ["s"] = "my schema",
        ["empty"] = "",
        ["type"] = "numeric(10,2)",
        ["nul"] = "a\0b",
        ["half"] = "a\ud800",
        ["long"] = new string('x', 64),
        ["open"] = "'a",
        ["comment"] = "1 -- a",
        ["block"] = "1 /* a",
        ["dollar"] = "a $$ b",
        ["tail"] = "a$",
        ["off"] = "standard_conforming_strings = off",
    };

    /// <summary>A file, and what becomes of it.</summary>
    public static TheoryData<string, string> Written => new()
    {
        { "SELECT ${a}, (${a})", "SELECT 'v', ('v')" },
        { "SELECT ${q}", @"SELECT  E'it''s ""a"" \\ b'" },
        { "SELECT '${q}'", @"SELECT 'it''s ""a"" \ b'" },
        { "SELECT E'${q}\\n'", @"SELECT E'it''s ""a"" \\ b\n'" },
        { "SELECT N'x' 'y'\n '${q}'", "SELECT N'x' 'y'\n 'it''s \"a\" \\ b'" },
        { "SELECT 'x' -- ${a}\n '${a}'", "SELECT 'x' -- ${a}\n 'v'" },
        { "SELECT \"${q}\"", @"SELECT ""it's """"a"""" \ b""" },
        { "SELECT ${s:identifier}.${a:identifier}", "SELECT \"my schema\".\"v\"" },
        { "SELECT 5-${n:number}", "SELECT 5- -12.5e3" },
        { "SELECT a::${type:raw}, t_${a:raw}_x", "SELECT a::numeric(10,2), t_v_x" },
        { "SELECT ${a:literal}, 'x ${a:literal} ${s:identifier}'", "SELECT 'v', 'x ''v'' \"my schema\"'" },
        { "SELECT $x$ ${q} ${dollar} $x$", "SELECT $x$ it's \"a\" \\ b a $$ b $x$" },
        { "SELECT '$${a} ${empty}|'", "SELECT '${a} |'" },
        { "-- ${a} ${nope}\nSELECT 1 /* ${a} */, ${a} -- ${nope\n", "-- ${a} ${nope}\nSELECT 1 /* ${a} */, 'v' -- ${nope\n" },
        { "DO $$ BEGIN -- ${a}\n RAISE NOTICE '${q}'; x := ${q}; EXECUTE $q$ '${a}' $q$; END $$", "DO $$ BEGIN -- ${a}\n RAISE NOTICE 'it''s \"a\" \\ b'; x :=  E'it''s \"a\" \\\\ b'; EXECUTE $q$ 'v' $q$; END $$" },
        { "CREATE FUNCTION ${s:identifier}.f() RETURNS text LANGUAGE sql AS $f$ SELECT ${a} $f$", "CREATE FUNCTION \"my schema\".f() RETURNS text LANGUAGE sql AS $f$ SELECT 'v' $f$" },
        { "CREATE OR REPLACE FUNCTION f() RETURNS text AS $f$ return ${a} $f$ LANGUAGE plpython3u", "CREATE OR REPLACE FUNCTION f() RETURNS text AS $f$ return v $f$ LANGUAGE plpython3u" },
        { "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT ${a:literal}'", "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT ''v'''" },
        { "SET standard_conforming_strings = off; SELECT '${q}'", "SET standard_conforming_strings = off; SELECT 'it''s \"a\" \\\\ b'" },
        { "SELECT 1;", "SELECT 1;" },
    };

    /// <summary>A file, the id of what is wrong, and where.</summary>
    public static TheoryData<string, string, int> Refused => new()
    {
        { "SELECT 1,\n  ${nope}", "VariableMissing", 12 },
        { "SELECT '${nul}'", "VariableValueInvalid", 8 },
        { "SELECT '${half}'", "VariableValueInvalid", 8 },
        { "SELECT ${empty:identifier}", "VariableValueInvalid", 7 },
        { "SELECT \"${empty}\"", "VariableValueInvalid", 8 },
        { "SELECT ${long:identifier}", "VariableValueInvalid", 7 },
        { "SELECT ${a:number}", "VariableValueInvalid", 7 },
        { "SELECT ${open:raw}", "VariableValueInvalid", 7 },
        { "SELECT ${comment:raw}", "VariableValueInvalid", 7 },
        { "SELECT ${block:raw}", "VariableValueInvalid", 7 },
        { "SELECT $$ ${dollar} $$", "VariableValueInvalid", 10 },
        { "SELECT $$ ${tail}$$", "VariableValueInvalid", 10 },
        { "DO $$ BEGIN x := ${dollar}; END $$", "VariableValueInvalid", 17 },
        { "SET ${off:raw}; SELECT '${q}'", "VariableValueInvalid", 24 },
        { "SELECT ${a:text}", "VariableSyntaxInvalid", 7 },
        { "SELECT ${ a }", "VariableSyntaxInvalid", 7 },
        { "SELECT '${1a}'", "VariableSyntaxInvalid", 8 },
        { "SELECT '${a'", "VariableSyntaxInvalid", 8 },
        { "SELECT x${a}", "VariablePlaceInvalid", 8 },
        { "SELECT E${a}", "VariablePlaceInvalid", 8 },
        { "SELECT ${a}${s}", "VariablePlaceInvalid", 7 },
        { "SELECT 'x'${a}", "VariablePlaceInvalid", 10 },
        { "SELECT ${a:raw}'x'", "VariablePlaceInvalid", 7 },
        { "SELECT '${a:raw}'", "VariablePlaceInvalid", 8 },
        { "SELECT U&'${a}'", "VariablePlaceInvalid", 10 },
        { "SELECT X'${a}'", "VariablePlaceInvalid", 9 },
        { "DO 'BEGIN x := ''${a}''; END'", "VariablePlaceInvalid", 17 },
    };

    [Theory]
    [MemberData(nameof(Written))]
    public void A_value_is_written_as_its_place_asks_for(string file, string expected) => Assert.Equal(expected, Expand(file).Text);

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_written_is_refused_where_it_stands(string file, string id, int index)
    {
        var problems = new List<SqlVariableProblem>();

        new SqlExpansion(SqlScript.Parse(file), (name, _) => Values.GetValueOrDefault(name), problems).Run();

        Assert.Equal((id, index), (problems[0].Id, problems[0].Index));
        Assert.All(problems, p => Assert.Equal(id, p.Id));
        Assert.DoesNotContain(problems, p => p.Message.Contains("it's", StringComparison.Ordinal));
    }

    [Fact]
    public void Positions_are_those_of_the_file()
    {
        var script = Expand("SELECT ${q},\n  '${s}' x, nope;\nSELECT ${a} ;");

        var first = script.Statements[0];
        Assert.Equal("2:13", $"{script.PositionOf(first.Text.IndexOf("nope", StringComparison.Ordinal))}");
        Assert.Equal("1:8", $"{script.PositionOf(first.Text.IndexOf("a\"", StringComparison.Ordinal))}");
        Assert.Equal(("SELECT ${q},\n  '${s}' x, nope", "SELECT ${a}"), (first.SourceText, script.Statements[1].SourceText));
        Assert.Equal(("3:1", "3:12"), ($"{script.Statements[1].Position}", $"{script.Statements[1].End}"));
        Assert.Equal("  '${s}' x, nope;", script.LineOf(first.Text.IndexOf("my", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_long_file_is_read_in_parts()
    {
        var file = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"INSERT INTO t VALUES ({i}, '${{q}}');\n"));

        var script = Expand(file);

        Assert.True(script.Content.IsLong);
        Assert.Equal(20_000, script.Statements.Count);
        Assert.Equal("INSERT INTO t VALUES (19999, 'it''s \"a\" \\ b')", script.Statements[^1].Text);
        Assert.Equal("20000:1", $"{script.Statements[^1].Position}");
    }

    [Theory]
    [InlineData("-- hasura:variables\nSELECT 1", true)]
    [InlineData("-- hasura:no-transaction\r\n\r\n  -- hasura:variables \r\nSELECT 1", true)]
    [InlineData("-- a\n-- b\n-- hasura:variables", true)]
    [InlineData("SELECT 1;\n-- hasura:variables", false)]
    [InlineData("/* a */\n-- hasura:variables", false)]
    [InlineData("--hasura:variables", false)]
    public void The_directive_is_a_line_among_the_first_comments(string file, bool isThere) => Assert.Equal(isThere, SqlScript.Parse(file).HasVariables);

    [Fact]
    public async Task A_server_reads_each_value_as_it_was_given()
    {
        await using var database = await server.CreateDatabaseAsync();
        string[] values = ["it's", "\\", "\\'", "'; DROP TABLE t; --", "\"", "$$", "${a}", "a\nb", "\\n", "E'x'", "ünï\U0001F600", ""];
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        foreach (var value in values)
        {
            Values["v"] = value;
            var sql = Expand("SELECT ${v}, '${v}', E'${v}', $x$${v:literal}$x$, 'a' -- ${v}\n'${v}'" + (value.Length > 0 ? ", 1 AS \"${v}\", 2 AS ${v:identifier}" : "")).Text;
            await using var reader = await new NpgsqlCommand(sql, connection).ExecuteReaderAsync(TestContext.Current.CancellationToken);
            Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
            Assert.Equal([value, value, value], Enumerable.Range(0, 3).Select(reader.GetString));
            Assert.Equal($"a{value}", reader.GetString(4));
            Assert.All(Enumerable.Range(5, reader.FieldCount - 5), i => Assert.Equal(value, reader.GetName(i)));
        }
    }

    [Fact]
    public async Task Random_values_of_signs_that_mean_something_are_read_as_they_were_given()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        string[] signs = ["'", "\"", "\\", "$", "$$", "$b$", "-", "--", "/*", "*/", "{", "}", "${v}", ";", ":", "\n", "E", "U&", " ", "a", "0", "ü"];
        var random = new Random(20261129);
        for (var round = 0; round < 300; round++)
        {
            Values["v"] = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => signs[random.Next(signs.Length)]));
            const string file = """
                CREATE OR REPLACE FUNCTION pg_temp.f() RETURNS text LANGUAGE plpgsql AS $body$ BEGIN RETURN ${v} || '${v}' || E'${v}'; -- ${v}
                END $body$;
                SELECT pg_temp.f(), 1-${one:number}, ${v}::text, '${v}', E'-${v}-', $text$${v}$text$ /* ${v} */;
                """;
            var sql = Expand(file).Text;
            await using var reader = await new NpgsqlCommand(sql, connection).ExecuteReaderAsync(TestContext.Current.CancellationToken);
            Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
            var v = Values["v"];
            Assert.Equal([v + v + v, v, v, $"-{v}-", v], new[] { 0, 2, 3, 4, 5 }.Select(reader.GetString));
        }
    }

    private static SqlScript Expand(string file)
    {
        var problems = new List<SqlVariableProblem>();
        var script = new SqlExpansion(SqlScript.Parse(file), (name, _) => Values.GetValueOrDefault(name), problems).Run();
        Assert.Empty(problems);
        return script;
    }
}
