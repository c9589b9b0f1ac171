using System.Text;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Sql;

/// <summary>Texts to cut: the files of other people's projects, and random ones made of fragments that are hard to cut.</summary>
internal static class SqlSamples
{
    private static readonly string[] Fragments =
    [
        "select 1", "select 'a;b'", "'it''s;'", "E'\\';'", "e'\\\\'", "U&'\\0061;'", "U&\"a;b\"", "\"x\"\"y;\"", "B'01;'", "X'1F;'", "N'n;'",
        "'a\\'", "$$;$$", "$a$ ; $$ $b$ ' $a$", "$ж$;$ж$", "a$b$", "$1", "$1$$;$$", "$", "$a",
        "/* ; */", "/* /* ; */ ; */", "/*/ ; /*/ */ */", "/***/", "-- ; '\n", "--\n", "-- \" $$ /* \r\n",
        "+--;\n", "@/*;*/", "-", "->>", "<=", "*", "/", "=-", "1.5e-3", "1..2", ".5", "0x1F", "1_000", "[1:2]", "::text", ":=",
        "(", ")", "(a; b)", "( ( ; ) )", "create rule r as on insert to t do (select 1; select 2)",
        "create function f() returns int begin atomic select 1; end", "create or replace procedure p() begin /* x */ atomic",
        "create function f() returns int language sql return 1", "create function f() returns int", "begin atomic", "BEGIN ATOMIC",
        "case", "end", "case when 1 = 1 then 2 else 3 end", "create", "or replace", "function", "procedure", "table t",
        "😀", "'😀;'", "é", "\u00a0", "\"😀;\"", "commit", "rollback", "begin", "insert into t values (1)",
        ";", ";", ";", ";", ";\n", ";;", " ; ", "\n", "\r\n", "\r", "\t", " ", " ", " ", "\f",
    ];

    private static readonly string[] HalfOpen =
    [
        "'", "E'\\'", "U&'", "\"", "U&\"", "$$", "$a$", "/*", "/* /* */", "(", "B'", "create function f() begin atomic select 1;",
    ];

    /// <summary>A random text; an empty line never comes out of it.</summary>
    public static string Random(Random random)
    {
        var text = new StringBuilder();
        for (var left = random.Next(1, 25); left > 0; left--)
        {
            text.Append(random.Next(60) == 0 ? Pick(random, HalfOpen) : Pick(random, Fragments));
            text.Append(random.Next(3) == 0 ? "" : random.Next(6) == 0 ? "\n" : " ");
        }
        return text.ToString();
    }

    /// <summary>Files with SQL of the corpus of real projects; none where it is not there.</summary>
    public static IReadOnlyList<string> CorpusFiles() => SharedData.Find("corpus") is { } corpus
        ? [.. Directory.EnumerateFiles(corpus, "*.sql", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
        : [];

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
